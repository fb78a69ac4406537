"""Requests: what a scheduler is asked for."""

import pytest
from support.build import alias, traits

from pci_placement import names
from pci_placement.errors import RequestError
from pci_placement.mapping.request import (
    MICROVERSION,
    RequestGroup,
    extra_specs,
    parse_usage,
    query,
    translate,
)
from pci_placement.model import DevType, PciAliasUsage

QAT = RequestGroup(names.alias_resource_class("QuickAssist"))
VF_AND_ALL = [
    alias("vf", device_type=DevType.VF, traits=traits("fast"), live_migratable=False),
    alias("all"),
]


def test_every_device_is_a_group_of_its_own():
    usages = [PciAliasUsage("QuickAssist", 2), PciAliasUsage("gpu")]
    gpu = RequestGroup(names.alias_resource_class("gpu"))
    assert translate(usages, [alias(), alias("gpu", "10de:20b0")]) == (QAT, QAT, gpu)


def test_a_group_requires_what_the_alias_and_the_network_say_in_order():
    (group,) = translate([PciAliasUsage("vf", 1, "physnet1")], VF_AND_ALL)
    assert group == RequestGroup(
        names.alias_resource_class("all"),
        required=("CUSTOM_FAST", "CUSTOM_PCI_ALIAS_VF", "CUSTOM_PHYSNET_PHYSNET1"),
        forbidden=(names.LIVE_MIGRATABLE,),
    )


@pytest.mark.parametrize(
    ("aliases", "known"), [([alias("b"), alias("a")], "a, b"), ([], "none is configured")]
)
def test_an_unknown_alias_is_answered_with_those_that_are_known(aliases, known):
    with pytest.raises(RequestError, match=f"unknown alias 'gpu'; known: {known}"):
        translate(parse_usage("gpu"), aliases)


def asked(text: str, aliases):
    return translate(parse_usage(text), aliases)


def test_a_query_numbers_its_groups_and_isolates_none():
    assert query(asked("QuickAssist:2", [alias()])) == (
        "resources1=CUSTOM_PCI_QUICKASSIST:1&resources2=CUSTOM_PCI_QUICKASSIST:1&group_policy=none"
    )


def test_a_query_of_one_group_needs_no_policy():
    assert query(asked("QuickAssist", [alias()])) == "resources1=CUSTOM_PCI_QUICKASSIST:1"


def test_a_query_has_the_traits_of_each_group_beside_its_resources():
    assert query(asked("all,vf@net", VF_AND_ALL)) == (
        "resources1=CUSTOM_PCI_ALL:1&required1=CUSTOM_PCI_ALIAS_ALL"
        "&resources2=CUSTOM_PCI_ALL:1&required2=CUSTOM_FAST,CUSTOM_PCI_ALIAS_VF,"
        "CUSTOM_PHYSNET_NET,!HW_PCI_LIVE_MIGRATABLE&group_policy=none"
    )


def test_no_groups_are_an_empty_query():
    assert query(()) == ""
    assert extra_specs(()) == {}


def test_extra_specs_say_the_same_as_strings():
    assert extra_specs(asked("all,vf@net", VF_AND_ALL)) == {
        "resources1:CUSTOM_PCI_ALL": "1",
        "trait1:CUSTOM_PCI_ALIAS_ALL": "required",
        "resources2:CUSTOM_PCI_ALL": "1",
        "trait2:CUSTOM_FAST": "required",
        "trait2:CUSTOM_PCI_ALIAS_VF": "required",
        "trait2:CUSTOM_PHYSNET_NET": "required",
        "trait2:HW_PCI_LIVE_MIGRATABLE": "forbidden",
        "group_policy": "none",
    }


def test_extra_specs_of_one_group_need_no_policy():
    assert extra_specs(asked("QuickAssist", [alias()])) == {
        "resources1:CUSTOM_PCI_QUICKASSIST": "1"
    }


PF_AND_VF = [
    alias("card", "8086:1572", device_type=DevType.PF),
    alias("part", "8086:154c", device_type=DevType.VF),
]


def test_together_the_devices_of_one_wish_come_from_one_provider():
    groups = translate(parse_usage("part:4,QuickAssist"), [*PF_AND_VF, alias()], together=True)
    assert query(groups) == (
        "resources1=CUSTOM_PCI_PART:4&resources2=CUSTOM_PCI_QUICKASSIST:1&group_policy=none"
    )


def test_where_kinds_exclude_each_other_a_whole_card_takes_all_slots_and_a_vf_one():
    groups = translate(parse_usage("card,part"), PF_AND_VF, exclusive=True)
    assert query(groups) == (
        "resources1=CUSTOM_PCI_CARD:1,CUSTOM_PCI_SLOT:65536"
        "&resources2=CUSTOM_PCI_PART:1,CUSTOM_PCI_SLOT:1&group_policy=none"
    )
    assert extra_specs(groups) == {
        "resources1:CUSTOM_PCI_CARD": "1",
        "resources1:CUSTOM_PCI_SLOT": "65536",
        "resources2:CUSTOM_PCI_PART": "1",
        "resources2:CUSTOM_PCI_SLOT": "1",
        "group_policy": "none",
    }


def test_together_the_slots_are_those_of_all_devices():
    (group,) = translate(parse_usage("part:4"), PF_AND_VF, together=True, exclusive=True)
    assert group.resources == {"CUSTOM_PCI_PART": 4, "CUSTOM_PCI_SLOT": 4}


def test_the_query_is_for_the_microversion_that_zuns_scheduler_speaks():
    assert MICROVERSION == "1.31"


def test_a_group_may_ask_for_several_of_one_provider():
    group = RequestGroup(names.alias_resource_class("gpu"), amount=4)
    assert query([group]) == "resources1=CUSTOM_PCI_GPU:4"
    assert extra_specs([group]) == {"resources1:CUSTOM_PCI_GPU": "4"}
