"""The configuration: read once, into a frozen `Settings` with both lists parsed."""

from __future__ import annotations

import glob
import os
import socket
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from oslo_config import cfg

from .conf import options
from .conf.checks import own_options
from .conf.listen import Listen
from .conf.near import unread
from .conf.neighbours import neighbours
from .conf.sources import old_names, values
from .conf.unreadable import unreadable
from .discovery.whitelist import parse_whitelist
from .errors import ConfigError
from .mapping.alias import parse_aliases
from .mapping.lint import lint_lists
from .model import Layout, PciAlias, Pooling, Problem, ProviderUuid, Severity, WhitelistEntry
from .model.config import Limits

PROJECT = "pci-placement"
READS = 5
"""How often a configuration may change while it is read, before that is an error."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator configured.

    neighbours warns of who gives devices of the same files away without Placement; the first pass
    of a host tells it. files are the configuration files in the order in which they count. conf is
    kept for the options of keystoneauth alone, which depend on the kind of authentication.
    """

    whitelist: tuple[WhitelistEntry, ...]
    aliases: tuple[PciAlias, ...]
    problems: tuple[Problem, ...]
    neighbours: tuple[Problem, ...]
    files: tuple[str, ...]
    root_provider_uuid: ProviderUuid | None
    root_provider_name: str
    create_root: bool
    state_dir: str
    unaliased: str
    layout: Layout
    settle_time: float
    limits: Limits
    enabled: bool
    sync_interval: float
    watch: bool
    remote_check_interval: float
    full_sync_interval: float
    pass_timeout: float
    cdi_dir: str
    metrics_file: str
    metrics_listen: Listen | None
    conf: cfg.ConfigOpts

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What the operator should hear about and nothing stops for."""
        return tuple(p for p in self.problems if p.severity is Severity.WARNING)


class _Lists(NamedTuple):
    """Both lists, and what is wrong with them."""

    whitelist: tuple[WhitelistEntry, ...]
    aliases: tuple[PciAlias, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class ConfigPath:
    """A file, or a folder of *.conf files, that the operator named."""

    path: str
    is_dir: bool = False


def load(paths: Sequence[ConfigPath] = ()) -> Settings:
    """Read the configuration; files that come later in `paths` win.

    Raises ConfigError with every problem of every file.
    """
    settings = read(paths)
    if any(problem.severity is Severity.ERROR for problem in settings.problems):
        raise ConfigError(settings.problems)
    return settings


def read(paths: Sequence[ConfigPath] = ()) -> Settings:
    """Read the configuration as `load` does, but hand errors in the lists back as values."""
    # a file that is named twice would have every entry twice
    files = tuple(dict.fromkeys(_files(list(paths) or _default_paths())))
    for _ in range(READS):
        before = _stamps(files)
        try:
            settings = _read(files)
        except ConfigError:
            if _stamps(files) == before:
                raise
        else:
            if _stamps(files) == before:
                return settings
    raise ConfigError([Problem("the configuration changed while it was read", "try again")])


def stamps(paths: Sequence[ConfigPath]) -> list[tuple[str, tuple[int, ...]]]:
    """What differs once the configuration below these paths was written, without reading it.

    Raises ConfigError as `load` does where a path is of the wrong kind.
    """
    files = tuple(_files(paths))
    return list(zip(files, _stamps(files), strict=True))


def _stamps(files: Iterable[str]) -> list[tuple[int, ...]]:
    """What differs once somebody has written a file: oslo.config reads them all, and then we do."""
    return [_stamp(file) for file in files]


def _stamp(file: str) -> tuple[int, ...]:
    try:
        found = os.stat(file)
    except (OSError, ValueError):
        return ()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _read(files: tuple[str, ...]) -> Settings:
    conf = cfg.ConfigOpts()
    options.register(conf)
    try:
        conf(
            args=[f"--config-file={file}" for file in files],
            project=PROJECT,
            default_config_files=[],
            default_config_dirs=[],
            use_env=False,  # what counts is in the files that config validate names
        )
        return _settings(conf, files)
    except (cfg.Error, OSError, ValueError, RecursionError) as error:
        raise ConfigError([unreadable(error, files)]) from error


def _default_paths() -> list[ConfigPath]:
    # they come twice where the program is called like the project
    files = dict.fromkeys(cfg.find_config_files(PROJECT))
    folders = dict.fromkeys(cfg.find_config_dirs(PROJECT))
    return [*map(ConfigPath, files), *(ConfigPath(path, is_dir=True) for path in folders)]


def _files(paths: Sequence[ConfigPath]) -> Iterator[str]:
    for path in paths:
        full = os.path.abspath(os.path.expanduser(path.path))
        if not path.is_dir:
            yield _file(full)
        elif os.path.isdir(full):
            yield from sorted(glob.glob(os.path.join(glob.escape(full), "*.conf")))
        else:
            raise ConfigError([Problem(f"{path.path} is not a folder", "check --config-dir")])


def _file(path: str) -> str:
    if os.path.isdir(path):
        raise ConfigError([Problem(f"{path} is a folder", "use --config-dir for folders")])
    return path


def _settings(conf: cfg.ConfigOpts, files: tuple[str, ...]) -> Settings:
    own, own_problems = own_options(conf, files)
    lists = _lists(conf, files)
    return Settings(
        whitelist=lists.whitelist,
        aliases=lists.aliases,
        problems=(*own_problems, *unread(files), *lists.problems),
        neighbours=tuple(neighbours(files, lists.whitelist)),
        files=files,
        conf=conf,
        **_as_settings(own),
    )


def _lists(conf: cfg.ConfigOpts, files: tuple[str, ...]) -> _Lists:
    entry_values = values(conf, files, options.pci_opts[0])
    alias_values = values(conf, files, options.pci_opts[1])
    whitelist, entry_problems = parse_whitelist(entry_values)
    aliases, alias_problems = parse_aliases(alias_values)
    problems = (
        *entry_problems,
        *alias_problems,
        *old_names(entry_values, options.pci_opts[0]),
        *old_names(alias_values, options.pci_opts[1]),
        *lint_lists(whitelist, aliases),
    )
    return _Lists(whitelist, aliases, problems)


def _as_settings(own: dict[str, Any]) -> dict[str, Any]:
    """The values of our own options as `Settings` has them, most of them as they are."""
    rest = dict(own)
    layout = Layout(Pooling(rest.pop("pooling")), rest.pop("pf_vf_exclusive"))
    limits = Limits(rest.pop("max_removals"), rest.pop("policy") == "sync")
    return rest | {
        "layout": layout,
        "limits": limits,
        "root_provider_name": own["root_provider_name"] or socket.gethostname(),
        "cdi_dir": own["cdi_dir"] or "",
        "metrics_file": own["metrics_file"] or "",
        "metrics_listen": own["metrics_listen"] or None,
    }
