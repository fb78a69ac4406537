"""Traits of whitelist entries stay ours until they were taken off; roots are roots."""

import pytest
from keystoneauth1 import session, token_endpoint
from support import hosts
from support.cloud import (
    HOST,
    LISTS,
    PLAIN,
    QAT_CARD,
    VFS,
    configure,
    uuid,
)
from support.placements import Real

from pci_placement.errors import PciPlacementError
from pci_placement.placement import Client, RootWanted, of_session
from pci_placement.settings import ConfigPath, load
from pci_placement.sync import Reconciler


@pytest.fixture
def client(placement):
    return Client(
        of_session(session.Session(token_endpoint.Token(placement.url, "admin")), None, None)
    )


def rec(client, tmp_path, host=HOST, lists=LISTS):
    s = load([ConfigPath(str(configure(tmp_path, lists)))])
    return Reconciler(s, lambda: hosts.snapshot(host), client, [].append)


TAGGED = LISTS.replace('"physnet1"', '"physnet1", "traits": "CUSTOM_FAST"')


def test_a_trait_of_an_entry_is_remembered_while_its_card_is_held(client, tmp_path):
    Real(client)
    r = rec(client, tmp_path, lists=TAGGED).run_once().last_pass
    conflict = LISTS + 'device_spec = {"address": "0000:81:00.0", "device_type": "type-PF"}\n'
    conflict = conflict.replace('"devname": "ens1f0"', '"vendor_id": "8086", "product_id": "10ca"')
    r = rec(client, tmp_path, lists=conflict).run_once(r).last_pass
    r = rec(client, tmp_path).run_once(r).last_pass
    assert "CUSTOM_FAST" not in r.providers[uuid(VFS)].traits


def test_a_trait_of_an_entry_is_remembered_while_its_device_is_drained(client, tmp_path):
    real = Real(client)
    r = rec(client, tmp_path, lists=TAGGED).run_once().last_pass
    real.claim("bob", {VFS: {"CUSTOM_PCI_NIC": 1}})
    r = rec(client, tmp_path, host=(QAT_CARD,)).run_once(r).last_pass
    r = rec(client, tmp_path).run_once(r).last_pass
    assert "CUSTOM_FAST" not in r.providers[uuid(VFS)].traits


def test_the_uuid_of_a_child_is_not_a_root(client, tmp_path):
    Real(client)
    rec(client, tmp_path).run_once()
    with pytest.raises(PciPlacementError):
        client.observe(RootWanted("x", uuid(PLAIN)), [])
