"""Whatever stands in the folder of the state, nothing else is harmed by it and nobody waits."""

import os
import socket
import stat
from pathlib import Path

import pytest
from support.states import full_disk, no_waiting, umask

from pci_placement.state.folder import Folder

NAME = "kept.json"
MUCH = b"x" * 100_000
ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path / "state")


def mode(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


def opened(folder: Folder) -> None:
    with folder.open(NAME):
        pass


# --- who may read and write


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077, 0o277, 0o777], ids=oct)
@pytest.mark.parametrize("make", [lambda f: f.write(NAME, b"new"), opened], ids=["write", "open"])
def test_what_we_make_is_for_us_alone_whatever_the_umask(tmp_path, mask, make):
    with umask(mask):
        make(Folder(tmp_path / "var/state"))
    assert mode(tmp_path / "var") == mode(tmp_path / "var/state") == oct(0o700)
    assert mode(tmp_path / "var/state" / NAME) == oct(0o600)


@pytest.mark.parametrize(
    ("given", "kept"),
    [(0o600, 0o600), (0o640, 0o640), (0o660, 0o640), (0o644, 0o640), (0o604, 0o600)],
    ids=oct,
)
def test_a_group_that_an_operator_lets_read_a_file_may_go_on_reading(folder, given, kept):
    folder.write(NAME, b"old")
    (folder.path / NAME).chmod(given)
    folder.write(NAME, b"new")
    assert mode(folder.path / NAME) == oct(kept)


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o777], ids=oct)
def test_what_is_published_everybody_reads_whatever_the_umask(tmp_path, mask):
    with umask(mask):
        Folder(tmp_path).publish(NAME, b"new")
    assert mode(tmp_path / NAME) == oct(0o644)
    assert (tmp_path / NAME).read_bytes() == b"new"


def test_it_replaces_what_stands_there_in_one_step_and_follows_no_link(tmp_path):
    (tmp_path / "others").write_bytes(b"somebody's")
    (tmp_path / NAME).symlink_to("others")
    Folder(tmp_path).publish(NAME, b"new")
    assert (tmp_path / NAME).read_bytes() == b"new"
    assert (tmp_path / "others").read_bytes() == b"somebody's"


def test_a_folder_of_others_is_not_made(folder):
    with pytest.raises(FileNotFoundError):
        folder.publish(NAME, b"new")
    assert not folder.path.exists()


def test_on_a_full_disk_what_was_published_stays(tmp_path):
    folder = Folder(tmp_path)
    folder.publish(NAME, b"old")
    with full_disk(), pytest.raises(OSError, match="File too large"):
        folder.publish(NAME, MUCH)
    assert folder.read(NAME, 100) == b"old"
    assert folder.names() == [NAME]


def test_a_link_does_not_say_who_may_read_what_replaces_it(folder):
    folder.path.mkdir()
    (folder.path / NAME).symlink_to("anywhere")
    folder.write(NAME, b"new")
    assert mode(folder.path / NAME) == oct(0o600)


def test_the_folder_stays_as_an_operator_has_it(folder):
    folder.path.mkdir()
    folder.path.chmod(0o750)
    folder.write(NAME, b"new")
    assert mode(folder.path) == oct(0o750)


@ROOT_ONLY
def test_what_root_writes_in_the_folder_of_a_service_is_for_the_service(folder):
    folder.path.mkdir()
    os.chown(folder.path, 4711, 4712)
    folder.write(NAME, b"new")
    with folder.open("lock"):
        pass
    assert [(folder.path / name).stat().st_uid for name in (NAME, "lock")] == [4711, 4711]


@ROOT_ONLY
def test_the_group_that_may_read_stays_the_same(folder):
    folder.write(NAME, b"old")
    os.chown(folder.path / NAME, -1, 4712)
    (folder.path / NAME).chmod(0o640)
    folder.write(NAME, b"new")
    assert (folder.path / NAME).stat().st_gid == 4712


@ROOT_ONLY
def test_a_file_that_was_there_is_given_to_nobody(folder):
    """It may be a second name of a file elsewhere."""
    folder.write("lock", b"")
    os.chown(folder.path, 4711, 4712)
    with folder.open("lock"):
        pass
    assert (folder.path / "lock").stat().st_uid == 0


@pytest.mark.parametrize(
    ("given", "told"), [(0o700, False), (0o770, False), (0o777, True), (0o1777, True)], ids=str
)
def test_a_folder_that_everybody_can_write_is_told_from_others(folder, given, told):
    folder.path.mkdir()
    folder.path.chmod(given)
    assert folder.is_writable_by_all() is told


def test_a_folder_that_is_not_there_can_be_written_by_nobody(folder):
    assert not folder.is_writable_by_all()


# --- what stands in place of a file


VICTIM = b"of somebody else"


def to_victim(path: Path) -> None:
    path.symlink_to(path.parent.parent / "victim")


def to_nothing(path: Path) -> None:
    path.symlink_to(path.parent.parent / "nothing")


def to_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


ODD = pytest.mark.parametrize(
    "place", [to_victim, to_nothing, os.mkfifo, Path.mkdir, to_socket], ids=lambda f: f.__name__
)


@pytest.fixture
def victim(folder):
    folder.path.mkdir()
    path = folder.path.parent / "victim"
    path.write_bytes(VICTIM)
    yield
    assert path.read_bytes() == VICTIM
    assert not path.with_name("nothing").exists()


@pytest.mark.usefixtures("victim")
@ODD
def test_only_a_regular_file_is_read(folder, place):
    place(folder.path / NAME)
    with no_waiting(), pytest.raises(OSError, match=f"{NAME} is not a regular file"):
        folder.read(NAME, 100)


@pytest.mark.usefixtures("victim")
@ODD
def test_only_a_regular_file_is_changed_in_place(folder, place):
    place(folder.path / NAME)
    with no_waiting(), pytest.raises(OSError, match=f"{NAME} is not a regular file"):
        opened(folder)


@pytest.mark.usefixtures("victim")
@ODD
@pytest.mark.parametrize("name", [NAME, f"{NAME}.new"])
def test_what_is_no_file_is_replaced_by_one_or_reported(folder, place, name):
    place(folder.path / name)
    with no_waiting():
        if place is Path.mkdir:
            with pytest.raises(OSError, match=r"directory|not permitted"):
                folder.write(NAME, b"new")
        else:
            folder.write(NAME, b"new")
            assert folder.read(NAME, 100) == b"new"
            assert [path.name for path in folder.path.iterdir()] == [NAME]


def test_no_more_is_read_than_is_asked_for(folder):
    folder.write(NAME, b"0123456789")
    assert folder.read(NAME, 4) == b"0123"
    assert folder.read(NAME, 40) == b"0123456789"


# --- replaced in one step


def test_a_file_is_replaced(folder):
    folder.write(NAME, b"old")
    folder.write(NAME, MUCH)
    assert folder.read(NAME, len(MUCH) + 1) == MUCH


def test_on_a_full_disk_the_old_file_stays_whole_and_nothing_else(folder):
    folder.write(NAME, b"old")
    for content in (MUCH, b"just too much"):
        with full_disk(), pytest.raises(OSError, match="File too large"):
            folder.write(NAME, content)
        assert folder.read(NAME, 100) == b"old"
        assert [path.name for path in folder.path.iterdir()] == [NAME]


def test_a_full_disk_leaves_no_empty_file_where_there_was_none(folder):
    with full_disk(), pytest.raises(OSError, match="File too large"):
        folder.write(NAME, MUCH)
    assert list(folder.path.iterdir()) == []


def test_what_a_pass_left_that_was_killed_is_in_nobodys_way(folder):
    folder.path.mkdir()
    (folder.path / f"{NAME}.new").write_bytes(MUCH)
    folder.write(NAME, b"new")
    assert [path.name for path in folder.path.iterdir()] == [NAME]


@pytest.fixture
def steps(monkeypatch):
    """What is done for a power cut, in order; done all the same."""
    taken = []

    def noting(step, real):
        def noted(*arguments, **options):
            taken.append(step(*arguments))
            return real(*arguments, **options)

        return noted

    def synced(what) -> str:
        number = what if isinstance(what, int) else what.fileno()
        return "sync folder" if stat.S_ISDIR(os.fstat(number).st_mode) else "sync file"

    monkeypatch.setattr(os, "fsync", noting(synced, os.fsync))
    monkeypatch.setattr(os, "replace", noting(lambda *_: "replace", os.replace))
    monkeypatch.setattr(os, "unlink", noting(lambda *_: "unlink", os.unlink))
    return taken


def test_a_file_is_on_the_disk_before_it_replaces_the_old_one_and_that_too(folder, steps):
    folder.write(NAME, b"new")
    assert steps == ["unlink", "sync file", "replace", "sync folder"]


def test_a_file_that_is_removed_is_so_after_a_power_cut(folder, steps):
    folder.write(NAME, b"old")
    steps.clear()
    folder.remove(NAME)
    assert steps == ["unlink", "sync folder"]
    assert list(folder.path.iterdir()) == []


def test_a_file_that_is_not_there_need_not_be_removed(folder):
    folder.remove(NAME)
    folder.path.mkdir()
    folder.remove(NAME)


def test_what_is_changed_in_place_is_what_was_there(folder):
    folder.write(NAME, b"old")
    with folder.open(NAME) as file:
        assert file.read() == b"old"
        file.write(b", new")
    assert folder.read(NAME, 100) == b"old, new"


def test_a_link_to_the_folder_is_an_operators_own(tmp_path):
    """Who can put it there can put anything there."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "state").symlink_to(tmp_path / "disk")
    Folder(tmp_path / "state").write(NAME, b"new")
    assert (tmp_path / "disk" / NAME).read_bytes() == b"new"
