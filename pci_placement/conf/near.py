"""What stands in the files, is read by nobody, and looks as if it was meant for us.

oslo.config passes over sections and options that nobody registered. A list that is not read looks
like an empty one, and an empty one takes all that is on offer out of service.

Source: oslo_config/cfg.py, _Namespace._get_file_value.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Sequence

from pci_placement.model import Problem, Severity, Source

from . import options
from .sources import Assignment, assigned, is_section

OWN, PCI, PLACEMENT = options.GROUP.name, options.PCI_GROUP.name, "placement"
SECTIONS = (OWN, PCI, PLACEMENT)
LISTS = {
    name: f"[{PCI}] {option.name}"
    for option in options.pci_opts
    for name in (option.name, *(str(old.name) for old in option.deprecated_opts))
}
"""What both lists are or were called, and where each belongs today."""
MEANT = {
    "whitelist": "device_spec",
    "pci_device_spec": "device_spec",
    "pci_whitelist": "device_spec",
}
NEIGHBOURS = {PCI: ("report_in_placement",)}
"""Options of others in a section that we read too.

Source: nova/conf/pci.py.
"""

NO_OPTION = "there is no such option"
NO_SECTION = "there is no such section, and nothing in it is read"
NOT_HERE = "it is not read here"


def unread(files: Sequence[str]) -> Iterator[Problem]:
    """Warn of options and sections that are near ours, each option once a file."""
    for file in files:
        told: set[tuple[str, str]] = set()
        for one in assigned(file):
            found = _doubt(one)
            if found and (one.section, one.key) not in told:
                told.add((one.section, one.key))
                source = Source(file, f"[{one.section}] {one.key}", 1, one.line)
                yield Problem(*found, source, Severity.WARNING)


def _doubt(one: Assignment) -> tuple[str, str] | None:
    """What is wrong with an assignment, and what to write instead."""
    section = next((name for name in SECTIONS if is_section(one.section, name)), "")
    if section == OWN:
        return _of_ours(one.key)
    if section == PCI:
        return _of_the_lists(one.key)
    if section == PLACEMENT:
        return None  # the options of keystoneauth depend on the kind of login
    if one.section.lower() == "default":
        return _of_default(one.key)
    return _of_others(one)


def _of_ours(key: str) -> tuple[str, str] | None:
    known = [option.name for option in options.own_opts]
    if key in known:
        return None
    if place := LISTS.get(_meant(key)):
        return NOT_HERE, f"write {place}"
    near = difflib.get_close_matches(_plain(key), known, n=1) or known
    return NO_OPTION, f"known is {', '.join(near)}"


def _of_the_lists(key: str) -> tuple[str, str] | None:
    if key in _READ_IN_PCI:
        return None
    if place := LISTS.get(_meant(key)):
        return NO_OPTION, f"write {place}"
    if _plain(key) in (option.name for option in options.own_opts):
        return NOT_HERE, f"write [{OWN}] {_plain(key)}"
    near = difflib.get_close_matches(_plain(key), LISTS, n=1, cutoff=0.7)
    return (NO_OPTION, f"write {LISTS[near[0]]}") if near else None


def _of_default(key: str) -> tuple[str, str] | None:
    if key in _READ_IN_DEFAULT:
        return None
    near = difflib.get_close_matches(_meant(key), LISTS, n=1, cutoff=0.9)
    return (NOT_HERE, f"write {LISTS[near[0]]}") if near else None


def _of_others(one: Assignment) -> tuple[str, str] | None:
    near = difflib.get_close_matches(_plain(one.section), SECTIONS, n=1, cutoff=0.85)
    if near:
        return NO_SECTION, f"write [{near[0]}]"
    if _meant(one.key) in _DISTINCTIVE:
        return NOT_HERE, f"write {LISTS[_meant(one.key)]}"
    return None


def _plain(text: str) -> str:
    return text.strip().lower().replace("-", "_").replace(" ", "_").replace(".", "_")


def _meant(key: str) -> str:
    """The name of a list that a key stands for, where it does: `aliases` is alias."""
    plain = _plain(key)
    singular = plain.removesuffix("es") if plain.endswith("ses") else plain.removesuffix("s")
    found = next((name for name in (plain, singular) if name in LISTS or name in MEANT), plain)
    return MEANT.get(found, found)


def _read_in(group: str) -> Collection[str]:
    """The names under which the lists are read in a section."""
    old = [old for option in options.pci_opts for old in option.deprecated_opts]
    return [str(name.name) for name in old if name.group == group]


_READ_IN_DEFAULT = frozenset(_read_in("DEFAULT"))
_READ_IN_PCI = {*_read_in(PCI), *(option.name for option in options.pci_opts), *NEIGHBOURS[PCI]}
_DISTINCTIVE = LISTS.keys() - {"alias"}
"""Names that no option of anybody else has."""
