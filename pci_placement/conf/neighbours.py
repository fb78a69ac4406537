"""Services that give devices of the same files away without Placement, which cannot show it.

Source: nova/compute/pci_placement_translator.py, update_provider_tree_for_pci; zun/pci/manager.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pci_placement.model import DevType, Problem, Severity, Source, WhitelistEntry

from .sources import Assignment, assigned, is_section

NOVA_GIVES = (
    "nova-compute gives the devices of this list itself, and Placement does not hear of it "
    "(report_in_placement is {}): one of them could go to two"
)
NOVA_CURE = (
    "give pci-placement a list of its own in pci-placement.conf; or set [pci] report_in_placement "
    "= true, and nova has them all; or run one of the two on another node"
)
ZUN_GIVES = (
    "zun-compute gives VFs of physical_network {!r} to SR-IOV ports by its own count, and "
    "Placement does not hear of it: one of them could go to two"
)
ZUN_CURE = (
    "give pci-placement a list of its own in pci-placement.conf, with other VFs than this one; or "
    "let no container here ask for an SR-IOV port of that network"
)
_TRUE = ("1", "t", "true", "on", "y", "yes")
_SECTIONS = {"nova": ("libvirt", "api_database"), "zun": ("docker", "websocket_proxy")}
"""Sections that only the one program has, for files with another name."""


def neighbours(files: Sequence[str], whitelist: Sequence[WhitelistEntry]) -> Iterator[Problem]:
    """Warn, in one line a file, of a list that another service serves from as well."""
    read = {file: assigned(file) for file in files}
    reports = [one for found in read.values() for one in found if _is_reporting(one)]
    for file, found in read.items():
        own = [entry for entry in whitelist if entry.source.file == file]
        program = _program(file, found)
        if program == "nova" and own and not (reports and _is_true(reports[-1])):
            said = reports[-1].value if reports else "not set"
            yield _problem(NOVA_GIVES.format(said), NOVA_CURE, own[0].source)
        if program == "zun" and (to_ports := list(filter(_is_for_ports, own))):
            network = to_ports[0].physical_network
            yield _problem(ZUN_GIVES.format(network), ZUN_CURE, to_ports[0].source)


def _problem(told: str, cure: str, source: Source) -> Problem:
    return Problem(told, cure, source, Severity.WARNING)


def _program(file: str, found: Sequence[Assignment]) -> str:
    """Whose configuration a file is: by its name, its folder, or what only one program has."""
    if any(map(_is_reporting, found)):
        return "nova"
    folder, name = ["", *file.split("/")][-2:]
    for program in _SECTIONS:
        if name.startswith(program) or folder.startswith(program):
            return program
    sections = {one.section for one in found}
    return next((p for p, only in _SECTIONS.items() if sections.intersection(only)), "")


def _is_reporting(one: Assignment) -> bool:
    return one.key == "report_in_placement" and is_section(one.section, "pci")


def _is_true(one: Assignment) -> bool:
    return one.value.strip().lower() in _TRUE


def _is_for_ports(entry: WhitelistEntry) -> bool:
    """Whether zun's tracker may give a VF of this entry to a port of neutron's."""
    is_of_vfs = entry.tags.device_type in (None, DevType.VF)
    return entry.physical_network is not None and is_of_vfs
