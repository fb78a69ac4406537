"""The note of a retirement: that it is there counts."""

import pytest
from support.states import full_disk

from pci_placement.state.folder import Folder
from pci_placement.state.retirement import RetirementNote

WHEN = "2026-03-01T12:00:00Z"


@pytest.fixture
def note(tmp_path):
    return RetirementNote(Folder(tmp_path / "state"), "node.retired")


@pytest.fixture
def path(tmp_path):
    (tmp_path / "state").mkdir()
    return tmp_path / "state/node.retired"


def test_a_node_is_retired_from_its_note_to_its_end(note):
    assert note.since() is None
    note.write(WHEN)
    assert note.since() == WHEN
    note.remove()
    assert note.since() is None


def test_it_is_retired_since_the_first_note(note):
    note.write(WHEN)
    note.write("2027-01-01T00:00:00Z")
    assert note.since() == WHEN


def test_a_retirement_that_never_was_can_end(note):
    note.remove()
    assert note.since() is None


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"\xff\xfe", b"\x1b[2J", b"\0" * 21, b"a\nb"], ids=repr
)
def test_a_node_with_a_note_that_says_nothing_is_retired_all_the_same(note, path, content):
    path.write_bytes(content)
    since = note.since()
    assert since
    assert since.isprintable()


def test_of_a_note_that_is_too_long_a_part_is_shown(note, path):
    path.write_bytes(b"2" * 10_000)
    assert note.since() == "2" * 400


def test_where_nobody_can_tell_that_is_an_error(note, path):
    path.symlink_to("elsewhere")
    with pytest.raises(OSError, match="not a regular file"):
        note.since()
    with pytest.raises(OSError, match="not a regular file"):
        note.write(WHEN)


def test_on_a_full_disk_a_node_is_not_half_retired(note):
    with full_disk(), pytest.raises(OSError, match="File too large"):
        note.write(WHEN)
    assert note.since() is None
