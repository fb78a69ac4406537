"""The configuration: read once, into a frozen `Settings` with both lists parsed."""

from __future__ import annotations

import glob
import os
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from oslo_config import cfg

from . import options
from .advice import advise_lists
from .discovery.whitelist import parse_whitelist
from .errors import ConfigError
from .fields import OptionValue
from .mapping.alias import parse_aliases
from .model import Layout, PciAlias, Pooling, Problem, Severity, Source, WhitelistEntry

PROJECT = "pci-placement"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator configured.

    files are the configuration files in the order in which they count. conf is kept for the
    options of keystoneauth alone, which depend on the kind of authentication.
    """

    whitelist: tuple[WhitelistEntry, ...]
    aliases: tuple[PciAlias, ...]
    problems: tuple[Problem, ...]
    files: tuple[str, ...]
    root_provider_uuid: str | None
    root_provider_name: str
    create_root: bool
    state_dir: str
    unaliased: str
    layout: Layout
    settle_time: float
    conf: cfg.ConfigOpts

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What the operator should hear about and nothing stops for."""
        return tuple(p for p in self.problems if p.severity is Severity.WARNING)


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
    files = tuple(_files(list(paths) or _default_paths()))
    conf = cfg.ConfigOpts()
    options.register(conf)
    try:
        conf(
            args=[f"--config-file={file}" for file in files],
            project=PROJECT,
            default_config_files=[],
            default_config_dirs=[],
        )
        return _settings(conf, files)
    except (cfg.Error, OSError, ValueError) as error:
        raise ConfigError([_unreadable(error)]) from error


def _default_paths() -> list[ConfigPath]:
    files = [ConfigPath(path) for path in cfg.find_config_files(PROJECT)]
    return files + [ConfigPath(path, True) for path in cfg.find_config_dirs(PROJECT)]


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


def _unreadable(error: Exception) -> Problem:
    if isinstance(error, cfg.ConfigFileParseError):
        hint = "indent the continuation lines of a value, its closing brace included"
        return Problem(str(error).replace("\n", " "), hint)
    if isinstance(error, cfg.TemplateSubstitutionError):
        return Problem(str(error), "write $$ for a dollar sign")
    if isinstance(error, UnicodeDecodeError):
        return Problem(f"a configuration file is not UTF-8 text: {error}")
    return Problem(f"cannot read the configuration: {error}")


def _settings(conf: cfg.ConfigOpts, files: tuple[str, ...]) -> Settings:
    own = conf.pci_placement
    entry_values = _values(conf, files, options.pci_opts[0])
    alias_values = _values(conf, files, options.pci_opts[1])
    whitelist, entry_problems = parse_whitelist(entry_values)
    aliases, alias_problems = parse_aliases(alias_values)
    return Settings(
        whitelist=whitelist,
        aliases=aliases,
        problems=(
            *entry_problems,
            *alias_problems,
            *_old_names(entry_values, options.pci_opts[0]),
            *_old_names(alias_values, options.pci_opts[1]),
            *advise_lists(whitelist, aliases),
        ),
        files=files,
        root_provider_uuid=own.root_provider_uuid,
        root_provider_name=own.root_provider_name or socket.gethostname(),
        create_root=own.create_root,
        state_dir=own.state_dir,
        unaliased=own.unaliased,
        layout=Layout(Pooling(own.pooling), own.pf_vf_exclusive),
        settle_time=own.settle_time,
        conf=conf,
    )


def _values(conf: cfg.ConfigOpts, files: Sequence[str], option: cfg.Opt) -> list[OptionValue]:
    """Give the values of a multi-valued option of group [pci] their sources back.

    oslo.config forgets the file of each; its order is file by file, and within a file the
    deprecated names first, the last of them leading.
    """
    texts = conf.pci[option.name]
    places = [(str(d.group), str(d.name)) for d in reversed(option.deprecated_opts)]
    places.append(("pci", option.name))
    sources = [source for file in files for source in _sources(file, places)]
    return [OptionValue(s, text) for s, text in zip(sources, texts, strict=True)]


def _old_names(values: Sequence[OptionValue], option: cfg.Opt) -> Iterator[Problem]:
    """Note each deprecated name once a file; zun knows only one of them, so it stays a note."""
    name = f"[pci] {option.name}"
    old = {(v.source.file, v.source.option): v.source for v in values if v.source.option != name}
    for source in old.values():
        hint = f"nova calls it {name} (keep the old name in a file that zun reads as well)"
        yield Problem(f"{source.option} is deprecated", hint, source, Severity.NOTE)


def _sources(file: str, places: Sequence[tuple[str, str]]) -> Iterator[Source]:
    sections: dict[str, dict[str, list[str]]] = {}
    parser = cfg.ConfigParser(file, sections)
    parser.parse()
    for group, name in places:
        same = [s for s in sections if (s if s == "DEFAULT" else s.lower()) == group]
        for section in same:
            for number, _ in enumerate(sections[section].get(name, []), 1):
                yield Source(file, f"[{section}] {name}", number)
