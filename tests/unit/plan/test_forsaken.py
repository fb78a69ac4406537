"""When a node is taken for one that its compute service has left, and when not."""

from dataclasses import replace

import pytest
from support.cloud import CARD, NIC, PLAIN, QAT, VFS, have, left, observe, tree, uuid, want
from support.placements import ROOT

from pci_placement.model import LastPass, Plan, Root
from pci_placement.plan.forsaken import (
    FORSAKEN,
    forsaken_at,
    only_what_is_there,
    suspects,
    tell_forsaken,
)

WANTED = [want(PLAIN, {QAT: 1}), want(CARD), want(VFS, {NIC: 4})]
AS_LEFT = [have(PLAIN, {QAT: 1}), have(CARD), have(VFS, {NIC: 4})]
LAST = left(WANTED, AS_LEFT)
KEYS = {PLAIN, CARD, VFS}
GENERATION = 3
"""Of the root, in these trees."""

USED = have(PLAIN, {QAT: 1}, used={"bob": {QAT: 1}})
FREE = have(PLAIN, {QAT: 1}, used={})
USED_VFS = have(VFS, {NIC: 4}, used={"bob": {NIC: 1}})


def seen(*there):
    return observe(*there, keys=KEYS)


def at(*there, last=LAST, wanted=WANTED) -> int | None:
    return forsaken_at(tree(*wanted), seen(*there), last)


@pytest.mark.parametrize("there", [(USED,), (have(CARD, used={}), USED_VFS)])
def test_what_is_free_is_gone_and_what_is_in_use_is_left(there):
    assert at(*there) == GENERATION


@pytest.mark.parametrize(
    ("there", "last", "wanted"),
    [
        pytest.param((FREE,), LAST, WANTED, id="something free is left"),
        pytest.param((USED, have(CARD, used={})), LAST, WANTED, id="a card without its VFs is"),
        pytest.param((), LAST, WANTED, id="nothing of ours is left"),
        pytest.param((USED,), LAST, WANTED[:1], id="nobody wants what is gone"),
        pytest.param((USED,), LastPass(), WANTED, id="nobody remembers what there was"),
        pytest.param(
            (USED,), replace(LAST, root=Root("other", "other")), WANTED, id="that was another root"
        ),
        pytest.param(AS_LEFT, LAST, WANTED, id="nothing is gone"),
    ],
)
def test_otherwise_it_is_not_forsaken(there, last, wanted):
    assert at(*there, last=last, wanted=wanted) is None


def test_it_holds_until_the_root_is_written():
    assert at(FREE, last=replace(LAST, forsaken_at=GENERATION)) == GENERATION
    assert at(USED, last=replace(LAST, forsaken_at=GENERATION - 1)) is None


def test_who_uses_what_is_asked_only_where_something_is_gone_and_nobody_knows_yet():
    there = seen(have(CARD), have(VFS, {NIC: 4}))
    assert suspects(tree(*WANTED), there, LAST) == {uuid(VFS)}
    assert suspects(tree(*WANTED), seen(*AS_LEFT), LAST) == frozenset()
    assert suspects(tree(*WANTED), there, replace(LAST, forsaken_at=GENERATION)) == frozenset()


def test_nothing_is_wanted_but_what_is_there_and_the_plan_says_why():
    kept = only_what_is_there(tree(*WANTED), seen(USED))
    assert [provider.key for provider in kept.providers] == [PLAIN]
    plan = tell_forsaken(Plan(()), seen(USED), GENERATION)
    assert (plan.forsaken_at, plan.blocked) == (GENERATION, {ROOT.name: FORSAKEN})
    assert tell_forsaken(Plan(()), seen(USED), None) == Plan(())
