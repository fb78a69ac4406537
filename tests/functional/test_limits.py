"""How much one pass may remove, and whether there are passes at all."""

from functools import partial

import pytest
from support.cloud import CARD, LISTS, PLAIN, VFS, name
from support.command import writes
from support.placements import consumer_uuid
from support.seen import is_there, on_offer, traits, used

NIC, QAT = "CUSTOM_PCI_NIC", "CUSTOM_PCI_QAT"
DRAINING = "CUSTOM_PCI_DRAINING"
EMPTIED = "[pci]\n"
RENAMED = LISTS.replace('"name": "qat"', '"name": "crypto"')
WITHOUT_QAT = LISTS.replace('device_spec = {"vendor_id"', '# {"vendor_id"')


@pytest.fixture
def synced(run, real):
    """This host as a first pass leaves it."""
    assert run("sync").code == 0
    return real


def there(real) -> list[str]:
    return [key for key in (PLAIN, CARD, VFS) if is_there(real, key)]


def test_too_much_is_drained_instead_and_told(run, synced):
    done = run("sync -f json", lists=EMPTIED)
    assert done.code == 4
    drained = [row["provider"] for row in done.json if row["action"] == "drain"]
    assert drained == [name(PLAIN), name(VFS)]
    assert "delete_provider" not in {row["action"] for row in done.json}
    nothing, told, _ = done.err.splitlines()
    assert nothing.startswith("warning: this host offers nothing: ")
    assert told == (
        f"withheld: to remove {name(PLAIN)}, {name(VFS)}, {name(CARD)} is more than one pass may "
        "do: they stay, with nothing left to claim; if they are to go, say sync --force, or raise "
        "[pci_placement] max_removals"
    )
    assert there(synced) == [PLAIN, CARD, VFS]
    assert on_offer(synced, PLAIN) == {QAT: (1, 1)}
    assert on_offer(synced, VFS) == {NIC: (4, 4)}


def test_it_is_told_until_somebody_decides(run, synced):
    run("sync", lists=EMPTIED)
    for line in ("sync", "sync --full"):
        again = run(f"{line} -f json", lists=EMPTIED)
        assert (again.code, again.json) == (4, [])
        assert "\nwithheld: to remove " in again.err
        assert "nothing else to do (" in again.err.splitlines()[-1]
    assert there(synced) == [PLAIN, CARD, VFS]


def test_by_force_it_goes(run, synced):
    run("sync", lists=EMPTIED)
    done = run("sync --force --yes", lists=EMPTIED)
    assert (done.code, there(synced)) == (0, [])
    assert "withheld" not in done.err
    assert run("sync -f json", lists=EMPTIED).json == []


def test_by_force_it_goes_at_once(run, synced):
    assert run("sync --force --yes", lists=EMPTIED).code == 0
    assert there(synced) == []


def test_not_even_by_force_is_anything_taken_from_who_has_it(run, synced):
    synced.claim("bob", {VFS: {NIC: 1}})
    assert run("sync --force --yes", lists=EMPTIED).code == 0
    assert there(synced) == [CARD, VFS]
    assert used(synced, VFS) == {NIC: 1}


def test_a_mistake_that_is_mended_has_cost_nothing(run, synced):
    synced.claim("bob", {VFS: {NIC: 1}})
    run("sync", lists=EMPTIED, max_removals="0")
    assert run("sync").code == 0
    assert on_offer(synced, VFS) == {NIC: (4, 0)}
    assert on_offer(synced, PLAIN) == {QAT: (1, 0)}
    assert DRAINING not in traits(synced, VFS) | traits(synced, PLAIN)


def test_a_plan_shows_it_and_writes_nothing(run, synced, placement):
    placement.requests.clear()
    done = run("plan -f json", lists=EMPTIED)
    assert (done.code, "\nwithheld: to remove " in done.err) == (0, True)
    reasons = {row["reason"] for row in done.json if row["action"] == "drain"}
    assert reasons == {"its removal is withheld"}
    forced = run("sync --dry-run --force -f json", lists=EMPTIED)
    assert {row["action"] for row in forced.json} == {"delete_provider"}
    assert "withheld" not in forced.err
    assert writes(placement) == []
    assert there(synced) == [PLAIN, CARD, VFS]


@pytest.mark.parametrize(("most", "code", "kept"), [("2", 4, 3), ("3", 0, 0), (None, 4, 3)])
def test_the_limit_can_be_set(run, synced, most, code, kept):
    own = {"max_removals": most} if most else {}
    assert run("sync", lists=EMPTIED, **own).code == code
    assert len(there(synced)) == kept


def test_up_to_the_limit_it_goes(run, synced):
    assert run("sync", lists=WITHOUT_QAT).code == 0
    assert there(synced) == [CARD, VFS]


def test_a_class_that_goes_counts_as_well(run, synced):
    done = run("sync", lists=RENAMED, max_removals="0")
    assert done.code == 4
    assert f"withheld: to remove {QAT} of {name(PLAIN)} is more" in done.err
    assert on_offer(synced, PLAIN) == {QAT: (1, 1), "CUSTOM_PCI_CRYPTO": (1, 0)}
    assert run("sync --force --yes", lists=RENAMED, max_removals="0").code == 0
    assert on_offer(synced, PLAIN) == {"CUSTOM_PCI_CRYPTO": (1, 0)}


def test_what_is_used_is_drained_whatever_the_limit(run, synced):
    synced.claim("bob", {PLAIN: {QAT: 1}})
    rows = run("plan -f json", lists=WITHOUT_QAT, max_removals="0").json
    drains = {row["provider"]: row["consumers"] for row in rows if row["action"] == "drain"}
    assert drains == {name(PLAIN): [consumer_uuid("bob")]}
    assert run("sync", lists=WITHOUT_QAT, max_removals="0").code == 0


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize("value", ["-1", "half"])
def test_a_limit_that_is_none_is_an_error(run, value):
    done = run("sync", max_removals=value)
    assert done.code == 2
    assert "max_removals" in done.error


# --- policy


def test_without_removals_everything_is_only_drained(run, synced):
    careful = partial(run, lists=EMPTIED, policy="upsert-only")
    assert careful("sync").code == 0
    assert there(synced) == [PLAIN, CARD, VFS]
    assert on_offer(synced, VFS) == {NIC: (4, 4)}
    again = careful("sync -f json")
    assert (again.code, again.json) == (0, [])
    assert "withheld" not in again.err
    assert run("sync", policy="upsert-only").code == 0
    assert on_offer(synced, VFS) == {NIC: (4, 0)}
    careful("sync")
    assert careful("sync --force --yes").code == 0
    assert there(synced) == []


# --- enabled


def test_a_host_that_is_not_enabled_is_left_as_it_is(run, synced, placement):
    placement.requests.clear()
    done = run("sync -f json", lists=EMPTIED, enabled="false")
    assert (done.code, done.json) == (0, [])
    assert done.err == "[pci_placement] enabled = false: sync does nothing on this host\n"
    assert placement.requests == []
    assert there(synced) == [PLAIN, CARD, VFS]


def test_its_plan_can_be_looked_at(run, synced, placement):
    placement.requests.clear()
    done = run("plan -f json", lists=WITHOUT_QAT, enabled="false")
    assert done.code == 0
    assert [row["action"] for row in done.json] == ["delete_provider"]
    assert done.err.startswith("[pci_placement] enabled = false: sync does nothing on this host\n")
    assert writes(placement) == []
    assert there(synced) == [PLAIN, CARD, VFS]
