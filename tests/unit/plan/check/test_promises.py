"""Each promise: a plan that breaks it is named, and its neighbour that does not is not."""

from dataclasses import replace

import pytest
from support.cloud import (
    BLUE,
    CARD,
    DRAINING,
    ID,
    MARK,
    NIC,
    OLD,
    PLAIN,
    POOL,
    POOLED,
    QAT,
    RED,
    SLOT,
    SLOTS,
    VF,
    VFS,
    addresses,
    amounts,
    have,
    left,
    name,
    observe,
    reserved,
    tree,
    uuid,
    want,
)
from support.placements import ROOT

from pci_placement import names
from pci_placement.model import (
    Counted,
    CreateProvider,
    DeleteProvider,
    DeleteResourceClass,
    DeleteTrait,
    Drain,
    EnsureResourceClass,
    EnsureTrait,
    InventoryKey,
    LastPass,
    Move,
    MoveProvider,
    PciAddress,
    Plan,
    Reason,
    ReasonCode,
    RenameProvider,
    Reshape,
    SetInventories,
    SetTraits,
    Undrain,
)
from pci_placement.plan.check import Facts, judge

WHY = Reason(ReasonCode.NEW, "a test says so")
DRAINED, ONCE = names.DRAINED, names.ONE_TIME_USE
THEIRS = names.trait("CUSTOM_OF_SOMEBODY")
BOB, EVE = {"bob": {QAT: 1}}, {"eve": {NIC: 1}}
KNOW = [
    *map(EnsureResourceClass, (QAT, NIC, OLD, SLOT)),
    *map(EnsureTrait, (MARK, ID, DRAINING, DRAINED, ONCE)),
]
MINE = frozenset({MARK})
KEYS = (PLAIN, CARD, VFS, RED, BLUE, POOL, *POOLED)


def broken(
    actions, there=(), wanted=(), last=None, held=(), generations=None, known=KNOW, **facts
) -> set:
    """Which promises a plan of these actions breaks, and of whom."""
    made = Plan(
        (*known, *actions),
        {p.uuid: p.generation for p in there} if generations is None else generations,
    )
    seen = observe(*there, keys=KEYS)
    found = judge(made, Facts(tree(*wanted, held=held), seen, last or LastPass(), **facts))
    for breach in found:
        assert str(breach).startswith(f"step {breach.position + 1}: ")
    keys = {uuid(key): key for key in KEYS}
    return {(breach.promise.value, keys.get(breach.uuid, breach.uuid)) for breach in found}


def create(key, called=None, below=ROOT.uuid):
    return CreateProvider(uuid(key), called or name(key), below, "above", WHY)


def traits(before, *after):
    now = frozenset(after)
    lost, new = before.traits - now, now - before.traits
    return SetTraits(before.uuid, before.name, now, new, lost, WHY)


def offer(key, inventories, before=None):
    return SetInventories(uuid(key), name(key), amounts(inventories), amounts(before or {}), WHY)


def drain(before, inventories=None, *marks):
    held = inventories or {n: reserved(i.total) for n, i in before.inventories.items()}
    marked = before.traits | {DRAINING, *marks}
    return Drain(before.uuid, before.name, marked, amounts(held), before.inventories, WHY)


def undrain(before, inventories, *gone):
    kept = before.traits - {DRAINING, *gone}
    return Undrain(before.uuid, before.name, kept, amounts(inventories), before.inventories, WHY)


def delete(key, empty_first=True):
    return DeleteProvider(uuid(key), name(key), WHY, empty_first=empty_first)


QAT_1 = want(PLAIN, {QAT: 1}, ID)
FULL = have(PLAIN, {QAT: 1}, ID)
FREE = have(PLAIN, {QAT: 1}, ID, used={})
USED = have(PLAIN, {QAT: 1}, ID, used=BOB)
OTHER = have("0000:77:00.0", {QAT: 1})
STRANGER = replace(OTHER, uuid="5f4ad8a0-0d30-4d4c-8a66-0b5a37d5c5a0", name="cn1_0000:77:00.0")
NEW = [create(PLAIN), traits(have(PLAIN, traits=frozenset()), MARK, ID)]


# --- ours


def test_a_first_pass_breaks_nothing():
    assert broken([*NEW, offer(PLAIN, {QAT: 1})], wanted=[QAT_1]) == set()


@pytest.mark.parametrize(
    ("actions", "there", "wanted", "what"),
    [
        ([create(PLAIN)], [], [], {("ours", PLAIN)}),
        ([create(PLAIN, "else")], [], [QAT_1], {("ours", PLAIN)}),
        ([create(PLAIN, below=uuid(CARD))], [], [QAT_1], {("ours", PLAIN)}),
        ([create(PLAIN)], [FREE], [QAT_1], {("order", PLAIN), ("ours", PLAIN)}),
        ([create(VFS, below=uuid(CARD))], [], [want(VFS)], {("order", VFS)}),
        ([delete(STRANGER.uuid)], [STRANGER], [], {("ours", uuid(STRANGER.uuid))}),
        ([offer(PLAIN, {})], [], [QAT_1], {("order", PLAIN)}),
        ([delete(PLAIN), delete(PLAIN)], [FREE], [], {("order", PLAIN)}),
        ([delete(CARD), delete(VFS)], [have(CARD), have(VFS)], [], {("order", CARD)}),
        ([delete(VFS), delete(CARD)], [have(CARD), have(VFS)], [], set()),
    ],
)
def test_what_is_not_ours_and_the_order_of_a_tree(actions, there, wanted, what):
    assert broken([*actions], there, wanted) == what


@pytest.mark.parametrize(
    ("action", "there", "what"),
    [
        (RenameProvider(uuid(PLAIN), name(PLAIN), "x", ROOT.uuid, WHY), {"name": "x"}, set()),
        (RenameProvider(uuid(PLAIN), "y", "x", ROOT.uuid, WHY), {"name": "x"}, {("ours", PLAIN)}),
        (MoveProvider(uuid(PLAIN), "x", ROOT.uuid, "r", WHY), {"name": "x"}, set()),
        (MoveProvider(uuid(PLAIN), "y", ROOT.uuid, "r", WHY), {"name": "x"}, {("ours", PLAIN)}),
        (MoveProvider(uuid(PLAIN), "x", "p", "r", WHY), {"name": "x"}, {("ours", PLAIN)}),
    ],
)
def test_a_provider_is_put_back_in_its_place(action, there, what):
    assert broken([action], [have(PLAIN, {QAT: 1}, ID, **there)], [QAT_1]) == what


def test_what_is_held_is_left_alone_unless_an_operator_says_so():
    assert broken([drain(FULL)], [FULL], held=[PLAIN]) == {("held", PLAIN)}
    by_hand = PciAddress.parse(PLAIN)
    assert broken([drain(FULL)], [FULL], held=[PLAIN], by_hand=by_hand) == set()


@pytest.mark.parametrize(
    ("after", "what"),
    [
        ([MARK, ID, THEIRS], set()),
        ([ID, THEIRS], {("ours", PLAIN), ("qualified", PLAIN)}),
        ([MARK, ID], {("traits", PLAIN)}),
        ([MARK, ID, THEIRS, names.trait("CUSTOM_NEW")], {("traits", PLAIN)}),
    ],
)
def test_traits_of_others_stay_and_none_come_unasked(after, what):
    mine = have(PLAIN, {QAT: 1}, ID, THEIRS)
    known = EnsureTrait(names.trait("CUSTOM_NEW"))
    assert broken([known, traits(mine, *after)], [mine], [QAT_1]) == what
    gone = LastPass(traits=frozenset({THEIRS}))
    assert broken([traits(mine, MARK, ID)], [mine], [QAT_1], gone) == set()


# --- names and generations


def test_names_are_known_before_they_are_used():
    there = have(PLAIN, {}, ID, used={})
    now = offer(PLAIN, {QAT: 1})
    assert broken([now], [there], [QAT_1], known=()) == {("names", PLAIN)}
    assert broken([now], [there], [QAT_1], known=[EnsureResourceClass(QAT)]) == set()
    other = traits(there, MARK, ID, names.trait("HW_CPU_X86_AVX"))
    assert ("names", PLAIN) not in broken([other], [there], [QAT_1])


def test_only_names_of_our_making_are_forgotten():
    ours = names.id_resource_class("8086", "0443")
    assert broken([DeleteResourceClass(ours), DeleteTrait(ID)]) == set()
    foreign = names.resource_class("CUSTOM_DISK_GB")
    assert broken([DeleteResourceClass(foreign)]) == {("names", "")}
    assert broken([DeleteTrait(THEIRS)]) == {("names", "")}


def test_every_write_rests_on_the_generation_that_was_read():
    old = {FREE.uuid: FREE.generation - 1}
    assert broken([drain(FREE)], [FREE], generations=old) == {("generation", PLAIN)}
    assert broken([delete(PLAIN, empty_first=False)], [FREE]) == {("generation", PLAIN)}
    assert broken([delete(PLAIN)], [FREE]) == set()


# --- who has something keeps it


@pytest.mark.parametrize(
    ("there", "what"), [(FREE, set()), (FULL, {"asked"}), (USED, {"workload"})]
)
def test_nothing_is_removed_from_those_who_have_it(there, what):
    assert broken([delete(PLAIN)], [there]) == {(each, PLAIN) for each in what}
    assert broken([offer(PLAIN, {}, {QAT: 1})], [there]) == {(each, PLAIN) for each in what}


def test_what_is_no_longer_listed_is_not_lowered_while_it_is_used():
    two = have(POOL, {QAT: 2}, ID, used={"bob": {QAT: 2}})
    less = offer(POOL, {QAT: reserved(1)})
    assert broken([less], [two]) == {("workload", POOL)}
    assert broken([drain(two)], [two]) == set()
    assert broken([less], [two], [want(POOL, {QAT: 1}, ID)]) == set()


# --- what can be claimed


def test_nothing_can_be_claimed_before_it_has_its_traits():
    bare = have(PLAIN, {}, used={})
    order = [offer(PLAIN, {QAT: 1}), traits(bare, MARK, ID)]
    assert broken(order, [bare], [QAT_1]) == {("qualified", PLAIN)}
    assert broken([traits(bare, MARK, ID), order[-2]], [bare], [QAT_1]) == set()


def test_no_more_can_be_claimed_than_is_listed():
    bare = have(PLAIN, {}, ID, used={})
    assert broken([offer(PLAIN, {QAT: 2})], [bare], [QAT_1]) == {("listed", PLAIN)}
    assert broken([offer(PLAIN, {QAT: 1})], [bare]) == {
        ("qualified", PLAIN),
        ("listed", PLAIN),
    }
    assert broken([], [FREE]) == {("listed", PLAIN)}


def test_no_device_is_offered_twice():
    mine, pool = have(PLAIN, {QAT: 1}, ID, used={}), want(POOL, {QAT: 2}, ID)
    new = [create(POOL), traits(have(POOL, traits=frozenset()), MARK, ID)]
    assert ("once", POOL) in broken([*new, offer(POOL, {QAT: 2})], [mine], [pool])
    assert broken([delete(PLAIN), *new, offer(POOL, {QAT: 2})], [mine], [pool]) == set()


@pytest.mark.parametrize(
    ("used", "what"), [({}, set()), (BOB, {("claimed", POOL)}), (None, {("asked", PLAIN)})]
)
def test_no_device_is_offered_that_a_claim_may_hold(used, what):
    mine, pool = have(PLAIN, {QAT: 1}, ID, used=used), want(POOL, {QAT: 2}, ID)
    last = left([QAT_1], [mine])
    new = [create(POOL), traits(have(POOL, traits=frozenset()), MARK, ID)]
    found = broken([drain(mine), *new, offer(POOL, {QAT: 2})], [mine], [pool], last)
    assert {each for each in found if each[1] in (POOL, PLAIN)} == what


# --- out of service


@pytest.mark.parametrize("marks", [(DRAINED,), (ONCE,)])
def test_what_is_out_of_service_stays_so(marks):
    out = have(PLAIN, {QAT: reserved(1)}, ID, *marks, used={})
    once = replace(QAT_1, traits=QAT_1.traits | ({ONCE} & set(marks)), one_time_use=ONCE in marks)
    assert ("sticky", PLAIN) in broken([offer(PLAIN, {QAT: 1})], [out], [once])
    assert broken([delete(PLAIN)], [out]) == {("sticky", PLAIN)}
    assert broken([delete(PLAIN)], [out], retiring=True) == set()
    by_hand = PciAddress.parse(PLAIN)
    back = undrain(out, {QAT: 1}, *({DRAINED} & set(marks)))
    assert broken([back], [out], [once], by_hand=by_hand) == set()


def test_the_mark_of_an_operator_neither_goes_nor_comes_by_itself():
    out = have(PLAIN, {QAT: reserved(1)}, ID, DRAINED, used={})
    assert broken([traits(out, MARK, ID)], [out], [QAT_1]) == {("sticky", PLAIN)}
    assert broken([traits(FREE, MARK, ID, DRAINED)], [FREE], [QAT_1]) == {("sticky", PLAIN)}


def test_what_was_reserved_by_hand_stays_reserved():
    some = have(POOL, {QAT: reserved(3, 1)}, ID, used={})
    three = want(POOL, {QAT: 3}, ID)
    assert broken([offer(POOL, {QAT: 3})], [some], [three]) == {("sticky", POOL)}
    assert broken([offer(POOL, {QAT: reserved(3, 2)})], [some], [three]) == set()


@pytest.mark.parametrize(
    ("there", "what"),
    [(FREE, set()), (USED, {("sticky", PLAIN)}), (FULL, {("asked", PLAIN)})],
)
def test_what_becomes_for_one_time_use_while_it_is_used_is_used(there, what):
    once = want(PLAIN, {QAT: 1}, ID, ONCE, one_time_use=True)
    told = [traits(there, MARK, ID, ONCE)]
    assert broken(told, [there], [once]) == what
    assert broken([*told, offer(PLAIN, {QAT: reserved(1)})], [there], [once]) == set()


# --- a PF beside its VFs


BOTH = want(CARD, {QAT: 1, NIC: 2, SLOT: SLOTS}, ID, at={QAT: (CARD,), NIC: VF[:2]})


@pytest.mark.parametrize(
    ("there", "what"),
    [
        ({}, set()),
        ({"bob": {QAT: 1}}, {("claimed", CARD)}),
        ({"bob": {QAT: 1, SLOT: SLOTS}}, set()),
        ({"eve": {NIC: 1}}, {("claimed", CARD)}),
        ({"eve": {NIC: 1, SLOT: 1}}, set()),
        (None, {("asked", CARD)}),
    ],
)
def test_a_card_in_use_of_one_kind_is_not_offered_as_the_other(there, what):
    kind = NIC if there and "eve" in there else QAT
    one = {kind: 2 if kind == NIC else 1, SLOT: SLOTS}
    mine = have(CARD, one, ID, used=there)
    devices = VF[:2] if kind == NIC else (CARD,)
    last = left([replace(BOTH, inventories=amounts(one))], [mine])
    last = replace(last, ledger={InventoryKey(CARD, kind): Counted(addresses(*devices))})
    now = offer(CARD, {QAT: 1, NIC: 2, SLOT: SLOTS})
    assert broken([now], [mine], [BOTH], last) == what


def test_both_kinds_at_once_need_slots_that_are_enough_for_one():
    mine = have(CARD, {QAT: 1, SLOT: SLOTS}, ID, used={})
    twice = offer(CARD, {QAT: 1, NIC: 2, SLOT: 2 * SLOTS})
    assert ("once", CARD) in broken([twice], [mine], [BOTH])
    kept = offer(CARD, {QAT: 1, NIC: reserved(2, 1), SLOT: SLOTS})
    assert ("sticky", CARD) in broken([kept], [mine], [BOTH])


# --- claims that move


def reshape(moves, before, inventories, consumers=("bob",)):
    now = {p.uuid: amounts(inventories[key]) for key, p in before.items()}
    had = {p.uuid: p.inventories for p in before.values()}
    called = {p.uuid: p.name for p in before.values()}
    ends = tuple(Move(uuid(a), b, uuid(c), d) for a, b, c, d in moves)
    return Reshape(ends, now, had, called, consumers, WHY)


def moved(moves=((PLAIN, OLD, PLAIN, QAT),), now=None, used=None, consumers=("bob",), ids=(ID,)):
    mine = have(PLAIN, {OLD: 1}, *ids, used={"bob": {OLD: 1}} if used is None else used)
    mine = replace(mine, consumers=None) if used == "nobody asked" else mine
    last = left([want(PLAIN, {OLD: 1}, ID)], [mine])
    action = reshape(moves, {PLAIN: mine}, {PLAIN: now or {QAT: 1}}, consumers)
    return broken([action], [mine], [QAT_1], last)


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ({}, set()),
        ({"used": "nobody asked"}, {("asked", PLAIN)}),
        ({"consumers": ()}, {("moves", PLAIN)}),
        ({"now": {QAT: reserved(1)}}, {("moves", PLAIN)}),
        ({"moves": ((PLAIN, OLD, PLAIN, SLOT),), "now": {SLOT: 5}}, {("moves", PLAIN)}),
    ],
)
def test_claims_move_whole_and_to_where_there_is_room(said, what):
    assert {each for each in moved(**said) if each[0] in ("moves", "asked")} == what


def test_claims_move_only_where_it_is_certain_what_they_hold():
    there = have(POOL, {OLD: 2}, ID, used={"bob": {OLD: 1}})
    new = have(PLAIN, {}, ID, used={})
    last = left([want(POOL, {OLD: 2}, ID)], [there])
    ends = {POOL: there, PLAIN: new}
    action = reshape([(POOL, OLD, PLAIN, QAT)], ends, {POOL: {OLD: 2}, PLAIN: {QAT: 1}})
    assert ("moves", POOL) in broken([action], [there, new], [QAT_1], last)


def test_claims_do_not_move_to_other_hardware():
    other = names.id_trait("10de", "20b0")
    assert ("moves", PLAIN) in moved(ids=(other,))


def test_the_slots_of_a_claim_go_with_its_devices():
    before = have(RED, {OLD: 1, SLOT: SLOTS}, ID, used={"bob": {OLD: 1, SLOT: 1}})
    after = have(BLUE, {}, ID, used={})
    wanted = [want(BLUE, {NIC: 1}, ID, at={NIC: VF[:1]})]
    last = left([want(RED, {OLD: 1}, ID)], [before])
    ends, room = {RED: before, BLUE: after}, {RED: {SLOT: SLOTS}, BLUE: {NIC: 1, SLOT: SLOTS}}
    alone = reshape([(RED, OLD, BLUE, NIC)], ends, room)
    found = broken([alone], [before, after], wanted, last)
    assert ("moves", RED) in found
    both = reshape([(RED, OLD, BLUE, NIC), (RED, SLOT, BLUE, SLOT)], ends, room)
    found = broken([both], [before, after], wanted, last)
    assert ("moves", RED) not in found
