"""What older versions wrote is read, what newer ones wrote is not, and damage is noticed."""

import json

import pytest
from support.cloud import PLAIN, QAT
from support.state_files import CONTENTS, FOLDER, KEPT, OLD, VERSIONS, with_other, without, written

from pci_placement.model import LastPass
from pci_placement.state.versions import UPGRADES, VERSION, NewerVersion, pack, unpack


@pytest.mark.parametrize("version", VERSIONS)
def test_what_a_version_wrote_is_read(version):
    assert unpack(OLD[version]) == KEPT


def test_so_is_what_version_3_wrote_before_its_first_pass():
    assert unpack((FOLDER / "version-3-first-pass.json").read_bytes()) == LastPass()


def test_every_version_but_this_one_has_a_way_up():
    assert set(UPGRADES) == set(VERSIONS) - {VERSION}


def test_a_change_of_what_is_written_needs_a_version_of_its_own():
    assert pack(KEPT) == OLD[VERSION]


def test_what_was_read_from_an_older_version_is_written_as_this_one():
    assert json.loads(pack(unpack(OLD[3])))["version"] == VERSION


@pytest.mark.parametrize("version", [VERSION + 1, 99, 10**30])
def test_a_newer_version_is_told_from_damage(version):
    with pytest.raises(NewerVersion, match=f"it is of version {version}"):
        unpack(json.dumps({"version": version, "what": ["only", "it", "knows"]}).encode())


@pytest.mark.parametrize("version", [0, 2, -1, True, 3.0, float(VERSION), "4", None, [4], {}])
def test_any_other_version_is_damage(version):
    document = json.loads(OLD[VERSION])
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the class is what counts
        unpack(json.dumps(document | {"version": version}).encode())
    assert not isinstance(caught.value, NewerVersion)


def test_one_digit_that_changed_is_damage():
    text = OLD[VERSION].decode()
    assert text.count('"0000:81:10.3"') == 2
    with pytest.raises(ValueError, match="it is not as it was written"):
        unpack(text.replace('"0000:81:10.3"', '"0000:81:10.4"', 1).encode())


@pytest.mark.parametrize("version", VERSIONS)
def test_these_tests_know_how_to_write(version):
    assert unpack(written(version, CONTENTS[version])) == KEPT


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("path", "junk"),
    [
        (("root",), {"uuid": "u"}),
        (("root",), "node"),
        (("keys",), 7),
        (("keys",), [[PLAIN]]),
        (("providers",), None),
        (("providers",), ["p"]),
        (("providers",), [{}]),
        (("providers", 0, "inventories"), []),
        (("providers", 0, "inventories", QAT), 1),
        (("providers", 0, "inventories", QAT, "total"), "1"),
        (("providers", 0, "inventories", QAT, "colour"), "red"),
        (("ledger",), {}),
        (("ledger",), [{}]),
        (("read_at",), "now"),
        (("may_reshape",), 1),
        (("colour",), "red"),
    ],
)
def test_one_part_of_a_wrong_shape_is_damage(version, path, junk):
    with pytest.raises(ValueError):  # noqa: PT011  in whatever words
        unpack(written(version, with_other(CONTENTS[version], path, junk)))


@pytest.mark.parametrize(
    ("version", "path"),
    [
        (version, (name,))
        for version in VERSIONS
        for name in ("root", "keys", "kinds", "ledger", "begun", "providers", "read_at")
    ],
)
def test_one_part_that_is_not_there_is_damage(version, path):
    with pytest.raises(ValueError):  # noqa: PT011  in whatever words
        unpack(written(version, without(CONTENTS[version], path)))
