"""A PF beside its VFs on one provider: which cards those are, and which of them cannot be."""

from dataclasses import replace

import pytest
from support.build import address, alias, device, pf, traits, vf, vfs

from pci_placement import names
from pci_placement.mapping.exclusive import (
    ASKED_AS_PART,
    SAME_CLASS,
    TRAITS_DIFFER,
    cannot_share,
    cards_with_both,
)
from pci_placement.mapping.family import catalogue
from pci_placement.mapping.offers import Offer
from pci_placement.model import DevType

CARD = address("0000:81:00.0")
OFFERS = {
    "PF": Offer(pf(), names.resource_class("card"), traits("fast")),
    "VF": Offer(vf(), names.resource_class("function"), traits("fast")),
}
WHOLE, PART = OFFERS["PF"], OFFERS["VF"]


def test_a_card_has_both_where_its_pf_and_vfs_are_offered():
    parts = [replace(PART, device=function) for function in vfs(2)]
    plain = replace(PART, device=device())
    lone = replace(PART, device=vf("0000:82:02.0", parent="0000:82:00.0"))
    other = replace(WHOLE, device=pf("0000:83:00.0"))
    assert cards_with_both([plain, WHOLE, parts[0], lone, parts[1], other]) == {
        CARD: (WHOLE, parts)
    }


@pytest.mark.parametrize("offers", [[], [WHOLE], [PART]], ids=["none", "PF", "VF"])
def test_a_card_of_which_one_kind_is_offered_has_nothing_to_share(offers):
    assert cards_with_both(offers) == {}
    assert cannot_share(offers, {}) == {}


@pytest.mark.parametrize(
    "telling",
    [
        names.NIC_SRIOV,
        names.id_trait("8086", "154c"),
        names.alias_trait("vf"),
    ],
)
def test_traits_that_tell_the_kind_may_differ(telling):
    assert cannot_share([WHOLE, replace(PART, traits=PART.traits | {telling})], {}) == {}


@pytest.mark.parametrize("kind", ["PF", "VF"])
def test_other_traits_may_not(kind):
    changed = {**OFFERS, kind: replace(OFFERS[kind], traits=traits("fast", "large"))}
    assert cannot_share(changed.values(), {}) == {CARD: TRAITS_DIFFER.format("CUSTOM_LARGE")}


def test_every_vf_must_agree_with_the_pf():
    second = replace(PART, device=vf("0000:81:02.1"), traits=traits("large"))
    assert cannot_share([WHOLE, PART, second], {}) == {
        CARD: TRAITS_DIFFER.format("CUSTOM_FAST CUSTOM_LARGE")
    }


def test_the_classes_must_differ():
    same = replace(PART, resource_class=WHOLE.resource_class)
    assert cannot_share([WHOLE, same], {}) == {CARD: SAME_CLASS.format("CUSTOM_CARD")}


def test_the_vfs_must_agree_in_what_tells_their_kind():
    telling = names.alias_trait("other")
    second = replace(PART, device=vf("0000:81:02.1"), traits=PART.traits | {telling})
    assert cannot_share([WHOLE, PART, second], {}) == {CARD: TRAITS_DIFFER.format(telling)}


def test_a_class_that_is_asked_for_as_a_part_is_none_for_a_whole_card():
    untyped = alias("untyped", "", resource_class=WHOLE.resource_class)
    whole = alias("whole", "", resource_class=WHOLE.resource_class, device_type=DevType.PF)
    part = alias("part", "", resource_class=PART.resource_class)
    said = ASKED_AS_PART.format("untyped", "CUSTOM_CARD")
    assert cannot_share([WHOLE, PART], catalogue([untyped, whole, part])) == {CARD: said}
    assert cannot_share([WHOLE, PART], catalogue([whole, part])) == {}
