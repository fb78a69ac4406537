"""What is asked for each alias, and what of the answers may be claimed for a moment."""

import pytest
from support.build import alias

from pci_placement import names
from pci_placement.errors import ConfigError, RequestError
from pci_placement.tempest.wishes import claimable, wishes, wishes_of_files

ALIASES = (alias("nic", "8086:10ca"), alias("gpu", "10de:2330"))
MARKED, FOREIGN, ONCE = "marked", "foreign", "once"
TRAITS = {
    MARKED: [names.MANAGED],
    FOREIGN: ["COMPUTE_STATUS_DISABLED"],
    ONCE: [names.MANAGED, names.ONE_TIME_USE],
}


def test_each_alias_is_asked_for_by_itself():
    asked = {wish.alias: wish.parameters for wish in wishes(ALIASES, (), exclusive=False)}
    assert asked == {
        "nic": {"resources1": "CUSTOM_PCI_NIC:1"},
        "gpu": {"resources1": "CUSTOM_PCI_GPU:1"},
    }


def test_alternatives_under_one_name_are_one_wish():
    twice = (*ALIASES, alias("nic", "8086:154c"))
    assert [wish.alias for wish in wishes(twice, (), exclusive=False)] == ["nic", "gpu"]


def test_only_those_that_are_named_are_asked_for():
    (wish,) = wishes(ALIASES, ("gpu",), exclusive=False)
    assert wish.resource_classes == ("CUSTOM_PCI_GPU",)
    with pytest.raises(RequestError, match="unknown alias 'tpu'"):
        wishes(ALIASES, ("tpu",), exclusive=False)


def test_where_the_cloud_counts_slots_they_must_be_known_too():
    (wish, _) = wishes(ALIASES, (), exclusive=True)
    assert wish.resource_classes == ("CUSTOM_PCI_NIC", names.SLOT)


def test_families_ask_by_trait():
    family = (*ALIASES, alias("any", "8086:10ca"), alias("any", "10de:2330"))
    traits = {wish.alias: wish.traits for wish in wishes(family, (), exclusive=False)}
    assert traits["gpu"] == ("CUSTOM_PCI_ALIAS_GPU",)


def test_files_are_read_as_every_other_program_of_ours_reads_them(tmp_path):
    file = tmp_path / "zun.conf"
    file.write_text(
        '[pci]\nalias = {"name": "gpu", "vendor_id": "10de", "product_id": "2330"}\n'
        "[pci_placement]\npf_vf_exclusive = true\n"
    )
    (wish,) = wishes_of_files([str(file)], ())
    assert wish.resource_classes == ("CUSTOM_PCI_GPU", names.SLOT)
    with pytest.raises(ConfigError):
        wishes_of_files([str(tmp_path / "missing.conf")], ())


@pytest.mark.parametrize(
    ("providers", "may_be"),
    [([MARKED], True), ([FOREIGN], False), ([ONCE], False), ([MARKED, ONCE], False)],
)
def test_nothing_is_claimed_that_is_not_ours_or_would_be_used_up(providers, may_be):
    allocations = {uuid: {"resources": {"CUSTOM_PCI_NIC": 1}} for uuid in providers}
    answer = {
        "allocation_requests": [{"allocations": allocations}],
        "provider_summaries": {uuid: {"traits": traits} for uuid, traits in TRAITS.items()},
    }
    assert claimable(answer) == ([allocations] if may_be else [])
