"""The actions of several providers as one request that moves claims with inventories."""

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
    RED,
    VFS,
    amounts,
    have,
    name,
    reserved,
    told,
    uuid,
    with_room,
)

from pci_placement import names
from pci_placement.model import (
    CreateProvider,
    DeleteProvider,
    Drain,
    Move,
    RenameProvider,
    SetInventories,
    SetTraits,
    Undrain,
)
from pci_placement.plan.reshape import FOLLOW, Ends, Staged, stage

RED_NET = names.physnet_trait("red")
BOB = {"bob": {NIC: 3}}
OLD_ONLY, NEW = amounts({OLD: 4}), amounts({NIC: 4})
THERE = have(VFS, {OLD: 4}, used={"bob": {OLD: 3}})
MOVED = replace(THERE, consumers=BOB)


def set_inventories(inventories=NEW, key=VFS):
    return SetInventories(uuid(key), name(key), inventories, OLD_ONLY, "why")


def drain(inventories, *traits):
    marks = frozenset({MARK, DRAINING, *traits})
    return Drain(uuid(VFS), name(VFS), marks, inventories, OLD_ONLY, "why")


def undrain(inventories):
    return Undrain(uuid(VFS), name(VFS), frozenset({MARK}), inventories, OLD_ONLY, "why")


def delete(key=VFS):
    return DeleteProvider(uuid(key), name(key), "why")


# --- what comes before, with and after the request


def test_inventories_are_set_by_the_request_itself():
    assert stage([set_inventories()], THERE, MOVED) == Staged((), NEW, ())


def test_a_provider_that_nothing_happens_to_keeps_its_inventories():
    assert stage([], THERE, MOVED).inventories == OLD_ONLY


def test_place_and_traits_come_first():
    rename = RenameProvider(uuid(VFS), name(VFS), "by hand", uuid(CARD), "")
    traits = SetTraits(uuid(VFS), name(VFS), frozenset({MARK}), frozenset(), frozenset(), "")
    create = CreateProvider(uuid(VFS), name(VFS), uuid(CARD), name(CARD), "")
    for first in (rename, traits, create):
        staged = stage([first, set_inventories()], THERE, MOVED)
        assert (staged.before, staged.after) == ((first,), ())


def test_what_is_deleted_is_emptied_by_the_request_and_deleted_after_it():
    staged = stage([delete()], THERE, replace(THERE, consumers={}))
    assert staged == Staged((), {}, (delete(),))


def test_a_provider_that_is_new_has_had_nothing():
    staged = stage([set_inventories()], None, MOVED)
    assert staged.inventories == NEW
    marked = stage([drain({NIC: reserved(4)})], None, MOVED)
    assert marked.before[0].added == {MARK, DRAINING}


def test_fewer_devices_than_claims_are_written_after_the_request_that_needs_room():
    few = amounts({NIC: 2})
    staged = stage([set_inventories(few)], THERE, MOVED)
    assert staged.inventories == amounts({NIC: 3})
    (then,) = staged.after
    assert (then.inventories, then.before) == (few, staged.inventories)


def test_room_for_claims_does_not_stay_where_nothing_else_was_to_change():
    few = have(VFS, {NIC: 2}, used={"eve": {NIC: 1}})
    staged = stage([], few, replace(few, consumers={"eve": {NIC: 1}, **BOB}))
    assert staged.inventories == amounts({NIC: 4})
    (then,) = staged.after
    assert (then.inventories, then.before) == (amounts({NIC: 2}), staged.inventories)


def test_a_drain_marks_first_and_reserves_what_is_in_use_last():
    all_of_it = {NIC: reserved(4)}
    staged = stage([drain(all_of_it, RED_NET)], THERE, MOVED)
    (mark,) = staged.before
    assert isinstance(mark, SetTraits)
    assert (mark.traits, mark.added, mark.removed) == (
        {MARK, DRAINING, RED_NET},
        {DRAINING, RED_NET},
        frozenset(),
    )
    assert staged.inventories == {NIC: with_room(4, 1)}
    (then,) = staged.after
    assert (type(then), then.inventories, then.before) == (Drain, all_of_it, staged.inventories)


def test_a_drain_that_changes_no_trait_sets_none():
    marked = replace(THERE, traits=frozenset({MARK, DRAINING}))
    assert stage([drain({NIC: reserved(4)})], marked, MOVED).before == ()


def test_a_drain_of_what_nobody_uses_any_more_is_done_by_the_request():
    staged = stage([drain({OLD: reserved(4)})], THERE, replace(THERE, consumers={}))
    assert (staged.inventories, staged.after) == ({OLD: reserved(4)}, ())


def test_an_undrain_takes_its_mark_off_after_the_request():
    staged = stage([undrain(NEW)], THERE, MOVED)
    assert (staged.before, staged.inventories) == ((), NEW)
    (then,) = staged.after
    assert (type(then), then.inventories, then.before) == (Undrain, NEW, NEW)


# --- the request


def move(source, source_class, target, target_class):
    return Move(uuid(source), source_class, uuid(target), target_class)


INTO_POOL = [move(PLAIN, QAT, POOL, QAT), move(CARD, QAT, POOL, QAT)]
DEVICES = [
    have(PLAIN, {QAT: 1, OLD: 1}, used={"bob": {QAT: 1}, "zoe": {OLD: 1}}),
    have(CARD, {QAT: 1}, used={"eve": {QAT: 1}}),
]


@pytest.fixture
def pooled():
    pool = have(POOL, used={"bob": {QAT: 1}, "eve": {QAT: 1}})
    moved = (replace(DEVICES[0], consumers={"zoe": {OLD: 1}}), replace(DEVICES[1], consumers={}))
    ends = Ends(
        moves=tuple(INTO_POOL),
        before={p.uuid: p for p in DEVICES},
        moved={p.uuid: p for p in (pool, *moved)},
        names={uuid(key): name(key) for key in (PLAIN, CARD, POOL)},
        rests_on=(uuid(RED),),
    )
    actions = [
        set_inventories(amounts({QAT: 2}), POOL),
        set_inventories(amounts({OLD: 1}), PLAIN),
        delete(CARD),
    ]
    return ends.staged(actions).request


def test_the_request_has_all_that_is_involved_as_it_is_and_as_it_is_to_be(pooled):
    assert set(pooled.inventories) == set(pooled.before) == {uuid(k) for k in (PLAIN, CARD, POOL)}
    assert pooled.before[uuid(POOL)] == {}
    assert pooled.before[uuid(PLAIN)] == amounts({QAT: 1, OLD: 1})
    assert pooled.inventories[uuid(POOL)] == amounts({QAT: 2})


def test_it_moves_the_consumers_of_the_classes_that_move(pooled):
    assert pooled.moves == tuple(INTO_POOL)
    assert pooled.consumers == ("bob", "eve")


def test_it_waits_for_givers_that_are_no_part_of_it(pooled):
    assert pooled.rests_on == (uuid(RED),)


def test_it_is_told_under_the_name_of_its_target(pooled):
    assert (pooled.uuid, pooled.name, pooled.reason) == (uuid(POOL), name(POOL), FOLLOW)
    assert told([pooled]) == [f"Reshape {POOL}"]
