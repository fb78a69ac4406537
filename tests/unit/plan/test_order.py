"""The order in which actions are safe, and the names that they need."""

import pytest
from support.cloud import (
    CARD,
    DRAINING,
    ID,
    MARK,
    NIC,
    OLD,
    PLAIN,
    QAT,
    RED,
    VFS,
    amounts,
    have,
    line,
    name,
    told,
    uuid,
)
from support.placements import ROOT

from pci_placement import names
from pci_placement.model import (
    CreateProvider,
    DeleteProvider,
    DeleteResourceClass,
    DeleteTrait,
    Drain,
    ListedProvider,
    Move,
    MoveProvider,
    RenameProvider,
    Reshape,
    SetInventories,
    SetTraits,
    Undrain,
)
from pci_placement.plan.order import ensure, forget, in_order, with_parents

RED_NET = names.physnet_trait("red")
DISK = names.resource_class("DISK_GB")


def create(key):
    return CreateProvider(uuid(key), name(key), ROOT.uuid, ROOT.name, "")


def traits(key, *more):
    return SetTraits(uuid(key), name(key), frozenset({MARK, *more}), frozenset(), frozenset(), "")


def inventories(key, after=(), **amount):
    after = tuple(map(uuid, after))
    return SetInventories(uuid(key), name(key), amounts(amount or {NIC: 1}), {}, "", after)


def drain(key):
    marks = frozenset({MARK, DRAINING})
    return Drain(uuid(key), name(key), marks, amounts({OLD: 1}), {}, "")


def undrain(key, after=()):
    after = tuple(map(uuid, after))
    return Undrain(uuid(key), name(key), frozenset({RED_NET}), amounts({OLD: 1}), {}, "", after)


def delete(key):
    return DeleteProvider(uuid(key), name(key), "")


def reshape(target, source):
    made = {uuid(target): amounts({QAT: 2, DISK: 2}), uuid(source): {}}
    known = {uuid(target): name(target), uuid(source): name(source)}
    return Reshape((Move(uuid(source), QAT, uuid(target), QAT),), made, {}, known, (), "")


def ordered(shaping, removal, first=(), reshaping=(), late=()):
    return told(in_order(shaping, removal, set(map(uuid, first)), reshaping, set(map(uuid, late))))


# --- who comes when


def test_shape_then_drains_then_deletions():
    assert ordered(
        [create(PLAIN), traits(PLAIN), drain(RED), inventories(PLAIN)], [delete(VFS), drain(CARD)]
    ) == [
        f"CreateProvider {PLAIN}",
        f"SetTraits {PLAIN}",
        f"SetInventories {PLAIN}",
        f"Drain {RED}",
        f"Drain {CARD}",
        f"DeleteProvider {VFS}",
    ]


def test_what_makes_room_comes_before_what_takes_it():
    assert ordered([inventories(CARD), inventories(VFS)], [], first=[VFS]) == [
        f"SetInventories {VFS}",
        f"SetInventories {CARD}",
    ]


def test_all_removals_come_first_where_one_makes_room():
    # else a parent would be deleted before the children that make none
    assert ordered([inventories(PLAIN)], [delete(VFS), delete(CARD)], first=[CARD]) == [
        f"DeleteProvider {VFS}",
        f"DeleteProvider {CARD}",
        f"SetInventories {PLAIN}",
    ]


@pytest.mark.parametrize(
    "placing",
    [
        create(VFS),
        MoveProvider(uuid(VFS), name(VFS), uuid(CARD), name(CARD), ""),
        RenameProvider(uuid(VFS), name(VFS), "by hand", uuid(CARD), ""),
    ],
    ids=lambda action: type(action).__name__,
)
def test_a_provider_that_makes_room_waits_for_its_place_until_its_parent_is_there(placing):
    found = in_order([create(CARD), placing, inventories(VFS)], [], {uuid(VFS)})
    assert found == [inventories(VFS), create(CARD), placing]


# --- with claims that move


def test_what_claims_move_away_from_is_removed_after_they_did():
    assert ordered(
        [create(RED), traits(RED), inventories(PLAIN)],
        [delete(VFS), drain(CARD)],
        reshaping=[reshape(RED, VFS)],
        late=[VFS],
    ) == [
        f"CreateProvider {RED}",
        f"SetTraits {RED}",
        f"SetInventories {PLAIN}",
        f"Reshape {RED}",
        f"Drain {CARD}",
        f"DeleteProvider {VFS}",
    ]


def test_a_removal_that_has_to_wait_makes_no_room_before():
    found = ordered([inventories(PLAIN)], [delete(VFS)], [VFS], [reshape(RED, VFS)], late=[VFS])
    assert found == [f"SetInventories {PLAIN}", f"Reshape {RED}", f"DeleteProvider {VFS}"]


@pytest.mark.parametrize("taker", [inventories, undrain])
def test_who_gets_what_they_leave_comes_after_them(taker):
    found = in_order(
        [taker(CARD, after=[VFS]), inventories(PLAIN)], [], (), [reshape(RED, VFS)], {uuid(VFS)}
    )
    assert found == [inventories(PLAIN), reshape(RED, VFS), taker(CARD, after=[VFS])]


def test_nothing_is_lost_or_done_twice():
    shaping = [inventories(CARD, after=[VFS]), drain(RED), create(PLAIN), inventories(VFS)]
    removal = [delete(PLAIN), drain(VFS), delete(VFS)]
    for first in ([], [VFS], [PLAIN, RED]):
        for late in ([], [VFS], [CARD, PLAIN]):
            found = in_order(
                shaping, removal, set(map(uuid, first)), [reshape(RED, VFS)], set(map(uuid, late))
            )
            assert sorted(map(repr, found)) == sorted(
                map(repr, [*shaping, *removal, reshape(RED, VFS)])
            )


def test_the_parents_of_what_moves_away_are_late_too():
    listed = [ListedProvider(ROOT.uuid, ROOT.name, None, 0)]
    listed += [line(have(key)) for key in (CARD, VFS, RED, PLAIN)]
    assert with_parents([uuid(VFS)], listed) == {uuid(VFS), uuid(CARD), ROOT.uuid}
    assert with_parents([uuid(PLAIN), uuid(CARD)], listed) == {
        uuid(PLAIN),
        uuid(CARD),
        ROOT.uuid,
    }
    assert with_parents([], listed) == set()


def test_one_that_is_not_listed_yet_has_no_parents():
    assert with_parents(["new"], []) == {"new"}


# --- names


@pytest.mark.parametrize(
    ("action", "needed"),
    [
        (inventories(VFS), [f"EnsureResourceClass {NIC}"]),
        (traits(VFS, names.NIC_SRIOV), [f"EnsureTrait {MARK}"]),
        (
            drain(VFS),
            [f"EnsureResourceClass {OLD}", f"EnsureTrait {DRAINING}", f"EnsureTrait {MARK}"],
        ),
        (undrain(VFS), [f"EnsureResourceClass {OLD}", f"EnsureTrait {RED_NET}"]),
        (reshape(RED, VFS), [f"EnsureResourceClass {QAT}"]),
        (create(VFS), []),
        (delete(VFS), []),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_action_needs_the_custom_names_that_it_writes(action, needed):
    assert told(ensure([action], [])) == needed


def test_what_a_provider_of_ours_has_is_known():
    assert told(ensure([drain(VFS)], [have(PLAIN, {OLD: 1})])) == [f"EnsureTrait {DRAINING}"]


def test_each_name_is_made_once_and_classes_come_first():
    actions = [traits(VFS), inventories(VFS), traits(RED), inventories(RED, **{QAT: 1})]
    assert told(ensure(actions, [])) == [
        f"EnsureResourceClass {NIC}",
        f"EnsureResourceClass {QAT}",
        f"EnsureTrait {MARK}",
    ]


# --- names that nobody needs


def forgotten(actions, *there):
    return forget(actions, {provider.uuid: provider for provider in there})


def test_what_only_deleted_providers_have_is_forgotten_classes_first():
    there = [have(VFS, {QAT: 1, NIC: 1}, DRAINING, ID), have(PLAIN, {OLD: 1})]
    gone = [*map(DeleteResourceClass, (NIC, QAT)), *map(DeleteTrait, sorted([DRAINING, ID]))]
    assert forgotten([delete(VFS)], *there) == gone


def test_what_a_provider_that_stays_has_too_is_kept():
    there = [have(VFS, {QAT: 1, NIC: 1}, DRAINING, ID), have(PLAIN, {NIC: 1}, ID)]
    assert forgotten([delete(VFS)], *there) == [DeleteResourceClass(QAT), DeleteTrait(DRAINING)]


def test_what_is_drained_or_written_forgets_nothing():
    assert forgotten([drain(VFS), inventories(VFS)], have(VFS, {NIC: 1}, ID)) == []


def test_what_an_operator_or_another_service_named_stays():
    theirs = have(VFS, {DISK: 1, "CUSTOM_GPU": 1}, names.NIC_SRIOV, RED_NET, "CUSTOM_FAST")
    assert forgotten([delete(VFS)], theirs, have(PLAIN)) == []
