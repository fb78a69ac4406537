"""Families: what each alias asks for, whatever order the definitions stand in."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.build import alias, device, entry, pf, traits, vf
from support.examples import tried

from pci_placement import names
from pci_placement.mapping.alias import alias_names, kind_of, kinds_of
from pci_placement.mapping.family import DeviceRequest, catalogue
from pci_placement.mapping.offers import make_offers
from pci_placement.model import DevType, Match

PCI, PF, VF = DevType.PCI, DevType.PF, DevType.VF


def asked(*aliases) -> dict:
    """What each alias asks for: its class, and the traits that tell it from its family."""
    return {
        name: " ".join([request.resource_class, *sorted(request.telling)])
        for name, request in catalogue(aliases).items()
    }


def test_no_aliases_ask_for_nothing():
    assert catalogue([]) == {}


def test_an_alias_alone_names_its_class_and_needs_no_trait():
    assert catalogue([alias("QuickAssist")]) == {
        "QuickAssist": DeviceRequest(names.alias_resource_class("QuickAssist"))
    }


def test_alternatives_under_one_name_cost_nothing():
    assert asked(alias("qat", "8086:0443"), alias("qat", "8086:37c9")) == {"qat": "CUSTOM_PCI_QAT"}


def test_aliases_that_share_no_device_are_families_of_their_own():
    assert asked(alias("a", "8086:0443"), alias("b", "8086:37c9")) == {
        "a": "CUSTOM_PCI_A",
        "b": "CUSTOM_PCI_B",
    }


def test_the_same_ids_with_other_types_are_other_devices():
    assert asked(
        alias("plain", device_type=PCI), alias("vf", device_type=VF), alias("pf", device_type=PF)
    ) == {"plain": "CUSTOM_PCI_PLAIN", "vf": "CUSTOM_PCI_VF", "pf": "CUSTOM_PCI_PF"}


def test_aliases_with_the_same_devices_share_a_class_and_need_no_trait():
    assert asked(alias("b"), alias("a")) == {"a": "CUSTOM_PCI_A", "b": "CUSTOM_PCI_A"}


def test_the_alias_with_most_devices_names_the_class_and_traits_tell_them_apart():
    assert asked(alias("a", device_type=VF), alias("wide")) == {
        "a": "CUSTOM_PCI_WIDE CUSTOM_PCI_ALIAS_A",
        "wide": "CUSTOM_PCI_WIDE CUSTOM_PCI_ALIAS_WIDE",
    }


def test_aliases_meet_through_others():
    chain = [
        alias("a", "8086:0001", device_type=PCI),
        alias("b", "8086:0002", device_type=PCI),
        alias("link", "8086:0001", device_type=PCI),
        alias("link", "8086:0002", device_type=PCI),
    ]
    assert asked(*chain) == {
        "a": "CUSTOM_PCI_LINK CUSTOM_PCI_ALIAS_A",
        "b": "CUSTOM_PCI_LINK CUSTOM_PCI_ALIAS_B",
        "link": "CUSTOM_PCI_LINK CUSTOM_PCI_ALIAS_LINK",
    }


def test_equal_sets_in_a_larger_family_share_the_first_name():
    assert asked(alias("z"), alias("y"), alias("vf", device_type=VF)) == {
        "y": "CUSTOM_PCI_Y CUSTOM_PCI_ALIAS_Y",
        "z": "CUSTOM_PCI_Y CUSTOM_PCI_ALIAS_Y",
        "vf": "CUSTOM_PCI_Y CUSTOM_PCI_ALIAS_VF",
    }


def test_an_alias_with_a_class_of_its_own_joins_no_family():
    own = alias("0", resource_class=names.resource_class("gpu"))
    assert asked(own, alias("a")) == {"0": "CUSTOM_GPU", "a": "CUSTOM_PCI_A"}
    assert [r.in_family for r in catalogue([own, alias("a")]).values()] == [False, True]


LIVE = frozenset({names.LIVE_MIGRATABLE})


@pytest.mark.parametrize(
    ("live_migratable", "required", "forbidden"),
    [(None, frozenset(), frozenset()), (True, LIVE, frozenset()), (False, frozenset(), LIVE)],
)
def test_live_migratable_is_required_or_forbidden(live_migratable, required, forbidden):
    request = catalogue([alias("a", live_migratable=live_migratable)])["a"]
    assert (request.required, request.forbidden) == (required, forbidden)
    assert request.telling == frozenset()


def test_what_an_alias_requires_is_its_own_traits_and_what_tells_it_apart():
    narrow = alias("a", device_type=VF, traits=traits("fast"), live_migratable=True)
    request = catalogue([narrow, alias("wide")])["a"]
    assert request.telling == {names.alias_trait("a")}
    assert request.required == {names.alias_trait("a"), "CUSTOM_FAST", names.LIVE_MIGRATABLE}


def test_alternatives_are_asked_for_with_all_that_any_of_them_says():
    one = alias("a", resource_class=names.resource_class("gpu"), traits=traits("fast"))
    other = alias("a", "8086:37c9", traits=traits("large"), live_migratable=False)
    for order in itertools.permutations([one, other, alias("a", "8086:37c8")]):
        assert catalogue(order)["a"] == DeviceRequest(
            names.resource_class("gpu"),
            required=traits("fast", "large"),
            forbidden=LIVE,
            in_family=False,
        )


@pytest.mark.parametrize(("device_type", "whole"), [(PF, True), (VF, False), (None, False)])
def test_only_an_alias_of_type_pf_asks_for_whole_cards(device_type, whole):
    assert catalogue([alias("a", device_type=device_type)])["a"].whole_card is whole


TANGLE = [
    alias("a", "8086:0001"),
    alias("b", "8086:0001", device_type=VF),
    alias("b", "8086:0002", device_type=VF),
    alias("c", "8086:0002", device_type=VF),
    alias("d", "8086:0001"),
    alias("e", "8086:0003", resource_class=names.resource_class("x")),
]


def test_the_order_of_the_definitions_plays_no_part():
    expected = catalogue(TANGLE)
    assert len({request.resource_class for request in expected.values()}) == 2
    for order in itertools.permutations(TANGLE):
        assert catalogue(order) == expected


IDS = st.sampled_from(["8086:0001", "8086:0002", "8086:0003"])
ALIASES = st.builds(
    alias, st.sampled_from("abcd"), IDS, device_type=st.sampled_from([None, PCI, VF])
) | st.builds(alias, st.sampled_from("pq"), IDS, device_type=st.just(PF))
DEVICES = [kind(ids=f"8086:000{number}") for kind in (device, pf, vf) for number in (1, 2, 3)]


@given(st.lists(ALIASES, max_size=8), st.randoms(use_true_random=False))
@tried(100)
def test_each_alias_asks_for_exactly_its_devices_in_any_order(aliases, random):
    known = catalogue(aliases)
    shuffled = random.sample(aliases, len(aliases))
    assert catalogue(shuffled) == known
    for found in DEVICES:
        match = Match(found, entry(), alias_names(aliases)(found))
        ((offer,), _) = make_offers([match], known)
        fitting = {
            name
            for name, request in known.items()
            if request.resource_class == offer.resource_class and request.required <= offer.traits
        }
        assert fitting == {of.name for of in aliases if kind_of(found) in kinds_of(of)}
