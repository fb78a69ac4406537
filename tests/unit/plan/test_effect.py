"""What Placement has after a plan, worked out instead of asked for."""

from dataclasses import replace

import pytest
from support.cloud import (
    CARD,
    DRAINING,
    MARK,
    NIC,
    OLD,
    PLAIN,
    POOL,
    QAT,
    VFS,
    amounts,
    have,
    name,
    reserved,
    uuid,
)
from support.placements import ROOT

from pci_placement.errors import GenerationConflict
from pci_placement.model import (
    CreateProvider,
    DeleteProvider,
    Drain,
    EnsureTrait,
    Move,
    MoveProvider,
    RenameProvider,
    Reshape,
    SetInventories,
    SetTraits,
    Undrain,
)
from pci_placement.model.last_pass import REREAD
from pci_placement.model.outcome import Done, Outcome, Result
from pci_placement.plan.effect import after

BEFORE = have(VFS, {NIC: 4}, used={"bob": {NIC: 1}})
ONE = amounts({QAT: 1})
BOTH = frozenset({MARK, DRAINING})


def done(*actions, generations=None, **results):
    """Carry actions over that all had one result."""
    result = results.get("result", Result.DONE)
    outcome = Outcome(tuple(Done(a, result) for a in actions), generations or {})
    return after({BEFORE.uuid: BEFORE}, outcome)


def traits(key=VFS):
    return SetTraits(uuid(key), name(key), frozenset({MARK}), frozenset(), frozenset(), "")


def create(key=PLAIN):
    return CreateProvider(uuid(key), name(key), ROOT.uuid, ROOT.name, "")


@pytest.mark.parametrize(
    ("action", "changed"),
    [
        (RenameProvider(BEFORE.uuid, "b", "a", uuid(CARD), ""), {"name": "b"}),
        (MoveProvider(BEFORE.uuid, "b", ROOT.uuid, "", ""), {"name": "b", "parent": ROOT.uuid}),
        (traits(), {"traits": frozenset({MARK})}),
        (SetInventories(BEFORE.uuid, "", ONE, {}, ""), {"inventories": ONE}),
        (
            Drain(BEFORE.uuid, "", BOTH, {NIC: reserved(4)}, {}, ""),
            {"traits": BOTH, "inventories": {NIC: reserved(4)}},
        ),
        (
            Undrain(BEFORE.uuid, "", frozenset({MARK}), ONE, {}, ""),
            {"traits": frozenset({MARK}), "inventories": ONE},
        ),
        (EnsureTrait(MARK), {}),
    ],
)
def test_an_action_that_was_done_changes_what_it_is_about(action, changed):
    assert done(action) == {BEFORE.uuid: replace(BEFORE, **changed)}


def test_a_created_provider_is_there_as_the_next_actions_left_it():
    after_all = done(create(), traits(PLAIN), generations={uuid(PLAIN): 1})
    made = replace(have(PLAIN, generation=1), consumers={}, unused=True)
    assert after_all == {BEFORE.uuid: BEFORE, made.uuid: made}


def test_a_created_provider_is_empty_until_more_is_done():
    made = done(create(), generations={uuid(PLAIN): 0})[uuid(PLAIN)]
    bare = have(PLAIN, generation=0, traits=frozenset())
    assert made == replace(bare, consumers={}, unused=True)


def test_a_deleted_provider_is_gone():
    assert done(DeleteProvider(BEFORE.uuid, BEFORE.name, "")) == {}


def test_generations_are_those_that_placement_told():
    assert done(traits(), generations={BEFORE.uuid: 9})[BEFORE.uuid].generation == 9
    assert done(traits())[BEFORE.uuid].generation == BEFORE.generation


@pytest.mark.parametrize("result", [Result.FAILED, Result.SKIPPED])
def test_a_provider_of_which_something_was_not_done_is_to_be_read_again(result):
    done_first = Done(traits(), Result.DONE)
    failed = Done(SetInventories(BEFORE.uuid, "", amounts({OLD: 1}), {}, ""), result)
    other = have(CARD)
    outcome = Outcome((done_first, failed), {BEFORE.uuid: 9})
    uses_unknown = replace(BEFORE, generation=REREAD)
    known = after({BEFORE.uuid: BEFORE, other.uuid: other}, outcome)
    assert known == {BEFORE.uuid: uses_unknown, other.uuid: other}


def test_a_provider_that_was_created_and_not_finished_is_not_taken_for_finished():
    # whether it is there is for the next pass to see: it was not there before this one
    results = (Done(create(), Result.DONE), Done(traits(PLAIN), Result.FAILED))
    assert after({BEFORE.uuid: BEFORE}, Outcome(results)) == {BEFORE.uuid: BEFORE}


MOVE = Move(BEFORE.uuid, NIC, uuid(CARD), QAT)


def reshape(result: Result, **generations):
    before = have(CARD, {OLD: 1})
    action = Reshape(
        moves=(MOVE,),
        inventories={BEFORE.uuid: {}, before.uuid: amounts({OLD: 1, QAT: 4}), "away": {}},
        before={},
        names={},
        consumers=("bob",),
        reason="",
    )
    outcome = Outcome((Done(action, result),), generations)
    return after({BEFORE.uuid: BEFORE, before.uuid: before}, outcome)


def test_a_reshape_changes_the_inventories_of_all_that_are_involved():
    known = reshape(Result.DONE, **{BEFORE.uuid: 9, uuid(CARD): 12})
    assert {u: (p.inventories, p.generation) for u, p in known.items()} == {
        BEFORE.uuid: ({}, 9),
        uuid(CARD): (amounts({OLD: 1, QAT: 4}), 12),
    }


def test_of_a_reshape_that_failed_all_are_to_be_read_again():
    known = reshape(Result.FAILED)
    assert {p.generation for p in known.values()} == {REREAD}
    assert known[BEFORE.uuid].inventories == BEFORE.inventories


def test_a_name_that_was_not_made_says_nothing_of_any_provider():
    assert done(EnsureTrait(MARK), result=Result.FAILED) == {BEFORE.uuid: BEFORE}


def test_a_provider_that_was_never_read_stays_unknown():
    assert done(traits(PLAIN)) == {BEFORE.uuid: BEFORE}


def test_a_plan_that_was_stopped_is_carried_over_as_far_as_it_came():
    stop = GenerationConflict("PUT", "/", 409)
    results = (Done(create(), Result.DONE), Done(traits(), Result.FAILED))
    known = after({BEFORE.uuid: BEFORE}, Outcome(results, {uuid(PLAIN): 0}, stop))
    assert {u: p.generation for u, p in known.items()} == {BEFORE.uuid: REREAD, uuid(PLAIN): 0}


def test_what_was_changed_together_with_something_unfinished_is_read_again():
    pool, device = have(POOL, {QAT: 1}), have(PLAIN)
    moved = Reshape(
        moves=(Move(pool.uuid, QAT, device.uuid, QAT),),
        inventories={pool.uuid: {}, device.uuid: amounts({QAT: 1})},
        before={},
        names={pool.uuid: pool.name, device.uuid: device.name},
        consumers=(),
        reason="why",
    )
    gone = DeleteProvider(pool.uuid, pool.name, "why")
    outcome = Outcome(
        (Done(moved, Result.DONE), Done(gone, Result.FAILED)), {pool.uuid: 9, device.uuid: 9}
    )
    found = after({p.uuid: p for p in (pool, device)}, outcome)
    assert {p.generation for p in found.values()} == {REREAD}
