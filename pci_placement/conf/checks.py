"""The values of our own options: checked beyond what oslo.config checks."""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from oslo_config import cfg, types

from pci_placement.model import Problem, Severity, Source

from . import options
from .listen import Listen, parse_listen
from .sources import sources

GROUP = options.GROUP.name
NOT_FROM_THE_ROOT = "{!r} does not begin with /, and a service has no folder of its own"
NOT_COLLECTED = "node_exporter reads no file whose name does not end in .prom"
SEEN_FROM_OUTSIDE = "whoever reaches {} can read what this node offers and how much of it is used"
NO_NUMBER = "{} is no number"
WRITE_NUMBER = "write a number, such as {}, which is the default"
WRITE_PATH, SUCH_AS = "write its whole path", ", such as {}"
ABSOLUTE = ("cdi_dir", "metrics_file", "state_dir")
SECONDS = (
    "settle_time",
    "sync_interval",
    "remote_check_interval",
    "full_sync_interval",
    "pass_timeout",
)


def own_options(conf: cfg.ConfigOpts, files: Sequence[str]) -> tuple[dict[str, Any], list[Problem]]:
    """The values of our own options; a wrong one is a problem and leaves the default."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for option in options.own_opts:
        try:
            values[option.name] = _checked(option.name, conf.pci_placement[option.name])
        except ValueError as error:
            values[option.name] = option.default
            reason = _reason(str(error).rpartition("is not valid: ")[2])
            problems.append(Problem(reason, _instead(option), _source(option.name, files)))
    return values, [*problems, *_doubtful(values, files)]


def _reason(told: str) -> str:
    """Why a value is wrong, in words; what Python says of a text that is no number speaks of code.

    Source: CPython, Objects/longobject.c and Objects/floatobject.c.
    """
    is_pythons = told.startswith(("invalid literal for int()", "could not convert string"))
    return NO_NUMBER.format(told.rpartition(": ")[2]) if is_pythons else told


def _instead(option: cfg.Opt) -> str:
    """What to write, where one thing can be said."""
    if isinstance(option.type, types.Boolean):
        return "write true or false"
    if option.name in ABSOLUTE:
        return WRITE_PATH + (SUCH_AS.format(option.default) if option.default else "")
    is_number = isinstance(option.type, types.Number)
    return WRITE_NUMBER.format(option.default) if is_number else ""


def _source(name: str, files: Sequence[str]) -> Source | None:
    """Where an option of ours stands that counts."""
    found = [s for file in files for s in sources(file, [(GROUP, name)])]
    return replace(found[-1], entry=0) if found else None


def _doubtful(values: dict[str, Any], files: Sequence[str]) -> Iterator[Problem]:
    """Warn of what can be done and is hardly meant."""
    file, listen = values["metrics_file"], values["metrics_listen"]
    if file and not file.endswith(".prom"):
        source = _source("metrics_file", files)
        yield Problem(NOT_COLLECTED, "let it end in .prom", source, Severity.WARNING)
    if isinstance(listen, Listen) and not listen.is_loopback:
        told, source = SEEN_FROM_OUTSIDE.format(listen), _source("metrics_listen", files)
        yield Problem(told, f"127.0.0.1:{listen.port} is this host alone", source, Severity.WARNING)


def _checked(name: str, value: Any) -> Any:
    """Refuse what oslo.config lets through."""
    if name == "root_provider_uuid" and value:
        return str(uuid.UUID(value))
    if name in SECONDS and not math.isfinite(value):
        raise ValueError(f"{value} is no number of seconds")
    if name == "state_dir" and not value:
        raise ValueError("an empty name is no folder")
    if name in ABSOLUTE and value and not value.startswith("/"):
        raise ValueError(NOT_FROM_THE_ROOT.format(value))
    if name == "metrics_listen" and value:
        return parse_listen(value)
    return value
