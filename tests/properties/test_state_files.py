"""However a state file is damaged, what is read of it can be relied on, or nothing is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.examples import tried
from support.state_files import (
    CONTENTS,
    KEPT,
    OLD,
    SEALED_SINCE,
    places,
    with_other,
    without,
    written,
)
from support.typed import wrongly_typed

from pci_placement.model import LastPass
from pci_placement.state.store import StateFile
from pci_placement.state.versions import pack, unpack

JUNK = st.recursive(
    st.sampled_from([None, True, -2, 2**63, 0.5, "", "0000:81:00.0", "\ud800", "é\x00"])
    | st.integers()
    | st.floats()
    | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=4,
)
PLACES = [(version, path) for version, found in CONTENTS.items() for path in places(found)]


@given(st.sampled_from(PLACES), JUNK, st.booleans())
@tried(600)
def test_what_is_read_of_a_damaged_file_is_of_the_right_types_or_nothing(place, junk, leave_out):
    version, path = place
    if leave_out and path:
        *above, _ = path
        changed = with_other(CONTENTS[version], tuple(above), without(CONTENTS[version], path))
    else:
        changed = with_other(CONTENTS[version], path, junk)
    try:
        found = unpack(written(version, changed))
    except ValueError:
        return
    assert list(wrongly_typed(found, LastPass)) == []
    assert unpack(pack(found)) == found


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A state file, and where it is."""
    folder = tmp_path_factory.mktemp("state")
    file = StateFile(folder, "node")
    file.save(KEPT)
    (path,) = folder.iterdir()
    return file, path


@given(st.data(), st.sampled_from(sorted(OLD)), st.binary(max_size=4) | st.just(b"1e400"))
@tried(400)
def test_bytes_that_were_exchanged_give_what_was_written_or_nothing(kept, data, version, junk):
    file, path = kept
    text = OLD[version]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 6)) | st.just(len(text)))
    path.write_bytes(text[:start] + junk + text[end:])
    found = file.load()
    assert list(wrongly_typed(found, LastPass)) == []
    assert found in (KEPT, LastPass()) or version < SEALED_SINCE
    assert found == LastPass() or not file.complaints()


@given(st.binary(max_size=200))
@tried(100)
def test_bytes_that_nobody_wrote_are_nothing(kept, content):
    file, path = kept
    path.write_bytes(content)
    assert file.load() == LastPass()
    assert len(file.complaints()) == 1
