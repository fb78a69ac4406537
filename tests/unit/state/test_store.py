"""The cache that may be lost, and the lock that keeps a second pass out."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from support.cloud import (
    CARD,
    DRAINING,
    NIC,
    PLAIN,
    POOL,
    QAT,
    VF,
    VFS,
    addresses,
    have,
    reserved,
    uuid,
)
from support.placements import ROOT

from pci_placement import names
from pci_placement.errors import Locked
from pci_placement.model import Counted, InventoryKey, LastPass
from pci_placement.state.store import StateFile

FAST = names.trait("CUSTOM_FAST")
PROVIDERS = [
    have(PLAIN, {QAT: 1}, FAST),
    have(CARD, has_aggregates=True, traits=frozenset()),
    have(VFS, {NIC: replace(reserved(4, 1), allocation_ratio=1.5)}, DRAINING, generation=12),
]
REMEMBERED = LastPass(
    root=ROOT,
    keys=frozenset({PLAIN, CARD, VFS}),
    kinds={CARD: "type-VF", PLAIN: "type-PCI"},
    traits=frozenset({FAST}),
    providers={provider.uuid: provider for provider in PROVIDERS},
    ledger={
        InventoryKey(PLAIN, QAT): Counted(addresses(PLAIN)),
        InventoryKey(VFS, NIC): Counted(
            addresses(*VF[:4]), addresses(*VF[2:6]), {"bob": 2, "eve": 1}
        ),
        InventoryKey(POOL, QAT): Counted(frozenset()),
    },
    may_reshape=False,
    read_at=1234567890.5,
)
HOLD = """
import sys
from pci_placement.state.store import StateFile
with StateFile(sys.argv[1], "node").lock():
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def file(tmp_path):
    return StateFile(tmp_path, "node")


def only_file(folder: Path) -> Path:
    (path,) = folder.glob("*.json")
    return path


# --- the cache


def test_what_was_saved_is_loaded(file):
    file.save(REMEMBERED)
    assert file.load() == REMEMBERED


def test_a_pass_that_found_nothing_is_worth_keeping_too(file):
    file.save(REMEMBERED)
    file.save(LastPass())
    assert file.load() == LastPass()


def test_consumers_are_not_kept(file):
    provider = have(PLAIN, {QAT: 1}, used={"bob": {QAT: 1}})
    file.save(replace(REMEMBERED, providers={provider.uuid: provider}))
    assert file.load().providers == {provider.uuid: replace(provider, consumers=None)}


def test_the_folder_is_made(tmp_path):
    deep = StateFile(tmp_path / "var/lib", "node")
    deep.save(REMEMBERED)
    assert deep.load() == REMEMBERED


def test_saving_leaves_one_file_behind(file, tmp_path):
    file.save(REMEMBERED)
    file.save(REMEMBERED)
    assert [path.suffix for path in tmp_path.iterdir()] == [".json"]


@pytest.mark.parametrize("identity", [("other",), ("node", "lab"), ("node", None), ()])
def test_another_root_or_cloud_has_a_cache_of_its_own(file, tmp_path, identity):
    file.save(REMEMBERED)
    assert StateFile(tmp_path, *identity).load() == LastPass()


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
    file.save(REMEMBERED)
    path = only_file(tmp_path)
    before = path.read_bytes()
    path.write_bytes(damage(before))
    assert path.read_bytes() != before
    assert file.load() == LastPass()


def test_a_damaged_cache_is_replaced_by_the_next_pass(file, tmp_path):
    file.save(REMEMBERED)
    only_file(tmp_path).write_text("{")
    file.save(REMEMBERED)
    assert file.load() == REMEMBERED


def test_a_folder_that_cannot_be_written_is_an_error_of_the_system(tmp_path):
    (tmp_path / "a-file").write_text("")
    for folder in ("a-file", "a-file/below"):
        file = StateFile(tmp_path / folder, "node")
        assert file.load() == LastPass()
        with pytest.raises(OSError, match="a-file"):
            file.save(REMEMBERED)
        with pytest.raises(OSError, match="a-file"), file.lock():
            pass


# --- the lock


@pytest.fixture
def holder(tmp_path):
    """Another process, which holds the lock until it is told to end."""
    command = [sys.executable, "-c", HOLD, tmp_path]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_who_comes_second_does_not_wait_and_hears_which_process_holds_the_lock(file, holder):
    with pytest.raises(Locked) as caught, file.lock():
        pass
    assert str(caught.value) == f"another pass is running (process {holder.pid}); try again"
    assert holder.poll() is None


def test_a_pass_over_another_root_does_not_wait(tmp_path, holder):
    with StateFile(tmp_path, "other").lock():
        assert holder.poll() is None


def test_the_lock_is_free_when_its_holder_is_killed(file, holder):
    holder.kill()
    holder.wait()
    with file.lock():
        pass


def test_the_lock_is_free_after_use_also_where_that_failed(file):
    with pytest.raises(ZeroDivisionError), file.lock():
        _ = 1 / 0
    with file.lock():
        pass


def test_a_second_pass_of_this_process_is_kept_out_as_well(file):
    with file.lock(), pytest.raises(Locked, match=f"process {os.getpid()}"), file.lock():
        pass


def test_a_number_that_is_shorter_than_the_last_is_written_whole(file, tmp_path):
    with file.lock():
        (lock,) = tmp_path.glob("*.lock")
    lock.write_text("9" * 40)
    with file.lock():
        assert lock.read_text() == str(os.getpid())


def test_a_holder_that_has_not_yet_said_who_it_is_has_no_number(file, tmp_path):
    with file.lock():
        (lock,) = tmp_path.glob("*.lock")
        lock.write_text("")
        with pytest.raises(Locked, match="process of unknown number"), file.lock():
            pass


def test_the_cache_can_be_read_while_a_pass_runs(file, holder):
    file.save(REMEMBERED)
    assert uuid(PLAIN) in file.load().providers
    assert holder.poll() is None
