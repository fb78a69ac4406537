import json
import stat

import pytest
from support.claimed import VFS_OF_A, given_to, place, vfs
from support.different import different

from pci_placement.errors import Locked
from pci_placement.model import ClaimRecord
from pci_placement.state.claims import ClaimsFile, Unknown
from pci_placement.state.folder import Folder

WHO = "9a2d6b1e-4c3f-4f0e-8a57-0d2c8b1f6e11"
ONE = given_to(WHO, vfs(1)[0], place(VFS_OF_A))


@pytest.fixture
def file(tmp_path):
    return ClaimsFile(Folder(tmp_path / "state"), "root")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "root.claims"


def why(file: ClaimsFile) -> str:
    found = file.read()
    assert isinstance(found, Unknown)
    return str(found.problem)


def test_every_field_is_written_and_read(file):
    everything = different(ClaimRecord)
    file.write(everything)
    assert file.read() == everything


def test_only_the_owner_reads_it(file, path):
    file.write(ONE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_equal_records_are_equal_files(file, path):
    file.write(ONE)
    before = path.read_bytes()
    file.write(given_to(WHO, vfs(1)[0], place(VFS_OF_A)))
    assert path.read_bytes() == before


def test_that_nobody_has_begun_it_is_no_empty_record(file):
    assert "nobody has begun" in why(file)
    assert file.read().may_begin
    assert not file.read().was_there


def test_a_digit_that_changed_is_noticed(file, path):
    file.write(ONE)
    path.write_text(path.read_text().replace("0000:81:10.0", "0000:81:10.1"))
    assert "it is not as it was written" in why(file)


def test_what_a_later_version_wrote_is_kept_for_it(file, path):
    path.parent.mkdir()
    path.write_text(json.dumps({"version": 2, "of": "another kind"}))
    assert "a newer pci-placement wrote" in why(file)
    assert "it is of version 2, and this one knows none after 1" in why(file)
    assert not file.read().may_begin
    assert file.read().was_there


@pytest.mark.parametrize("version", [0, "2", None, 1.5])
def test_what_is_of_no_version_is_damaged(file, path, version):
    file.write(ONE)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"version": version}))
    assert "is damaged" in why(file)
    assert file.read().may_begin


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000])
def test_what_is_none_is_damaged(file, path, text):
    path.parent.mkdir()
    path.write_bytes(text)
    assert f"{path} is damaged" in why(file)


def test_a_device_that_is_given_twice_is_a_fault(file):
    twice = ClaimRecord(dict.fromkeys(("one", "other"), ONE.given[WHO]))
    file.write(twice)
    assert "it gives a device twice" in why(file)


def test_nor_is_a_consumer_without_a_device_one(file):
    file.write(ClaimRecord({WHO: ()}))
    assert "a list of devices is needed" in why(file)


def test_what_cannot_be_read_is_not_begun_anew(file, path):
    path.parent.mkdir()
    path.mkdir()
    assert "cannot read" in why(file)
    assert not file.read().may_begin


def test_a_second_one_is_kept_out_and_told_of_the_first(file):
    with file.lock(), pytest.raises(Locked, match="another choice of devices is running"):
        file.lock().__enter__()
    with file.lock():
        pass
