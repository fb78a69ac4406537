"""What an operator or a use took out of service stays so, whatever becomes of its name."""

import pytest
from support.cloud import (
    BLUE,
    CARD,
    DRAINING,
    ID,
    NIC,
    OLD,
    PLAIN,
    QAT,
    RED,
    SLOT,
    VF,
    VFS,
    address,
    have,
    left,
    reserved,
    want,
)
from support.judged import Case, create, delete, drain, inventories, reshape, traits, undrain

from pci_placement import names
from pci_placement.model import EnsureResourceClass, EnsureTrait

DRAINED, ONCE = names.DRAINED, names.ONE_TIME_USE
OTHER_ID = names.id_trait("8086", "ffff")
BY_HAND = {"by_hand": address(PLAIN)}
NAMED = [EnsureTrait(n) for n in (names.MANAGED, ID, OTHER_ID, DRAINED, DRAINING)] + [
    EnsureResourceClass(n) for n in (QAT, NIC, OLD)
]

W_PLAIN, W_NEW = want(PLAIN, {QAT: 1}), want(PLAIN, {OLD: 1})
W_ONCE = want(PLAIN, {QAT: 1}, ONCE, one_time_use=True)
OUT = have(PLAIN, {QAT: reserved(1)}, DRAINED, used={})
SPENT = have(PLAIN, {QAT: reserved(1)}, ONCE, used={})
BY_OPERATOR = have(PLAIN, {QAT: reserved(1)}, used={})
BY_US = have(PLAIN, {QAT: reserved(1)}, DRAINING, used={})
FRESH = names.reserved_trait(0, QAT)
TOLD, TOLD_NEW = names.reserved_trait(1, QAT), names.reserved_trait(1, OLD)
BOTH = have(PLAIN, {QAT: reserved(1)}, DRAINING, TOLD, used={})
LAST = left([W_PLAIN], [OUT])
SLOTTED = have(PLAIN, {QAT: reserved(1), SLOT: reserved(1)}, used={"a": {QAT: 1, SLOT: 1}})
TURNED = reshape([(PLAIN, QAT, PLAIN, OLD)], {PLAIN: {OLD: 1}}, "a")
W_SAME = want(PLAIN, {OLD: 1}, ID)
HELD_BY_A = have(PLAIN, {QAT: reserved(1)}, ID, used={"a": {QAT: 1}})
MOST, FEW = have(RED, {NIC: reserved(4, 2)}, used={}), want(RED, {NIC: 2}, at={NIC: VF[:2]})
MANY = have(RED, {NIC: reserved(4, 1)}, used={})

W_CARD = want(CARD, {NIC: 1})
W_VFS = want(VFS, {OLD: 4})
OUT_CARD = have(CARD, {NIC: reserved(1)}, DRAINED, used={})
OUT_ID = have(CARD, {NIC: reserved(1)}, DRAINED, ID, used={})
BARE_CARD = inventories(CARD)
CARD_LAST = left([W_CARD], [OUT_CARD])
MADE = [*NAMED, create(VFS), traits(VFS), inventories(VFS, {OLD: 4})]
W_RED, W_BLUE = want(RED, {NIC: 4}), want(BLUE, {NIC: 4})

BROKEN = {
    "a drain ends by itself": (
        Case([*NAMED, undrain(PLAIN, {QAT: 1})], [W_PLAIN], [OUT], last=LAST),
        {f"sticky {PLAIN}"},
    ),
    "a drain is set by itself": (
        Case(
            [*NAMED, drain(PLAIN, {QAT: reserved(1)}, DRAINED)],
            [W_PLAIN],
            [have(PLAIN, {QAT: 1}, used={})],
        ),
        {f"sticky {PLAIN}"},
    ),
    "a drain is deleted": (Case([delete(PLAIN)], [], [OUT], last=LAST), {f"sticky {PLAIN}"}),
    "a use is deleted": (Case([delete(PLAIN)], [], [SPENT], last=LAST), {f"sticky {PLAIN}"}),
    "a drain gets lost in a new class": (
        Case([*NAMED, inventories(PLAIN, {OLD: 1})], [W_NEW], [OUT], last=LAST),
        {f"sticky {PLAIN}"},
    ),
    "a use gets lost": (
        Case([*NAMED, inventories(PLAIN, {QAT: 1})], [W_PLAIN], [SPENT], last=LAST),
        {f"sticky {PLAIN}"},
    ),
    "what an operator reserved is lifted": (
        Case([*NAMED, inventories(PLAIN, {OLD: 1})], [W_NEW], [BY_OPERATOR], last=LAST),
        {f"sticky {PLAIN}"},
    ),
    "what an operator reserved is lost with a claim": (
        Case([*NAMED, TURNED], [W_SAME], [HELD_BY_A], last=LAST),
        {f"sticky {PLAIN}"},
    ),
    "nothing tells any more what an operator reserved": (
        Case([*NAMED, drain(PLAIN, {QAT: reserved(1)}, DRAINING)], [], [BY_OPERATOR], last=LAST),
        {f"sticky {PLAIN}"},
    ),
    "what was reserved before our drain is lifted with it": (
        Case([*NAMED, undrain(PLAIN, {QAT: 1})], [W_PLAIN], [BOTH], last=LAST),
        {f"sticky {PLAIN}"},
    ),
    "it is told that nobody had what somebody has": (
        Case(
            [*NAMED, EnsureTrait(FRESH), drain(PLAIN, {QAT: reserved(1)}, DRAINING, ONCE, FRESH)],
            [],
            [have(PLAIN, {QAT: 1}, ONCE, used={"a": {QAT: 1}})],
            last=LAST,
        ),
        {f"sticky {PLAIN}"},
    ),
    "it is told still that nobody had what somebody has": (
        Case(
            [*NAMED, drain(PLAIN, {QAT: reserved(1)}, DRAINING, ONCE, FRESH)],
            [],
            [have(PLAIN, {QAT: 1}, ONCE, DRAINING, FRESH, used={"a": {QAT: 1}})],
            last=LAST,
        ),
        {f"sticky {PLAIN}"},
    ),
    "it is told that nobody had what was used": (
        Case(
            [*NAMED, EnsureTrait(FRESH), drain(PLAIN, {QAT: reserved(1)}, DRAINING, ONCE, FRESH)],
            [],
            [have(PLAIN, {QAT: reserved(1)}, ONCE, used={})],
            last=LAST,
        ),
        {f"sticky {PLAIN}"},
    ),
    "one of several": (
        Case(
            [inventories(RED, {NIC: 4})],
            [want(CARD), W_RED],
            [have(CARD), MANY],
            last=left([want(CARD), W_RED], [MANY]),
        ),
        {f"sticky {RED}"},
    ),
    "of fewer less is reserved than was by hand": (
        Case(
            [inventories(RED, {NIC: 2})],
            [want(CARD), FEW],
            [have(CARD), MOST],
            last=left([want(CARD), W_RED], [MOST]),
        ),
        {f"sticky {RED}"},
    ),
    "the VFs of a drained card": (
        Case([BARE_CARD, *MADE], [W_CARD, W_VFS], [OUT_CARD], last=CARD_LAST),
        {f"sticky {CARD}"},
    ),
    "somebody has it for its one use": (
        Case((), [W_ONCE], [have(PLAIN, {QAT: 1}, ONCE, used={"a": {QAT: 1}})]),
        {f"sticky {PLAIN}"},
    ),
    "nobody asked who had it": (
        Case((), [W_ONCE], [have(PLAIN, {QAT: 1})]),
        {f"asked {PLAIN}"},
    ),
}

KEPT = {
    "of fewer all are reserved": Case(
        [inventories(RED, {NIC: reserved(2, 2)})],
        [want(CARD), FEW],
        [have(CARD), MOST],
        last=left([want(CARD), W_RED], [MOST]),
    ),
    "a drain stays": Case((), [W_PLAIN], [OUT], last=LAST),
    "an operator ends it": Case(
        [*NAMED, undrain(PLAIN, {QAT: 1})], [W_PLAIN], [OUT], last=LAST, facts=BY_HAND
    ),
    "a node that retires forgets it": Case(
        [delete(PLAIN)], [], [OUT], last=LAST, facts={"retiring": True}
    ),
    "a drain in a new class": Case(
        [*NAMED, inventories(PLAIN, {OLD: reserved(1)})], [W_NEW], [OUT], last=LAST
    ),
    "our own drain ends": Case([*NAMED, undrain(PLAIN, {QAT: 1})], [W_PLAIN], [BY_US], last=LAST),
    "our own drain tells what was reserved before": Case(
        [*NAMED, EnsureTrait(TOLD), drain(PLAIN, {QAT: reserved(1)}, DRAINING, TOLD)],
        [],
        [BY_OPERATOR],
        last=LAST,
    ),
    "what is for one-time use from now on tells it by that": Case(
        [*NAMED, EnsureTrait(ONCE), drain(PLAIN, {QAT: reserved(1)}, DRAINING, ONCE)],
        [want(PLAIN, {OLD: 1}, ONCE, one_time_use=True)],
        [BY_OPERATOR],
        last=LAST,
    ),
    "it is told that nobody had it": Case(
        [*NAMED, EnsureTrait(FRESH), drain(PLAIN, {QAT: reserved(1)}, DRAINING, ONCE, FRESH)],
        [],
        [have(PLAIN, {QAT: 1}, ONCE, used={})],
        last=LAST,
    ),
    "and it is offered again": Case(
        [*NAMED, undrain(PLAIN, {QAT: 1}, ONCE)],
        [W_ONCE],
        [have(PLAIN, {QAT: reserved(1)}, ONCE, DRAINING, FRESH, used={})],
        last=LAST,
    ),
    "our own drain tells it of the class that came": Case(
        [
            *NAMED,
            EnsureTrait(TOLD_NEW),
            drain(PLAIN, {QAT: reserved(1), OLD: reserved(1)}, DRAINING, TOLD_NEW),
        ],
        [W_NEW],
        [BY_OPERATOR],
        last=LAST,
    ),
    "an operator takes back what we drain": Case(
        [traits(PLAIN, DRAINING)], [W_PLAIN], [BOTH], last=LAST, facts=BY_HAND
    ),
    "reserved again in the next request": Case(
        [*NAMED, TURNED, inventories(PLAIN, {OLD: reserved(1)})],
        [W_SAME],
        [HELD_BY_A],
        last=LAST,
    ),
    "as many of several": Case(
        [inventories(RED, {NIC: reserved(4, 1)})],
        [want(CARD), W_RED],
        [have(CARD), MANY],
        last=left([want(CARD), W_RED], [MANY]),
    ),
    "another card in its place": Case(
        [*NAMED, inventories(PLAIN), traits(PLAIN, OTHER_ID), inventories(PLAIN, {OLD: 1})],
        [want(PLAIN, {OLD: 1}, OTHER_ID)],
        [have(PLAIN, {QAT: reserved(1)}, ID, used={})],
        last=LAST,
    ),
    "for one use, and nobody had it": Case((), [W_ONCE], [have(PLAIN, {QAT: 1}, used={})]),
    "for one use, and reserved after it": Case((), [W_ONCE], [SPENT]),
    "for one use, and gone": Case(
        [inventories(PLAIN)], [W_ONCE], [have(PLAIN, {QAT: 1}, ONCE, used={})]
    ),
}


@pytest.mark.parametrize(("case", "broken"), BROKEN.values(), ids=BROKEN)
def test_it_is_named(case, broken):
    assert case.broken() == broken


@pytest.mark.parametrize("case", KEPT.values(), ids=KEPT)
def test_its_neighbour_is_not(case):
    assert case.broken() == set()
