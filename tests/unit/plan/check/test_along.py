"""What was reserved by hand stays so, in number, where its devices go to other providers."""

from dataclasses import replace

import pytest
from support.cloud import (
    ID,
    PLAIN,
    POOL,
    POOLED,
    QAT,
    have,
    left,
    reserved,
    want,
)
from support.judged import Case, create, delete, drain, inventories, traits

from pci_placement import names
from pci_placement.model import EnsureResourceClass, EnsureTrait

OTHER_ID = names.id_trait("8086", "ffff")
SECOND = POOLED[1]
NAMED = [*(EnsureTrait(n) for n in (names.MANAGED, ID, OTHER_ID)), EnsureResourceClass(QAT)]
OF_TWO = {QAT: POOLED[:2]}
W_POOL = want(POOL, {QAT: 2}, ID, at=OF_TWO)
W_ONE = want(POOL, {QAT: 1}, ID, at={QAT: [SECOND]})
W_FIRST, W_SECOND = want(PLAIN, {QAT: 1}, ID), want(SECOND, {QAT: 1}, ID)
W_ANOTHER = want(PLAIN, {QAT: 1}, OTHER_ID)
SINGLE = [W_FIRST, W_SECOND]
HAS_POOL = have(POOL, {QAT: reserved(2, 1)}, ID, used={})
FIRST = have(PLAIN, {QAT: reserved(1)}, ID, used={})
ALSO = have(SECOND, {QAT: reserved(1)}, ID, used={})
FREE = have(SECOND, {QAT: 1}, ID, used={})


def made(key: str, given: dict, *ids: str) -> list:
    return [create(key), traits(key, *(ids or (ID,))), inventories(key, given)]


def divided(first: dict, second: dict, *before, last=None) -> Case:
    """A pool becomes single devices."""
    actions = [*NAMED, delete(POOL), *made(PLAIN, first), *made(SECOND, second)]
    there = [HAS_POOL, *before]
    return Case(actions, SINGLE, there, last=last or left([W_POOL], there))


def pooled(given: dict, *there) -> Case:
    """Single devices become a pool."""
    actions = [*NAMED, delete(PLAIN), delete(SECOND), *made(POOL, given)]
    return Case(actions, [W_POOL], there, last=left(SINGLE, there))


DRAINING, DRAINED = names.DRAINING, names.DRAINED
TOLD = names.reserved_trait(1, QAT)
BY_HAND = {QAT: reserved(1)}


def swapped(*actions, first=FIRST, there=(), wanted=(W_ANOTHER,), **fields) -> Case:
    """Another card comes to where one was that an operator reserved."""
    known = [EnsureTrait(n) for n in (DRAINING, DRAINED, TOLD)]
    have_all = [first, *there]
    last = replace(left([W_FIRST], have_all), **fields)
    return Case([*NAMED, *known, *actions], wanted, have_all, last=last)


WITHHELD = drain(PLAIN, BY_HAND, OTHER_ID, DRAINING, TOLD)
GONE = have(SECOND, BY_HAND, OTHER_ID)
BROKEN = {
    "the card that came is reserved": (
        swapped(traits(PLAIN, OTHER_ID), there=[ALSO]),
        {f"sticky {PLAIN}"},
    ),
    "what is withheld tells it of the card that came": (swapped(WITHHELD), {f"sticky {PLAIN}"}),
    "a pool gives all of it": (divided({QAT: 1}, {QAT: 1}), {f"sticky {POOL}"}),
    "a pool gets nothing of it": (pooled({QAT: 2}, FIRST, FREE), {f"sticky {PLAIN}"}),
    "a pool gets it of one of two": (
        pooled({QAT: reserved(2, 1)}, FIRST, ALSO),
        {f"sticky {PLAIN}", f"sticky {SECOND}"},
    ),
    "a pool keeps a part of its devices and nothing reserved": (
        Case(
            [*NAMED, inventories(POOL, {QAT: reserved(1, 0)}), *made(PLAIN, {QAT: 1})],
            [W_ONE, W_FIRST],
            [HAS_POOL],
            last=left([W_POOL], [HAS_POOL]),
        ),
        {f"sticky {POOL}"},
    ),
}
KEPT = {
    "nothing, of a card that came": swapped(
        drain(PLAIN, BY_HAND, OTHER_ID, DRAINING), there=[ALSO]
    ),
    "nothing, where nothing was done": Case(
        [], [W_ANOTHER], [FIRST], last=left([W_FIRST], [FIRST])
    ),
    "what is out of service": swapped(
        traits(PLAIN, OTHER_ID, DRAINED), first=have(PLAIN, BY_HAND, ID, DRAINED, used={})
    ),
    "what others of that hardware reserve": swapped(
        WITHHELD, there=[GONE], wanted=[W_ANOTHER, want(SECOND, {QAT: 1}, OTHER_ID)]
    ),
    "or did before a pass that was cut off": swapped(
        WITHHELD, providers={p.uuid: p for p in (FIRST, GONE)}
    ),
    "nothing that a retirement leaves": replace(swapped(WITHHELD), facts={"retiring": True}),
    "the first that gets some": divided({QAT: reserved(1)}, {QAT: 1}),
    "or another one": divided({QAT: 1}, {QAT: reserved(1)}),
    "all that a pool gets": pooled({QAT: reserved(2)}, FIRST, ALSO),
    "as much as was": pooled({QAT: reserved(2, 1)}, FIRST, FREE),
    "the pool itself": Case(
        [*NAMED, inventories(POOL, {QAT: reserved(1)}), *made(PLAIN, {QAT: 1})],
        [W_ONE, W_FIRST],
        [HAS_POOL],
        last=left([W_POOL], [HAS_POOL]),
    ),
    "nothing, where other hardware came": Case(
        [*NAMED, delete(POOL), *made(PLAIN, {QAT: 1}, OTHER_ID)],
        [W_ANOTHER],
        [HAS_POOL],
        last=left([W_POOL], [HAS_POOL]),
    ),
    "nothing, where nobody knows what was counted": Case(
        [*NAMED, delete(POOL), *made(PLAIN, {QAT: 1}), *made(SECOND, {QAT: 1})],
        SINGLE,
        [HAS_POOL],
    ),
}


@pytest.mark.parametrize(("case", "broken"), BROKEN.values(), ids=BROKEN)
def test_it_is_named(case, broken):
    assert case.broken() == broken


@pytest.mark.parametrize("case", KEPT.values(), ids=KEPT)
def test_what_is_reserved_enough_is_not(case):
    assert case.broken() == set()
