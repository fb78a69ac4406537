"""Devices for one-time use: nobody gets a used one before an operator says that it is clean."""

import shutil
from functools import partial

import pytest
from support.cloud import CARD, LISTS, NIC_CARD, PLAIN, QAT_CARD, VFS, name
from support.placements import consumer_uuid
from support.seen import is_there, on_offer, traits, used

QAT = "CUSTOM_PCI_QAT"
ONCE = LISTS.replace('"0443"}\ndevice_spec', '"0443", "one_time_use": true}\ndevice_spec')
FREE, SPENT = {QAT: (1, 0)}, {QAT: (1, 1)}
SPENT_STATE = "used once: reserved until an operator takes it back into service"


@pytest.fixture
def node(run, real):
    """Run commands that must work, on this host after a first pass."""

    def node(*lines: str) -> None:
        for line in lines:
            done = run(line, lists=ONCE)
            assert done.code == 0, done.err

    node("sync")
    assert on_offer(real, PLAIN) == FREE
    assert "HW_PCI_ONE_TIME_USE" in traits(real, PLAIN)
    return node


@pytest.fixture
def bob(real):
    """Somebody who takes the device, and gives it back."""
    real.take = partial(real.claim, "bob", {PLAIN: {QAT: 1}})
    real.give_back = partial(real.release, "bob")
    return real


def test_claimed_it_is_reserved_and_stays_with_who_has_it(node, bob):
    bob.take()
    node("sync")
    assert on_offer(bob, PLAIN) == SPENT
    assert used(bob, PLAIN) == {QAT: 1}


def test_released_it_stays_reserved(node, bob, tmp_path):
    bob.take()
    node("sync")
    bob.give_back()
    node("sync", "sync --full")
    shutil.rmtree(tmp_path / "state")
    node("sync")
    assert on_offer(bob, PLAIN) == SPENT


def test_claimed_and_released_between_two_passes_it_is_reserved_as_well(node, bob):
    bob.take()
    bob.give_back()
    node("sync")
    assert on_offer(bob, PLAIN) == SPENT


def test_claimed_and_released_while_its_card_was_held_it_is_reserved_as_well(node, run, bob, sysfs):
    numa_node = sysfs / "bus/pci/devices" / PLAIN / "numa_node"
    known = numa_node.read_text()
    numa_node.write_text("garbled")
    bob.take()
    assert run("sync", lists=ONCE).code == 5
    bob.give_back()
    assert run("sync", lists=ONCE).code == 5
    numa_node.write_text(known)
    node("sync")
    assert on_offer(bob, PLAIN) == SPENT


def test_nobody_had_it_while_its_card_was_held_and_it_stays_on_offer(node, run, bob, sysfs):
    numa_node = sysfs / "bus/pci/devices" / PLAIN / "numa_node"
    known = numa_node.read_text()
    numa_node.write_text("garbled")
    for _ in range(2):
        assert run("sync", lists=ONCE).code == 5
    numa_node.write_text(known)
    node("sync")
    assert on_offer(bob, PLAIN) == FREE


def test_nobody_had_it_and_it_stays_on_offer(node, run, bob, tmp_path):
    node("sync", "sync --full")
    shutil.rmtree(tmp_path / "state")
    node("sync")
    assert on_offer(bob, PLAIN) == FREE
    assert run("sync -f json", lists=ONCE).json == []


def test_what_an_operator_reserves_is_no_use(node, bob):
    bob.reserve(PLAIN, QAT, 1)
    node("sync")
    bob.reserve(PLAIN, QAT, 0)
    node("sync")
    assert on_offer(bob, PLAIN) == FREE


def test_other_devices_may_be_used_again(node, bob):
    bob.claim("eve", {VFS: {"CUSTOM_PCI_NIC": 4}})
    node("sync")
    bob.release("eve")
    node("sync")
    assert on_offer(bob, VFS) == {"CUSTOM_PCI_NIC": (4, 0)}


@pytest.mark.parametrize("how", ["command", "api"])
def test_taken_back_it_is_on_offer_until_it_is_used_again(node, bob, how):
    bob.take()
    node("sync")
    bob.give_back()
    if how == "command":
        node(f"device undrain {PLAIN}")
    else:
        bob.reserve(PLAIN, QAT, 0)
    node("sync", "sync")
    assert on_offer(bob, PLAIN) == FREE
    bob.take()
    node("sync")
    assert on_offer(bob, PLAIN) == SPENT


def test_lifted_through_the_api_while_it_is_in_use_it_is_reserved_again(node, bob):
    bob.take()
    node("sync")
    bob.reserve(PLAIN, QAT, 0)
    node("sync")
    assert on_offer(bob, PLAIN) == SPENT


@pytest.mark.parametrize("cache", ["kept", "lost"])
@pytest.mark.parametrize("gone_while_used", [True, False])
def test_it_is_not_forgotten_while_the_device_is_away(
    node, bob, become, tmp_path, cache, gone_while_used
):
    bob.take()
    node("sync")
    if not gone_while_used:
        bob.give_back()
    become(NIC_CARD)
    node("sync")
    if gone_while_used:
        bob.give_back()
    node("sync", "sync")
    assert on_offer(bob, PLAIN) == SPENT
    if cache == "lost":
        shutil.rmtree(tmp_path / "state")
    become(QAT_CARD, NIC_CARD)
    node("sync", "sync")
    assert on_offer(bob, PLAIN) == SPENT
    node(f"device undrain {PLAIN}")
    assert on_offer(bob, PLAIN) == FREE


def test_unused_it_goes_with_its_device(node, bob, become):
    become(NIC_CARD)
    node("sync")
    assert not is_there(bob, PLAIN)


def test_lifted_through_the_api_while_the_device_is_away_it_goes(node, bob, become):
    bob.take()
    node("sync")
    bob.give_back()
    become(NIC_CARD)
    node("sync")
    bob.reserve(PLAIN, QAT, 0)
    node("sync")
    assert not is_there(bob, PLAIN)


def test_it_is_told_why_it_is_not_on_offer(node, run, bob):
    bob.take()
    node("sync")
    bob.give_back()
    shown = run(f"device show {PLAIN} -f json", lists=ONCE).json
    assert shown["reason"].endswith(f"; {SPENT_STATE}")
    listed = {row["name"]: row["state"] for row in run("provider list -f json", lists=ONCE).json}
    assert listed == {name(PLAIN): SPENT_STATE, name(CARD): "", name(VFS): ""}
    assert run("request candidates qat -f json", lists=ONCE).json == []


def test_who_has_it_is_told_as_with_any_other_device(node, run, bob):
    bob.take()
    node("sync")
    done = run(f"device drain {PLAIN}", lists=ONCE)
    assert f"stays with those who have it: {consumer_uuid('bob')}" in done.err


def test_an_entry_that_no_longer_says_so_lets_it_be_reserved_until_it_is_lifted(node, run, bob):
    bob.take()
    node("sync")
    bob.give_back()
    assert run("sync").code == 0
    assert on_offer(bob, PLAIN) == SPENT
    assert "HW_PCI_ONE_TIME_USE" not in traits(bob, PLAIN)
    assert run(f"device undrain {PLAIN}").code == 0
    assert on_offer(bob, PLAIN) == FREE


# --- whatever else is done meanwhile


@pytest.mark.parametrize("verb", ["drain", "undrain"])
def test_a_claim_before_another_device_is_drained_counts(node, bob, verb):
    bob.take()
    node(f"device {verb} {CARD}", "sync")
    assert on_offer(bob, PLAIN) == SPENT


def test_taken_back_while_it_is_in_use_it_is_reserved_again(node, bob):
    bob.take()
    node("sync", f"device undrain {PLAIN}", "sync")
    assert on_offer(bob, PLAIN) == SPENT


def test_claimed_and_released_before_a_full_pass_it_is_reserved_as_well(node, bob):
    bob.take()
    bob.give_back()
    node("sync --full")
    assert on_offer(bob, PLAIN) == SPENT


def test_taken_back_while_the_device_is_away_it_goes(node, bob, become):
    bob.take()
    node("sync")
    bob.give_back()
    become(NIC_CARD)
    node("sync", f"device undrain {PLAIN}", "sync")
    assert not is_there(bob, PLAIN)


def test_it_is_told_that_it_stays_though_its_device_is_away(node, run, bob, become):
    bob.take()
    node("sync")
    bob.give_back()
    become(NIC_CARD)
    node("sync")
    listed = {row["name"]: row["state"] for row in run("provider list -f json", lists=ONCE).json}
    assert listed[name(PLAIN)] == SPENT_STATE
