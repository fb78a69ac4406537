"""What can be claimed is listed, qualified and there: no other claim may have it or get it."""

from dataclasses import replace

import pytest
from support.cloud import (
    BLUE,
    CARD,
    DRAINING,
    ID,
    NIC,
    PLAIN,
    POOL,
    POOLED,
    QAT,
    RED,
    VF,
    VFS,
    address,
    addresses,
    have,
    left,
    reserved,
    want,
)
from support.judged import Case, create, drain, inventories, traits, undrain

from pci_placement import names
from pci_placement.model import (
    Begun,
    Counted,
    EnsureResourceClass,
    EnsureTrait,
    InventoryKey,
)

NET = names.physnet_trait("net")
DRAINED = names.DRAINED
NAMED = [EnsureTrait(names.MANAGED), EnsureResourceClass(NIC), EnsureResourceClass(QAT)]
BY_HAND = {"by_hand": address(PLAIN)}

W_PLAIN, W_CARD = want(PLAIN, {QAT: 1}), want(CARD)
H_CARD = have(CARD)
W_RED = want(RED, {NIC: 4})
W_BLUE, LESS_BLUE = want(BLUE, {NIC: 4}), want(BLUE, {NIC: 3}, at={NIC: VF[5:]})
MORE_RED = want(RED, {NIC: 5}, at={NIC: VF[:5]})
H_RED, H_BLUE = have(RED, {NIC: 4}, used={}), have(BLUE, {NIC: 4}, used={})
VF_LAST = left([W_CARD, W_RED, W_BLUE], [H_CARD, H_RED, H_BLUE])
GIVES, TAKES = inventories(BLUE, {NIC: 3}), inventories(RED, {NIC: 5})
REGROUPED = [W_CARD, MORE_RED, LESS_BLUE]
MORE_VFS = have(VFS, {NIC: 4}, used={})
USED_BLUE = have(BLUE, {NIC: 4}, used={"a": {NIC: 4}})


def regrouped(actions, blue=H_BLUE, last=VF_LAST, wanted=REGROUPED) -> Case:
    """One VF goes from the one provider of a card to the other."""
    return Case(actions, wanted, [H_CARD, H_RED, blue], last=last)


def kept_in(key: str, name: str, last, **fields):
    """The same memory with other words about one inventory."""
    place = InventoryKey(key, name)
    return replace(last, ledger={**last.ledger, place: replace(last.ledger[place], **fields)})


OLD_CLAIM = kept_in(BLUE, NIC, VF_LAST, old_devices=addresses(VF[4]), old_claims={"a": 1})
ALL_OLD = kept_in(BLUE, NIC, VF_LAST, old_devices=addresses(VF[0]), old_claims={"a": 4})
ALL_OLD_RED = kept_in(RED, NIC, VF_LAST, old_devices=addresses(VF[4]), old_claims={"a": 1})
OUT_RED = have(RED, {NIC: reserved(4)}, DRAINED, used={})
UNSURE = kept_in(BLUE, NIC, VF_LAST, sure=False)
NOTHING_LEFT = replace(VF_LAST, ledger={})
BEGUN = replace(
    VF_LAST,
    ledger={},
    providers={},
    begun={InventoryKey(BLUE, NIC): Begun(3, Counted(addresses(*VF[5:])))},
)
BEGUN_AND_LEFT = replace(
    VF_LAST, begun={InventoryKey(BLUE, NIC): Begun(4, Counted(addresses(*VF[4:])))}
)
SMALL_BLUE = have(BLUE, {NIC: 3}, used={"a": {NIC: 3}})
W_POOL = want(POOL, {QAT: 2}, ID)
H_POOL = have(POOL, {QAT: 2}, ID, used={"a": {QAT: 2}})
OUT_OF_POOL = [
    *NAMED,
    EnsureTrait(ID),
    create(PLAIN),
    traits(PLAIN, ID),
    inventories(PLAIN, {QAT: 1}),
]
SMALLER = want(POOL, {QAT: 1}, ID, at={QAT: POOLED[1:2]})
W_OUT = want(PLAIN, {QAT: 1}, ID, at={QAT: [PLAIN]})
POOL_LAST = left([W_POOL], [H_POOL])

BROKEN = {
    "more than is listed": (
        Case([inventories(PLAIN, {QAT: 2})], [W_PLAIN], [have(PLAIN, {QAT: 1}, used={})]),
        {f"listed {PLAIN}"},
    ),
    "no longer listed and left on offer": (
        Case((), [], [have(PLAIN, {QAT: 1}, used={})]),
        {f"listed {PLAIN}"},
    ),
    "before its traits": (
        Case([*NAMED, create(PLAIN), inventories(PLAIN, {QAT: 1}), traits(PLAIN)], [W_PLAIN]),
        {f"qualified {PLAIN}", f"ours {PLAIN}"},
    ),
    "a trait is missing": (
        Case([*NAMED, inventories(PLAIN, {QAT: 1})], [want(PLAIN, {QAT: 1}, NET)], [have(PLAIN)]),
        {f"qualified {PLAIN}"},
    ),
    "an operator takes back what lost a trait": (
        Case(
            [undrain(PLAIN, {QAT: 1})],
            [want(PLAIN, {QAT: 1}, NET)],
            [have(PLAIN, {QAT: reserved(1)}, NET, DRAINED)],
            facts=BY_HAND,
        ),
        {f"qualified {PLAIN}"},
    ),
    "an operator takes back more than was left": (
        Case(
            [undrain(PLAIN, {QAT: 2})],
            [W_PLAIN],
            [have(PLAIN, {QAT: reserved(1)}, DRAINED)],
            facts=BY_HAND,
        ),
        {f"listed {PLAIN}"},
    ),
    "an operator takes back what is listed no more": (
        Case(
            [undrain(PLAIN, {QAT: 1})],
            [],
            [have(PLAIN, {QAT: reserved(1)}, DRAINED, used={})],
            facts=BY_HAND,
        ),
        {f"listed {PLAIN}"},
    ),
    "who gets it goes first": (regrouped([TAKES, GIVES]), {f"once {RED}"}),
    "who gives it keeps it": (regrouped([TAKES]), {f"once {RED}", f"listed {BLUE}"}),
    "a claim may hold it": (regrouped([GIVES, TAKES], USED_BLUE), {f"claimed {RED}"}),
    "a claim of before may hold it": (
        regrouped(
            [TAKES],
            have(BLUE, {NIC: 3}, used={"a": {NIC: 1}}),
            replace(
                OLD_CLAIM,
                providers={have(BLUE).uuid: have(BLUE, {NIC: 3})},
                ledger={
                    InventoryKey(RED, NIC): Counted(addresses(*VF[:4])),
                    InventoryKey(BLUE, NIC): Counted(
                        addresses(*VF[5:]), addresses(VF[4]), {"a": 1}
                    ),
                },
            ),
        ),
        {f"claimed {RED}"},
    ),
    "nobody asked whether a claim holds it": (
        regrouped([GIVES, TAKES], have(BLUE, {NIC: 4})),
        {f"asked {BLUE}"},
    ),
    "nobody asked for claims of before": (
        regrouped(
            [TAKES],
            have(BLUE, {NIC: 3}),
            replace(
                VF_LAST,
                providers={have(BLUE).uuid: have(BLUE, {NIC: 3})},
                ledger={
                    InventoryKey(BLUE, NIC): Counted(addresses(*VF[5:]), addresses(VF[4]), {"a": 1})
                },
            ),
        ),
        {f"asked {BLUE}"},
    ),
    "nobody knows what the claims hold": (
        regrouped([GIVES, TAKES], USED_BLUE, NOTHING_LEFT, [*REGROUPED, W_POOL]),
        {f"claimed {RED}"},
    ),
    "nobody knows what a pool counted": (
        Case([inventories(POOL, {QAT: 1}), *OUT_OF_POOL], [W_OUT, SMALLER, W_CARD], [H_POOL]),
        {f"claimed {PLAIN}"},
    ),
    "less than its own claims hold": (
        Case([inventories(BLUE, {NIC: 3})], [W_CARD, W_BLUE], [H_CARD, USED_BLUE], last=VF_LAST),
        {f"workload {BLUE}"},
    ),
    "less is out of service than is listed": (
        Case([inventories(RED, {NIC: reserved(3)})], [W_CARD, W_RED], [H_CARD, OUT_RED]),
        {f"sticky {RED}"},
    ),
    "a claim of a pool may hold it": (
        Case(
            [inventories(POOL, {QAT: 1}), *OUT_OF_POOL], [W_OUT, SMALLER], [H_POOL], last=POOL_LAST
        ),
        {f"claimed {PLAIN}"},
    ),
}

KEPT = {
    "all that is listed": Case(
        [*NAMED, create(PLAIN), traits(PLAIN), inventories(PLAIN, {QAT: 1})], [W_PLAIN]
    ),
    "reserved before its traits": Case(
        [*NAMED, EnsureTrait(NET), inventories(PLAIN, {QAT: reserved(1)}), traits(PLAIN, NET)],
        [want(PLAIN, {QAT: 1}, NET)],
        [have(PLAIN)],
    ),
    "with the traits that it had": Case((), [want(PLAIN, {QAT: 1}, NET)], [have(PLAIN, {QAT: 1})]),
    "an operator takes it back": Case(
        [undrain(PLAIN, {QAT: 1}, NET)],
        [want(PLAIN, {QAT: 1}, NET, ID)],
        [have(PLAIN, {QAT: reserved(1)}, NET, DRAINED)],
        facts=BY_HAND,
    ),
    "less than its own claims hold and somebody reserved": Case(
        [inventories(BLUE, {NIC: reserved(3, 1)})],
        [W_CARD, W_BLUE],
        [H_CARD, have(BLUE, {NIC: reserved(4, 1)}, used={"a": {NIC: 3}})],
        last=VF_LAST,
    ),
    "less than claims of before hold of it": Case(
        [inventories(BLUE, {NIC: 3})], [W_CARD, W_BLUE], [H_CARD, USED_BLUE], last=ALL_OLD
    ),
    "less than claims hold of which nobody remembers when they were made": Case(
        [inventories(BLUE, {NIC: 3})], [W_CARD, W_BLUE], [H_CARD, USED_BLUE]
    ),
    "who came since holds what it counts, whatever those before hold": Case(
        [inventories(RED, {NIC: 4})],
        [W_CARD, W_RED, W_BLUE],
        [H_CARD, have(RED, {NIC: 3}, used={}), have(BLUE, {NIC: 4}, used={"new": {NIC: 1}})],
        last=replace(
            VF_LAST,
            ledger={
                InventoryKey(RED, NIC): Counted(addresses(*VF[:4])),
                InventoryKey(BLUE, NIC): Counted(
                    addresses(*VF[4:8]), addresses(*VF[4:8]), {"old": 1}, sure=False
                ),
            },
        ),
    ),
    "used up in its one use": Case(
        [inventories(PLAIN, {QAT: reserved(1)})],
        [want(PLAIN, {QAT: 1}, one_time_use=True)],
        [have(PLAIN, {QAT: 1}, used={"a": {QAT: 1}})],
    ),
    "another card is there": Case(
        [EnsureTrait(DRAINING), drain(PLAIN, {QAT: reserved(1)}, DRAINING, ID)],
        [want(PLAIN, {QAT: 1}, names.id_trait("8086", "ffff"))],
        [have(PLAIN, {QAT: 1}, ID, used={"a": {QAT: 1}})],
    ),
    "all of it is given up": Case(
        [EnsureTrait(DRAINING), drain(PLAIN, {QAT: reserved(1)}, DRAINING)],
        [W_PLAIN],
        [have(PLAIN, {QAT: 1}, used={"a": {QAT: 1}})],
        facts={"retiring": True},
    ),
    "less than is listed, and in use": Case(
        [inventories(RED, {NIC: reserved(3)})],
        [W_CARD, W_RED],
        [H_CARD, have(RED, {NIC: reserved(4)}, DRAINED, used={"a": {NIC: 1}})],
        last=ALL_OLD_RED,
    ),
    "a pool keeps its card out of service": Case(
        [inventories(RED, {NIC: reserved(3)})],
        [W_CARD, W_RED],
        [H_CARD, OUT_RED, have(POOL, {QAT: reserved(1)}, DRAINED, used={})],
        last=left([want(POOL, {QAT: 1}, at={QAT: [CARD]})], [have(POOL, {QAT: 1})]),
    ),
    "who gives it goes first": regrouped([GIVES, TAKES]),
    "what was begun is known": regrouped([TAKES], SMALL_BLUE, BEGUN),
    "what was begun may be what was left": regrouped([GIVES, TAKES], last=BEGUN_AND_LEFT),
    "held back by who holds it": Case((), [W_CARD], [H_CARD], held=[CARD]),
    "blocked below somebody else's": Case(
        (), [W_CARD, want(VFS, {NIC: 3})], [have(CARD, traits=frozenset({NET})), MORE_VFS]
    ),
    "drained": Case(
        [EnsureTrait(DRAINING), drain(PLAIN, {QAT: reserved(1)}, DRAINING)],
        [],
        [have(PLAIN, {QAT: 1}, used={})],
    ),
}


@pytest.mark.parametrize(("case", "broken"), BROKEN.values(), ids=BROKEN)
def test_it_is_named(case, broken):
    assert case.broken() == broken


@pytest.mark.parametrize("case", KEPT.values(), ids=KEPT)
def test_its_neighbour_is_not(case):
    assert case.broken() == set()
