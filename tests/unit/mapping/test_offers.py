"""What Placement is to know of a device: its class and its traits."""

import pytest
from support.build import address, alias, device, entry, pf, traits, vf

from pci_placement import names
from pci_placement.mapping.family import catalogue
from pci_placement.mapping.offers import DISAGREE, VF_ONCE, Offer, make_offers
from pci_placement.model import DevType, Match

GPU, NIC = names.resource_class("gpu"), names.resource_class("nic")
OWN = alias("z-own", resource_class=GPU)


def offer(found, aliases=(), **tags) -> Offer:
    """The offer of one device that satisfies all these aliases."""
    match = Match(found, entry(**tags), tuple(sorted({of.name for of in aliases})))
    (made,), unfit = make_offers([match], catalogue(aliases))
    assert unfit == {}
    return made


@pytest.mark.parametrize(
    ("tags", "aliases", "name"),
    [
        pytest.param({}, [], "CUSTOM_PCI_8086_0443", id="ids"),
        pytest.param({}, [alias("qat")], "CUSTOM_PCI_QAT", id="alias"),
        pytest.param({}, [alias("b"), alias("a")], "CUSTOM_PCI_A", id="family"),
        pytest.param({}, [alias("a"), OWN], "CUSTOM_GPU", id="alias with a class, then family"),
        pytest.param({"resource_class": NIC}, [OWN], "CUSTOM_NIC", id="entry first"),
    ],
)
def test_a_class_is_that_of_the_entry_or_the_alias_or_the_ids(tags, aliases, name):
    assert offer(device(), aliases, **tags).resource_class == name


ID, ID_PF, ID_VF = "CUSTOM_PCI_ID_8086_0443", "CUSTOM_PCI_ID_8086_1572", "CUSTOM_PCI_ID_8086_154C"


@pytest.mark.parametrize(
    ("found", "tags", "added"),
    [
        pytest.param(device(), {}, {ID}, id="ids"),
        pytest.param(device(numa_node=0), {}, {ID, "CUSTOM_PCI_NUMA_0"}, id="NUMA"),
        pytest.param(vf(), {}, {ID_VF, "HW_NIC_SRIOV"}, id="VF of a NIC"),
        pytest.param(pf(), {}, {ID_PF}, id="PF of a NIC"),
        pytest.param(
            device(dev_type=DevType.VF, parent="0000:3a:00.0"), {}, {ID}, id="VF of another class"
        ),
        pytest.param(
            device(),
            {"physical_network": "physnet1"},
            {ID, "CUSTOM_PHYSNET_PHYSNET1"},
            id="physical network",
        ),
        pytest.param(
            device(),
            {"traits": traits("fast"), "trusted": True},
            {ID, "CUSTOM_FAST", "HW_NIC_SRIOV_TRUSTED"},
            id="traits and trusted",
        ),
        pytest.param(
            device(),
            {"live_migratable": True, "one_time_use": True},
            {ID, "HW_PCI_LIVE_MIGRATABLE", "HW_PCI_ONE_TIME_USE"},
            id="live migratable and one time use",
        ),
        pytest.param(
            device(),
            {"live_migratable": False, "managed": True, "allow_host_use": True},
            {ID},
            id="what is no trait",
        ),
    ],
)
def test_a_device_has_the_traits_that_are_true_of_it(found, tags, added):
    assert offer(found, **tags).traits == {names.MANAGED} | added


def test_a_device_carries_the_trait_of_every_alias_set_that_it_is_in():
    in_both = [alias("wide"), alias("narrow", device_type=DevType.PCI)]
    elsewhere = alias("vf", device_type=DevType.VF)
    match = Match(device(), entry(), ("narrow", "wide"))
    (made,), _ = make_offers([match], catalogue([*in_both, elsewhere]))
    assert {trait for trait in made.traits if "ALIAS" in trait} == {
        "CUSTOM_PCI_ALIAS_NARROW",
        "CUSTOM_PCI_ALIAS_WIDE",
    }


def test_what_an_alias_requires_is_not_put_on_its_devices():
    demanding = alias("qat", traits=traits("fast"), live_migratable=True)
    assert offer(device(), [demanding]).traits == offer(device()).traits


def test_one_time_use_is_known_of_an_offer():
    assert offer(pf(), one_time_use=True).one_time_use
    assert not offer(pf()).one_time_use


def test_one_time_use_is_not_for_vfs_and_holds_their_card():
    once = [Match(vf(), entry(one_time_use=True)), Match(vf("0000:81:02.1"), entry())]
    made, unfit = make_offers([*once, Match(device(), entry())], {})
    assert [one.device for one in made] == [device()]
    assert unfit == {address("0000:81:00.0"): VF_ONCE}


DISAGREEING = [alias("a", resource_class=NIC), alias("b", resource_class=GPU)]


def test_aliases_that_want_different_classes_hold_the_device():
    match = Match(device(), entry(), ("a", "b"))
    made, unfit = make_offers([match], catalogue(DISAGREEING))
    assert made == []
    assert unfit == {device().address: DISAGREE.format("a, b", "CUSTOM_GPU and CUSTOM_NIC")}


def test_an_entry_settles_what_its_aliases_disagree_about():
    assert offer(device(), DISAGREEING, resource_class=GPU).resource_class == GPU


def test_aliases_that_want_the_same_class_agree():
    agreeing = [alias("a", resource_class=GPU), alias("b", resource_class=GPU)]
    assert offer(device(), agreeing).resource_class == GPU
