"""What this host still offers below a root of before: which cards, and what to tell of them."""

import pytest
from support import build
from support.cloud import CARD, OTHER_POOL, PLAIN, POOL, POOLED, QAT, VF, VFS, addresses, name, uuid
from support.placements import ROOT

from pci_placement.mapping.left_behind import cards_left, left_behind
from pci_placement.mapping.match import match_devices
from pci_placement.model import (
    Counted,
    DevType,
    InventoryKey,
    LastPass,
    LeftBehind,
    ListedProvider,
    Root,
    State,
)

OLD = Root("0d5c8c7e-2f3a-4b52-9a0e-3a4a6d6b1f01", "old")
HOST = build.snapshot(
    build.device(PLAIN, "8086:0443"), build.pf(CARD), build.vf(VF[0], parent=CARD)
)


def listed(*keys: str) -> list[ListedProvider]:
    root = ListedProvider(ROOT.uuid, ROOT.name, None, 1)
    return [root, *(ListedProvider(uuid(key), name(key), ROOT.uuid, 1) for key in keys)]


def counts(key: str, counted: Counted) -> LastPass:
    return LastPass(ledger={InventoryKey(key, QAT): counted})


def test_nothing_of_ours_is_nothing():
    left = left_behind(ROOT, listed(), LastPass())
    assert left == LeftBehind(ROOT)
    assert left.is_nothing


def test_somebody_elses_provider_is_nothing():
    line = ListedProvider(uuid(CARD), "somebodys", ROOT.uuid, 1)
    assert left_behind(ROOT, [line], LastPass()).is_nothing


def test_the_name_tells_the_card_also_that_of_vfs():
    assert left_behind(ROOT, listed(PLAIN, VFS), LastPass()).cards == addresses(PLAIN, CARD)


def test_so_does_the_last_pass_where_the_name_was_changed():
    line = ListedProvider(uuid(CARD), "somebodys", ROOT.uuid, 1)
    left = left_behind(ROOT, [line], LastPass(keys=frozenset({CARD})))
    assert left.cards == addresses(CARD)


def test_of_a_pool_the_last_pass_tells_what_it_may_count():
    counted = Counted(addresses(*POOLED[:2]), addresses(POOLED[2]))
    left = left_behind(ROOT, listed(POOL), counts(POOL, counted))
    assert left.cards == addresses(*POOLED[:3])


@pytest.mark.parametrize(
    "last_pass",
    [
        LastPass(),
        counts(OTHER_POOL, Counted(addresses(PLAIN))),
        counts(POOL, Counted(addresses(PLAIN), sure=False)),
        counts(POOL, Counted(frozenset())),
    ],
)
def test_a_pool_of_which_nobody_knows_may_count_anything(last_pass):
    left = left_behind(ROOT, listed(PLAIN, POOL), last_pass)
    assert (left.cards, left.is_nothing) == (None, False)


def told(*left: LeftBehind) -> dict[str, str]:
    return {str(card): why for card, why in cards_left(left, HOST).items()}


def test_a_card_that_is_left_is_told_with_the_cure():
    found = told(LeftBehind(OLD, addresses(PLAIN)))
    assert found.keys() == {PLAIN}
    assert "`pci-placement retire --root old`" in found[PLAIN]


def test_of_one_that_is_retired_there_is_nothing_to_say_but_that():
    found = told(LeftBehind(OLD, addresses(PLAIN), retired=True))
    assert "--root" not in found[PLAIN]
    assert "old" in found[PLAIN]


def test_what_was_plain_and_is_a_vf_now_stands_for_its_card():
    assert told(LeftBehind(OLD, addresses(VF[0]))).keys() == {CARD}


def test_anything_is_every_card():
    assert told(LeftBehind(OLD, None)).keys() == {PLAIN, CARD}


def test_it_is_not_ours_to_give_and_says_nothing_of_devices_without_an_alias():
    entries = [
        build.entry(1, vendor_id="8086", device_type=DevType.PCI),
        build.entry(2, vendor_id="8086", device_type=DevType.VF),
    ]
    left = cards_left([LeftBehind(OLD, addresses(PLAIN))], HOST)
    found = match_devices(HOST, entries, [], left=left)
    assert {str(card) for card in found.not_ours} == {PLAIN}
    assert found.verdicts[next(iter(addresses(PLAIN)))].state is State.NOT_OURS
    assert {str(match.device.address) for match in found.matches} == {VF[0]}
