"""The state file, which may be lost, damaged or of another version."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from support.cloud import PLAIN, QAT, have
from support.state_files import FOLDER, KEPT
from support.states import no_waiting

from pci_placement.model import LastPass, Severity
from pci_placement.state.store import LARGEST, StateFile
from pci_placement.state.versions import VERSION


@pytest.fixture
def file(tmp_path):
    return StateFile(tmp_path, "node")


def only_file(folder: Path) -> Path:
    (path,) = folder.glob("*.json")
    return path


def test_what_was_saved_is_loaded(file):
    file.save(KEPT)
    assert file.load() == KEPT


def test_a_pass_that_found_nothing_is_worth_keeping_too(file):
    file.save(KEPT)
    file.save(LastPass())
    assert file.load() == LastPass()


def test_consumers_are_not_kept(file):
    provider = have(PLAIN, {QAT: 1}, used={"bob": {QAT: 1}})
    file.save(replace(KEPT, providers={provider.uuid: provider}))
    assert file.load().providers == {provider.uuid: replace(provider, consumers=None)}


def test_the_folder_is_made(tmp_path):
    deep = StateFile(tmp_path / "var/lib", "node")
    deep.save(KEPT)
    assert deep.load() == KEPT


def test_saving_leaves_one_file_behind(file, tmp_path):
    file.save(KEPT)
    file.save(KEPT)
    assert [path.suffix for path in tmp_path.iterdir()] == [".json"]


def test_another_root_has_a_state_of_its_own(file, tmp_path):
    file.save(KEPT)
    assert StateFile(tmp_path, "other").load() == LastPass()


def test_nothing_is_remembered_before_the_first_pass(file, tmp_path):
    assert file.load() == LastPass()
    assert StateFile(tmp_path / "not/there", "node").load() == LastPass()


DEEP = 100_000


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda good: good[: len(good) // 2], id="cut off"),
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda good: good.replace(b'"', b"'"), id="not JSON"),
        pytest.param(lambda good: b"\0" * len(good), id="zeros, as after a power cut"),
        pytest.param(lambda good: b"\xef\xbb\xbf" + good, id="with a byte order mark"),
        pytest.param(lambda good: good.decode().encode("utf-16"), id="in UTF-16"),
        pytest.param(lambda _: b"\xff\xfe\x00", id="no text"),
        pytest.param(lambda good: b"[" + good + b"]", id="in a list"),
        pytest.param(lambda _: b"7", id="a number"),
        pytest.param(lambda _: b"null", id="null"),
        pytest.param(lambda _: b"[" * DEEP, id="deep and cut off"),
        pytest.param(lambda _: b"[" * DEEP + b"]" * DEEP, id="deep"),
        pytest.param(lambda _: b'{"a":' * DEEP + b"1" + b"}" * DEEP, id="deep objects"),
        pytest.param(lambda good: good.replace(b"1234567890.5", b"1e400"), id="an endless number"),
        pytest.param(lambda good: good.replace(b"1234567890.5", b"NaN"), id="not a number"),
        pytest.param(lambda good: good.replace(b"1234567890.5", b"9" * 5000), id="many digits"),
        pytest.param(lambda good: good.replace(b"1234567890.5", b"7"), id="another number"),
        pytest.param(lambda good: good.replace(b"0000:3b", b"0000:3c"), id="another device"),
    ],
)
def test_a_damaged_cache_is_none(file, tmp_path, damage):
    file.save(KEPT)
    path = only_file(tmp_path)
    before = path.read_bytes()
    path.write_bytes(damage(before))
    assert path.read_bytes() != before
    assert file.load() == LastPass()
    (told,) = file.complaints()
    assert told.problem.startswith(f"{path} is damaged: ")
    assert len(told.problem) < 400 + len(str(path))


def test_a_damaged_cache_is_replaced_by_the_next_pass(file, tmp_path):
    file.save(KEPT)
    only_file(tmp_path).write_text("{")
    file.save(KEPT)
    assert file.load() == KEPT


def test_a_folder_that_cannot_be_written_is_an_error_of_the_system(tmp_path):
    (tmp_path / "a-file").write_text("")
    for folder in ("a-file", "a-file/below"):
        file = StateFile(tmp_path / folder, "node")
        assert file.load() == LastPass()
        with pytest.raises(OSError, match="a-file"):
            file.save(KEPT)
        with pytest.raises(OSError, match="a-file"), file.lock():
            pass


def to_zeros(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("place", [Path.mkdir, os.mkfifo, to_zeros], ids=lambda f: f.__name__)
def test_what_is_no_file_is_none(file, tmp_path, place):
    file.save(KEPT)
    path = only_file(tmp_path)
    path.unlink()
    place(path)
    with no_waiting():
        assert file.load() == LastPass()
        (told,) = file.complaints()
    assert f"cannot read {path}: {path.name} is not a regular file" in told.problem


def test_a_file_without_end_is_none_and_fills_no_memory(file, tmp_path):
    file.save(KEPT)
    os.truncate(only_file(tmp_path), 2**40)
    assert file.load() == LastPass()
    assert f"it has more than {LARGEST} bytes" in file.complaints()[0].problem


# --- what to tell an operator


def test_of_a_good_file_and_of_none_there_is_nothing_to_tell(file, tmp_path):
    assert StateFile(tmp_path / "not/there", "node").complaints() == ()
    assert file.complaints() == ()
    file.save(KEPT)
    assert file.complaints() == ()


def test_an_old_version_is_read_and_replaced_without_a_word(file, tmp_path):
    file.save(LastPass())
    path = only_file(tmp_path)
    path.write_bytes((FOLDER / "version-3.json").read_bytes())
    assert (file.load(), file.complaints()) == (KEPT, ())
    file.save(file.load())
    assert json.loads(path.read_bytes())["version"] == VERSION
    assert file.load() == KEPT


def test_of_a_newer_version_nothing_is_known_and_that_is_told_before_it_is_replaced(file, tmp_path):
    file.save(LastPass())
    path = only_file(tmp_path)
    path.write_text(json.dumps({"version": VERSION + 1, "more": "than we know"}))
    found = file.look()
    assert found.last_pass == LastPass()
    assert found.problem.severity is Severity.WARNING
    told = str(found.problem)
    assert f"a newer pci-placement wrote {path}: it is of version {VERSION + 1}" in told
    assert "the next pass replaces it" in told
    assert file.complaints() == (found.problem,)
    file.save(KEPT)
    assert file.complaints() == ()


def test_a_folder_that_everybody_can_write_is_told(file, tmp_path):
    tmp_path.chmod(0o777)
    (told,) = file.complaints()
    assert told.severity is Severity.WARNING
    assert str(told) == (
        f"everybody on this host can put files into {tmp_path}, and so decide what is offered; "
        f"chmod o-w {tmp_path}"
    )
    assert file.load() == LastPass()


def test_both_are_told_at_once(file, tmp_path):
    file.save(KEPT)
    only_file(tmp_path).write_text("{")
    tmp_path.chmod(0o1777)
    assert len(file.complaints()) == 2


def test_the_state_file_can_be_read_while_a_pass_runs(file):
    file.save(KEPT)
    with file.lock():
        assert file.load() == KEPT
