"""What operators reserved stays known while we drain it, and is reserved still afterwards."""

from dataclasses import replace

import pytest
from support.cloud import (
    DRAINING,
    ID,
    MARK,
    NIC,
    OLD,
    QAT,
    SLOT,
    SLOTS,
    VFS,
    amounts,
    have,
    reserved,
    with_room,
)

from pci_placement import names
from pci_placement.plan.by_hand import (
    as_fresh,
    by_hand,
    marks_of_a_drain,
    stays_by_hand,
    was_fresh,
    with_marks,
)


def told(number: int, name: str) -> str:
    return names.reserved_trait(number, name)


ONE, ALL = told(1, NIC), told(4, NIC)
OTHER_ID = names.id_trait("10de", "20b0")


@pytest.mark.parametrize(
    ("inventory", "traits", "number"),
    [
        pytest.param(reserved(4, 1), [], 1, id="it says so itself"),
        pytest.param(reserved(4), [], 4, id="all of it"),
        pytest.param(reserved(4), [DRAINING], 0, id="we drain it"),
        pytest.param(reserved(4), [DRAINING, ONE], 1, id="we drain it, and say what was before"),
        pytest.param(reserved(4, 2), [DRAINING, ONE], 2, id="somebody lifted a part of the drain"),
        pytest.param(with_room(4, 1), [], 4, id="all of it, but for claims that were to move"),
        pytest.param(with_room(4, 1), [DRAINING], 0, id="we drain it, but for such claims"),
        pytest.param(with_room(4, 1), [DRAINING, told(2, NIC)], 2, id="and what was before"),
        pytest.param(reserved(4), [DRAINING, told(1, OLD)], 0, id="that was another class"),
        pytest.param(reserved(4), [DRAINING, names.ONE_TIME_USE], 4, id="it may have been used"),
        pytest.param(
            reserved(4), [DRAINING, names.ONE_TIME_USE, told(0, NIC)], 0, id="it had not been used"
        ),
    ],
)
def test_how_much_an_operator_reserved(inventory, traits, number):
    assert by_hand(have(VFS, {NIC: inventory, SLOT: SLOTS}, *traits)) == {NIC: number}


@pytest.mark.parametrize(
    ("there", "traits", "wanted", "stays"),
    [
        pytest.param({NIC: reserved(4, 1)}, [], {NIC: 4}, {NIC: 1}, id="the same"),
        pytest.param({NIC: reserved(4, 3)}, [], {NIC: 2}, {NIC: 2}, id="of fewer"),
        pytest.param({NIC: reserved(4, 1)}, [], {QAT: 4}, {QAT: 1}, id="under a new name"),
        pytest.param({NIC: reserved(4)}, [DRAINING, ONE], {NIC: 4}, {NIC: 1}, id="after a drain"),
        pytest.param(
            {NIC: reserved(4)}, [DRAINING, ONE], {QAT: 4}, {QAT: 1}, id="after it, and a new name"
        ),
        pytest.param(
            {NIC: reserved(4), QAT: reserved(4, 1)},
            [DRAINING],
            {NIC: 4},
            {NIC: 1},
            id="back under the old name",
        ),
        pytest.param(
            {NIC: 4, QAT: reserved(4, 1)}, [], {NIC: 4}, {NIC: 0}, id="of another that goes"
        ),
        pytest.param({NIC: reserved(4), SLOT: SLOTS}, [DRAINING], {SLOT: SLOTS}, {}, id="no slots"),
    ],
)
def test_how_much_of_what_is_wanted_stays_reserved(there, traits, wanted, stays):
    assert stays_by_hand(have(VFS, there, *traits), amounts(wanted)) == stays


@pytest.mark.parametrize(
    ("there", "drained", "offered", "marks"),
    [
        pytest.param({NIC: 4}, {NIC: reserved(4)}, [], set(), id="nothing was reserved"),
        pytest.param({NIC: reserved(4, 1)}, {NIC: reserved(4)}, [], {ONE}, id="one was"),
        pytest.param({NIC: reserved(4)}, {NIC: reserved(4)}, [], {ALL}, id="all were"),
        pytest.param(
            {NIC: reserved(4, 1), OLD: 2},
            {NIC: reserved(4, 1), OLD: reserved(2)},
            [NIC],
            set(),
            id="some of what is offered, which tells that itself",
        ),
        pytest.param(
            {NIC: reserved(4), OLD: 2},
            {NIC: reserved(4), OLD: reserved(2)},
            [NIC],
            {ALL},
            id="all of what is offered",
        ),
        pytest.param(
            {OLD: reserved(4, 1)},
            {OLD: reserved(4), NIC: reserved(1)},
            [NIC],
            {ONE},
            id="what has gone to a new class is not told of the old one",
        ),
        pytest.param(
            {OLD: reserved(4, 1)},
            {OLD: reserved(4), NIC: 1},
            [NIC],
            {told(1, OLD)},
            id="what has not gone there is",
        ),
    ],
)
def test_a_drain_is_marked_with_what_was_reserved_before_it(there, drained, offered, marks):
    before = have(VFS, there, told(9, QAT))
    made = with_marks(before.traits | {DRAINING}, before, amounts(drained), offered)
    assert made == {MARK, DRAINING, *marks}


@pytest.mark.parametrize(
    ("counts", "marks"),
    [
        pytest.param([ID], {ONE}, id="the same hardware"),
        pytest.param([], {ONE}, id="nobody knows which"),
        pytest.param([ID, OTHER_ID], {ONE}, id="it may be the same"),
        pytest.param([OTHER_ID], set(), id="another card"),
    ],
)
@pytest.mark.parametrize("offered", [[], [OLD]])
def test_what_was_reserved_of_other_hardware_is_not_told(counts, marks, offered):
    before = have(VFS, {NIC: reserved(4, 1)}, ID)
    drained = amounts({NIC: reserved(4), OLD: 4})
    made = with_marks(before.traits | {DRAINING}, before, drained, offered, frozenset(counts))
    assert made == {MARK, ID, DRAINING, *marks}


def test_draining_it_again_tells_the_same():
    before = have(VFS, {NIC: reserved(4, 1)})
    marked = with_marks(before.traits | {DRAINING}, before, {NIC: reserved(4)}, ())
    again = replace(before, traits=marked, inventories={NIC: reserved(4)})
    assert with_marks(marked, again, {NIC: reserved(4)}, ()) == marked


@pytest.mark.parametrize(
    ("traits", "fresh"),
    [([DRAINING, told(0, NIC)], True), ([DRAINING, told(0, OLD)], False), ([told(0, NIC)], False)],
)
def test_only_a_drain_tells_that_nobody_had_had_it(traits, fresh):
    assert was_fresh(have(VFS, {NIC: reserved(4), SLOT: SLOTS}, *traits)) == fresh
    assert as_fresh(amounts({NIC: 4, SLOT: SLOTS})) == {told(0, NIC)}


def test_the_marks_of_a_drain_end_together():
    assert marks_of_a_drain(have(VFS, {}, DRAINING, ONE)) == {DRAINING, ONE}
    assert marks_of_a_drain(have(VFS, {}, ONE)) == frozenset()
