"""What of this host's devices an operator may not have meant as the entries say it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from difflib import get_close_matches

from pci_placement.model import Match, Matching, Problem, Severity, WhitelistEntry

NO_SUCH_NAME = "this host has no PCI device called {!r}"
NAMES_CHANGE = "did you mean {}? names change with drivers and firmware: an address does not"
BY_ADDRESS = "names change with drivers and firmware: write its address instead"
ONE_GROUP = (
    "IOMMU group {} has {} functions that are offered one by one ({}): who gets one of them "
    "through vfio needs the whole group"
)
APART = "let the platform separate them (ACS), or list only one of them"


def missing_name(entry: WhitelistEntry, names: Collection[str]) -> Problem:
    """An entry names an interface that this host does not have."""
    wanted = entry.devname or ""
    longer = sorted(name for name in names if name.startswith(wanted))
    near = longer or get_close_matches(wanted, names, n=1, cutoff=0.75)
    hint = NAMES_CHANGE.format(near[0]) if near else BY_ADDRESS
    return Problem(NO_SUCH_NAME.format(wanted), hint, entry.source, Severity.WARNING)


def shared_groups(matching: Matching) -> Iterator[Problem]:
    """Say which offered functions cannot go to different consumers.

    Source: Linux, Documentation/driver-api/vfio.rst (the group is the unit of ownership).
    """
    groups: dict[int, list[Match]] = {}
    for match in matching.matches:
        if match.device.iommu_group is not None:
            groups.setdefault(match.device.iommu_group, []).append(match)
    for number, matches in sorted(groups.items()):
        if len(matches) > 1:
            some = ", ".join(str(match.device.address) for match in matches[:3])
            some += ", …" if len(matches) > 3 else ""
            problem = ONE_GROUP.format(number, len(matches), some)
            yield Problem(problem, APART, matches[0].entry.source, Severity.WARNING)
