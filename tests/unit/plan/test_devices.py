"""Where devices sit, and which ones a claim keeps from being given away again."""

import pytest
from support.cloud import CARD, PLAIN, POOL, RED, VF, VFS, address, addresses

from pci_placement.plan.devices import by_card, clash, contains, functions_of, most_blocked, union

OTHER = "0000:82:00.0"
UNNAMED = {address(CARD): frozenset()}
"""VFs of a card that nobody can name any more."""


def on(card: str, *functions: str) -> dict:
    return {address(card): addresses(*functions)}


CARD_ITSELF = on(CARD, CARD)
FOUR_VFS = on(CARD, *VF[:4])
ALL_OF_IT = on(CARD, CARD, *VF[:4])


# --- whose card they are on


@pytest.mark.parametrize(
    ("key", "devices", "expected"),
    [
        pytest.param(PLAIN, [PLAIN], on(PLAIN, PLAIN), id="a plain device is its own card"),
        pytest.param(CARD, [CARD, *VF[:4]], ALL_OF_IT, id="a PF and its VFs"),
        pytest.param(VFS, VF[:4], FOUR_VFS, id="VFs"),
        pytest.param(RED, VF[:4], FOUR_VFS, id="VFs of one of several networks"),
        pytest.param(VFS, [], UNNAMED, id="VFs that are gone"),
        pytest.param(POOL, [PLAIN, CARD], {**on(PLAIN, PLAIN), **CARD_ITSELF}, id="a pool"),
        pytest.param(POOL, [], {}, id="a pool of nothing"),
    ],
)
def test_devices_sit_on_the_card_of_their_provider_and_in_a_pool_on_one_each(
    key, devices, expected
):
    assert by_card(key, addresses(*devices)) == expected


def test_sites_are_joined_card_by_card():
    both = union(on(CARD, VF[0]), on(CARD, VF[1]), on(PLAIN, PLAIN))
    assert both == {**on(CARD, *VF[:2]), **on(PLAIN, PLAIN)}
    assert union() == {}


def test_all_functions_are_those_of_every_card():
    assert functions_of({**FOUR_VFS, **on(PLAIN, PLAIN)}) == addresses(PLAIN, *VF[:4])
    assert functions_of({}) == frozenset()


@pytest.mark.parametrize(
    ("few", "many", "are"),
    [
        pytest.param(on(CARD, VF[0]), FOUR_VFS, True, id="some of them"),
        pytest.param(FOUR_VFS, FOUR_VFS, True, id="all of them"),
        pytest.param(on(CARD, VF[4]), FOUR_VFS, False, id="another one"),
        pytest.param(on(PLAIN, PLAIN), FOUR_VFS, False, id="one of another card"),
        pytest.param(UNNAMED, FOUR_VFS, False, id="one that cannot be named may be any"),
        pytest.param({}, FOUR_VFS, True, id="none"),
    ],
)
def test_devices_are_within_others_if_each_is_named_and_among_them(few, many, are):
    assert contains(many, few) is are


# --- what cannot be given away beside a claim


@pytest.mark.parametrize(
    ("claims", "held", "wanted", "blocked"),
    [
        pytest.param(1, FOUR_VFS, FOUR_VFS, 1, id="a VF is one"),
        pytest.param(3, FOUR_VFS, FOUR_VFS, 3, id="three VFs"),
        pytest.param(9, FOUR_VFS, FOUR_VFS, 4, id="no more than there are"),
        pytest.param(4, FOUR_VFS, on(CARD, *VF[2:6]), 2, id="only those that are wanted"),
        pytest.param(1, CARD_ITSELF, FOUR_VFS, 4, id="a whole card takes all its VFs"),
        pytest.param(1, FOUR_VFS, CARD_ITSELF, 1, id="a VF takes the whole card"),
        pytest.param(4, FOUR_VFS, CARD_ITSELF, 1, id="which is one device"),
        pytest.param(1, UNNAMED, CARD_ITSELF, 1, id="a VF that is gone takes it too"),
        pytest.param(1, CARD_ITSELF, CARD_ITSELF, 1, id="a card and itself"),
        pytest.param(1, FOUR_VFS, ALL_OF_IT, 2, id="the first VF takes itself and the card"),
        pytest.param(2, FOUR_VFS, ALL_OF_IT, 3, id="the second only itself"),
        pytest.param(1, CARD_ITSELF, ALL_OF_IT, 5, id="a whole card takes everything"),
        pytest.param(1, FOUR_VFS, on(OTHER, OTHER), 0, id="another card"),
        pytest.param(1, FOUR_VFS, on(CARD, VF[7]), 0, id="other VFs"),
        pytest.param(1, FOUR_VFS, UNNAMED, 0, id="nothing that is wanted"),
        pytest.param(0, FOUR_VFS, FOUR_VFS, 0, id="no claim"),
        pytest.param(1, {}, FOUR_VFS, 0, id="nothing that is held"),
    ],
)
def test_claims_block_at_most_so_many_of_the_wanted_devices(claims, held, wanted, blocked):
    assert most_blocked(claims, held, wanted) == blocked


def test_the_worst_case_counts_when_claims_may_be_on_any_card():
    held = {**CARD_ITSELF, **on(PLAIN, PLAIN)}
    assert most_blocked(1, held, {**FOUR_VFS, **on(PLAIN, PLAIN)}) == 4
    assert most_blocked(2, held, {**FOUR_VFS, **on(PLAIN, PLAIN)}) == 5


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(CARD_ITSELF, FOUR_VFS, id="a card and its VFs"),
        pytest.param(FOUR_VFS, on(CARD, VF[3]), id="a VF in common"),
        pytest.param(UNNAMED, CARD_ITSELF, id="a VF that is gone and its card"),
    ],
)
def test_devices_meet_where_one_cannot_be_given_away_beside_the_other(one, other):
    assert clash(one, other)


@pytest.mark.parametrize("other", [on(CARD, *VF[4:]), on(OTHER, OTHER), UNNAMED, {}])
def test_others_do_not(other):
    assert not clash(FOUR_VFS, other)
