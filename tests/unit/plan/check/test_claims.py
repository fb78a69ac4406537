"""Nothing is taken from those who have it, and their claims move whole or not at all."""

import pytest
from support.cloud import ID, OLD, PLAIN, QAT, SLOT, have, left, reserved, want
from support.judged import Case, delete, inventories, reshape

from pci_placement import names
from pci_placement.model import EnsureResourceClass

NEAR = "0000:3c:00.0"
OTHER_ID = names.id_trait("8086", "ffff")
NAMED = EnsureResourceClass(OLD)
WHO, OTHER = {"a": {QAT: 1}}, {"b": {QAT: 1}}

W_OLD, W_NEW = want(PLAIN, {QAT: 1}, ID), want(PLAIN, {OLD: 1}, ID)
USED, FREE = have(PLAIN, {QAT: 1}, ID, used=WHO), have(PLAIN, {QAT: 1}, ID, used={})
UNASKED = have(PLAIN, {QAT: 1}, ID)
LAST = left([W_OLD], [UNASKED])
KNOWN = have(NEAR, {OLD: 1}, ID, used={})
W_NEAR = want(NEAR, {OLD: 1}, ID, at={OLD: [NEAR]})
AWAY = reshape([(PLAIN, QAT, NEAR, OLD)], {PLAIN: {}, NEAR: {OLD: 1}}, "a")
SLOTTED = have(PLAIN, {QAT: 1, SLOT: 1}, ID, used={"a": {QAT: 1, SLOT: 1}})


def turned(source, *consumers, target=W_NEW, at=OLD, **fields) -> Case:
    """A class that takes over from another, with its claims."""
    action = reshape([(PLAIN, QAT, PLAIN, at)], {PLAIN: {at: 1}}, *consumers)
    return Case([NAMED, action], [target], [source], last=LAST, **fields)


BROKEN = {
    "a class in use is taken": (
        Case([inventories(PLAIN)], [], [USED], last=LAST),
        {f"workload {PLAIN}"},
    ),
    "a provider in use is deleted": (
        Case([delete(PLAIN)], [], [USED], last=LAST),
        {f"workload {PLAIN}"},
    ),
    "nobody asked who uses it": (
        Case([delete(PLAIN)], [], [UNASKED], last=LAST),
        {f"asked {PLAIN}"},
    ),
    "its total is lowered below what is used": (
        Case(
            [inventories(PLAIN, {QAT: reserved(1)})],
            [],
            [have(PLAIN, {QAT: reserved(2)}, ID, used={"a": {QAT: 2}})],
            last=LAST,
        ),
        {f"workload {PLAIN}"},
    ),
    "some claims are left": (
        turned(have(PLAIN, {QAT: 2}, ID, used={**WHO, **OTHER}), "a"),
        {f"moves {PLAIN}"},
    ),
    "nobody asked whose claims move": (turned(UNASKED, "a"), {f"asked {PLAIN}"}),
    "claims of what is not there": (
        Case([reshape([(NEAR, QAT, PLAIN, QAT)], {PLAIN: {QAT: 1}}, "a")], [W_OLD], [FREE], LAST),
        {"asked"},
    ),
    "to other devices": (
        Case([AWAY], [W_NEAR], [USED, KNOWN], last=LAST),
        {f"moves {PLAIN}"},
    ),
    "to other hardware": (
        turned(USED, "a", target=want(PLAIN, {OLD: 1}, OTHER_ID)),
        {f"moves {PLAIN}"},
    ),
    "to where there is no room": (
        Case(
            [NAMED, reshape([(PLAIN, QAT, PLAIN, OLD)], {PLAIN: {OLD: reserved(1)}}, "a")],
            [W_NEW],
            [USED],
            last=LAST,
        ),
        {f"moves {PLAIN}"},
    ),
    "slots stay behind": (
        Case(
            [reshape([(PLAIN, QAT, NEAR, OLD)], {PLAIN: {SLOT: 1}, NEAR: {OLD: 1}}, "a")],
            [want(NEAR, {OLD: 1}, ID, at={OLD: [PLAIN]})],
            [SLOTTED, KNOWN],
            last=LAST,
        ),
        {f"moves {PLAIN}"},
    ),
    "devices become slots": (
        Case(
            [reshape([(PLAIN, QAT, PLAIN, SLOT)], {PLAIN: {SLOT: 1}}, "a")],
            [want(PLAIN, {OLD: 1}, ID)],
            [USED],
            last=LAST,
        ),
        {f"moves {PLAIN}", f"names {PLAIN}"},
    ),
}

KEPT = {
    "a class that nobody uses": Case([inventories(PLAIN)], [], [FREE], last=LAST),
    "a provider that nobody uses": Case([delete(PLAIN)], [], [FREE], last=LAST),
    "what is used keeps its total": Case(
        [inventories(PLAIN, {QAT: reserved(1)})], [], [USED], last=LAST
    ),
    "what is listed may become less": Case(
        [inventories(PLAIN, {QAT: 1})],
        [W_OLD],
        [have(PLAIN, {QAT: 2}, ID, used=WHO)],
        last=LAST,
    ),
    "all claims move with their device": turned(USED, "a"),
    "slots move along": Case(
        [
            NAMED,
            reshape(
                [(PLAIN, QAT, PLAIN, OLD), (PLAIN, SLOT, PLAIN, SLOT)],
                {PLAIN: {OLD: 1, SLOT: 1}},
                "a",
            ),
        ],
        [W_NEW],
        [SLOTTED],
        last=LAST,
    ),
}


@pytest.mark.parametrize(("case", "broken"), BROKEN.values(), ids=BROKEN)
def test_it_is_named(case, broken):
    assert case.broken() == broken


@pytest.mark.parametrize("case", KEPT.values(), ids=KEPT)
def test_its_neighbour_is_not(case):
    assert case.broken() == set()


def test_it_is_said_how_many_are_in_use():
    (breach,) = Case([inventories(PLAIN)], [], [USED], last=LAST).breaches()
    assert breach.sentence == f"node:pci:{PLAIN}: {QAT} is taken from it, and 1 are in use"
