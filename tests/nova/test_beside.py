"""nova and passes of ours side by side on one node, each with devices of its own."""

from __future__ import annotations

import pytest
from support.cloud import PLAIN, QAT, VFS

pytest.importorskip("nova.scheduler.utils", reason="nova is not installed")

from support.beside import on
from support.nova.cloud import NOVAS, NOVAS_ALIAS, NOVAS_CLASS, NOVAS_IDS
from support.nova.stage import CONTAINER

TIMES = 20
NOVAS_PROVIDER = f"node_{NOVAS}"
OURS = {on(PLAIN), on("0000:81:00.0"), on(VFS)}


def test_the_periodic_tasks_of_nova_and_our_passes_change_nothing_of_each_other(stage):
    stage.start()
    stage.claim()
    server = stage.nova.create({"pci_passthrough:alias": "novas:1"})
    stage.sync()
    before = stage.everything()
    assert set(before) == {"node", NOVAS_PROVIDER, *OURS}
    for number in range(TIMES):
        stage.nova.periodic_tasks(forgetful=number % 2 == 0)
        assert stage.sync() == []
    assert stage.everything() == before
    assert stage.devices(CONTAINER) == {on(PLAIN): 1}
    assert stage.devices(server["id"]) == {NOVAS_PROVIDER: 1}


def test_nova_that_starts_again_leaves_our_providers_as_they_are(stage):
    stage.start()
    stage.claim()
    stage.sync()
    before = stage.everything()
    stage.nova.restart_compute_service("node")
    after = stage.everything()
    assert {name: after[name] for name in OURS} == {name: before[name] for name in OURS}
    assert stage.sync() == []


# --- who is asked for what


OUR_CLASS = {"name": "ours", "resource_class": QAT}


@pytest.fixture
def asking(stage):
    """A nova with an alias of our class, which has listed such devices and has none."""
    qat = {"vendor_id": "8086", "product_id": "0443"}
    return stage.start((NOVAS_IDS, qat), (NOVAS_ALIAS, OUR_CLASS))


def test_a_device_of_novas_own_is_given_and_counted(asking):
    server = asking.nova.create({"pci_passthrough:alias": "novas:1"})
    assert asking.allocated(server["id"])[NOVAS_PROVIDER] == {NOVAS_CLASS: 1}
    assert asking.nova.hardware_of(server) == [NOVAS]


def test_nova_asks_for_its_own_providers_alone(asking):
    """OWNER_NOVA is required of each device that an alias asks for; ours never have it."""
    server = asking.nova.create({"pci_passthrough:alias": "ours:1"}, becomes="ERROR")
    assert asking.allocated(server["id"]) == {}
    asking.claim()
    assert asking.devices(CONTAINER) == {on(PLAIN): 1}


def test_no_provider_of_ours_says_that_it_is_novas(asking):
    for name, found in asking.everything().items():
        assert ("OWNER_NOVA" in found["traits"]["traits"]) == (name not in OURS)


def test_a_flavor_that_names_our_class_claims_one_and_gets_none(asking):
    """Of a group without a number OWNER_NOVA is required of the root alone: doc/beside.md."""
    server = asking.nova.create({f"resources:{QAT}": "1"})
    assert asking.devices(server["id"]) == {on(PLAIN): 1}
    assert asking.nova.hardware_of(server) == []
