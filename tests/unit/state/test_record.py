"""What a pass that swaps a card leaves to be known where it is cut off, again and again."""

import pytest
from support.cloud import ID, OLD, PLAIN, QAT, have, left, observe, plan, tree, want

from pci_placement import names
from pci_placement.model import LastPass, Matching, SetInventories
from pci_placement.model.last_pass import REREAD
from pci_placement.model.outcome import Done, Outcome, Result
from pci_placement.plan.past import hardware
from pci_placement.state.record import begin, remember

NEW_ID = names.id_trait("8086", "0435")
BEFORE, HALF = have(PLAIN, {QAT: 1}, ID), have(PLAIN, {QAT: 1}, NEW_ID)
CAME = want(PLAIN, {OLD: 1}, NEW_ID)


def begun(there, last: LastPass, held=()) -> LastPass:
    """What is saved before the first write of a pass."""
    wanted = [] if held else [CAME]
    made = plan(wanted, [there], held, last)
    return begin(tree(*wanted, held=held), observe(there, keys=[PLAIN]), made, last)


def failed(there, last: LastPass, held=()) -> LastPass:
    """What is left of a pass that sets traits, and fails to set inventories."""
    wanted = [] if held else [CAME]
    made, seen = plan(wanted, [there], held, last), observe(there, keys=[PLAIN])
    desired = tree(*wanted, held=held)
    before = begin(desired, seen, made, last)
    results = [
        Done(a, Result.FAILED if isinstance(a, SetInventories) else Result.DONE)
        for a in made.actions
    ]
    return remember(Matching({}), {}, desired, seen, made, Outcome(tuple(results)), before)


@pytest.fixture
def kept() -> LastPass:
    return failed(BEFORE, left([want(PLAIN, {QAT: 1}, ID)], [BEFORE]))


@pytest.mark.parametrize("again", [failed, begun], ids=["failed", "killed"])
def test_what_a_half_swapped_provider_counts_is_known_however_often_that_is_tried(kept, again):
    for _ in range(3):
        assert hardware(HALF, PLAIN, kept) == {ID}
        kept = again(HALF, kept)
        assert kept.providers[HALF.uuid].generation == REREAD


def test_so_it_is_after_passes_that_may_not_touch_it(kept):
    for _ in range(2):
        kept = failed(HALF, kept, held=[PLAIN])
        assert hardware(HALF, PLAIN, kept) == {ID}


def test_so_it_is_where_nothing_of_the_card_that_came_is_to_be_offered():
    last, empty = left([want(PLAIN, {QAT: 1}, ID)], [BEFORE]), want(PLAIN, {}, NEW_ID)
    made, seen = plan([empty], [BEFORE], (), last), observe(BEFORE, keys=[PLAIN])
    assert hardware(HALF, PLAIN, begin(tree(empty), seen, made, last)) == {ID}


def test_once_it_is_swapped_it_counts_what_it_says(kept):
    swapped = have(PLAIN, {OLD: 1}, NEW_ID)
    assert hardware(swapped, PLAIN, kept) == {NEW_ID}
    kept = failed(swapped, kept)
    assert kept.begun == {}
    assert kept.providers[swapped.uuid] == swapped
