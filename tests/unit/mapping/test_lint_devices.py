"""Functions that only a whole IOMMU group can be given with are told, and no others."""

from dataclasses import replace

from support.build import device, entry, snapshot

from pci_placement.mapping.lint_devices import shared_groups
from pci_placement.mapping.match import match_devices


def told(*groups: int | None) -> list[str]:
    """What is said of as many listed devices, each in the IOMMU group that is given for it."""
    devices = [
        replace(device(f"0000:{number + 1:02x}:00.0"), iommu_group=group)
        for number, group in enumerate(groups)
    ]
    matching = match_devices(snapshot(*devices), [entry(1)], [])
    assert len(matching.matches) == len(groups)
    return [problem.problem for problem in shared_groups(matching)]


def test_devices_of_one_group_are_told_together():
    (said,) = told(7, 8, 7)
    assert said.startswith("IOMMU group 7 has 2 functions")
    assert "(0000:01:00.0, 0000:03:00.0)" in said


def test_many_devices_of_one_group_are_not_all_named():
    (said,) = told(7, 7, 7, 7)
    assert "0000:03:00.0, …" in said
    assert "0000:04:00.0" not in said


def test_devices_without_a_group_share_none():
    assert told(None, None, 7) == []
