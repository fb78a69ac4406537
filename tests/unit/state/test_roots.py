"""Whose state it is: by uuid, however the root is spelled, and what older versions left."""

from dataclasses import replace

import pytest
from support.cloud import PLAIN, POOL, QAT, addresses
from support.placements import ROOT
from support.state_files import KEPT

from pci_placement.errors import PciPlacementError
from pci_placement.model import Counted, InventoryKey, LeftBehind, Root
from pci_placement.state.folder import Folder
from pci_placement.state.older import merged
from pci_placement.state.roots import LEFT_BEHIND, Roots, Spelling
from pci_placement.state.seen import Seen, read_seen, write_seen

OTHER = Root("0f1c1d6e-6a3b-4d2c-8c4e-3b9d2b7a5e11", "other")
WHEN = "2026-03-01T12:00:00Z"
BY_NAME = Spelling(ROOT.name)


@pytest.fixture
def roots(tmp_path):
    return Roots(tmp_path, BY_NAME)


def test_a_name_means_the_root_that_it_meant_at_the_last_pass(roots, tmp_path):
    assert roots.remembered() is None
    roots.remember(ROOT.uuid)
    assert roots.remembered() == ROOT.uuid
    assert Roots(tmp_path, Spelling(ROOT.name, cloud="lab")).remembered() is None
    assert Roots(tmp_path, Spelling(ROOT.name, OTHER.uuid)).remembered() == OTHER.uuid


@pytest.mark.parametrize("text", ["", "../../etc/passwd", "\xff", "x" * 200])
def test_a_damaged_hint_is_none(roots, tmp_path, text):
    (tmp_path / f"{BY_NAME.stem}.root").write_text(text)
    assert roots.remembered() is None


@pytest.mark.parametrize("uuid", ["", "../../../../../../etc/passwd", "a/b" * 10])
def test_no_file_is_named_by_what_is_no_uuid(roots, uuid):
    with pytest.raises(PciPlacementError, match="is no uuid"):
        roots.of(uuid)


def test_the_others_are_all_of_which_a_pass_was_ever_begun(roots, tmp_path):
    assert roots.others(ROOT.uuid) == {}
    roots.of(ROOT.uuid).save(KEPT)
    with roots.of(OTHER.uuid).lock():
        pass
    assert roots.others(ROOT.uuid) == {OTHER.uuid: ""}
    roots.of(OTHER.uuid).save(KEPT)
    (before,) = roots.others(ROOT.uuid).values()
    roots.of(OTHER.uuid).save(replace(KEPT, read_at=0.0))
    assert roots.others(ROOT.uuid) != {OTHER.uuid: before}
    assert Roots(tmp_path / "nowhere", BY_NAME).others(ROOT.uuid) == {}


def test_a_retirement_is_inherited_only_by_a_root_that_is_new_here(roots):
    roots.of(OTHER.uuid).save(replace(KEPT, root=OTHER))
    roots.retire(OTHER.uuid, WHEN)
    assert roots.retired_since(ROOT.uuid) == f"{WHEN}, as {OTHER.name}"
    with roots.of(ROOT.uuid).lock():
        pass
    assert roots.retired_since(ROOT.uuid) is None


def test_a_note_about_what_was_left_there_is_not(roots):
    roots.retire(OTHER.uuid, WHEN + LEFT_BEHIND)
    assert roots.retired_since(ROOT.uuid) is None
    assert roots.retired_since(OTHER.uuid) == WHEN + LEFT_BEHIND


# --- two files about one root


PLACE, POOLED = InventoryKey(PLAIN, QAT), InventoryKey(POOL, QAT)


def test_what_two_files_agree_about_stays_known():
    one = replace(KEPT, begun={}, ledger={PLACE: Counted(addresses(PLAIN))})
    both = merged(one, one)
    assert (both.ledger, both.begun, both.keys) == (one.ledger, {}, one.keys)
    assert both.read_at == 0.0


@pytest.mark.parametrize(
    "other",
    [
        {"ledger": {}},
        {"ledger": {PLACE: Counted(addresses("0000:3c:00.0"))}},
        {"ledger": {PLACE: Counted(addresses(PLAIN))}, "begun": {PLACE: KEPT.begun[POOLED]}},
    ],
)
def test_all_else_is_unknown(other):
    one = replace(KEPT, begun={}, ledger={PLACE: Counted(addresses(PLAIN))})
    for pair in ((one, replace(one, **other)), (replace(one, **other), one)):
        assert merged(*pair).ledger == {}


# --- what was seen below others


def test_what_was_seen_is_read_again(tmp_path):
    seen = {
        OTHER.uuid: Seen("1 2 3", LeftBehind(OTHER, addresses(PLAIN), retired=True)),
        ROOT.uuid: Seen("", LeftBehind(ROOT, None)),
    }
    write_seen(Folder(tmp_path), "seen", seen)
    assert read_seen(Folder(tmp_path), "seen") == seen


@pytest.mark.parametrize("damage", ["", "[]", "{", '{"a": 1}', "[" * 100_000])
def test_what_is_damaged_is_nothing(tmp_path, damage):
    (tmp_path / "seen").write_text(damage)
    assert read_seen(Folder(tmp_path), "seen") == {}
    assert read_seen(Folder(tmp_path), "missing") == {}
