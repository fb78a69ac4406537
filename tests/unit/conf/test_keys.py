"""A key that nobody knows is answered by its meaning, then by its spelling."""

import pytest

from pci_placement.conf.keys import MEANT, hint
from pci_placement.discovery import whitelist
from pci_placement.mapping import alias

ADDRESS = ("domain", "bus", "slot", "function")


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("device_id", "write 'product_id'"),
        ("Device-ID", "write 'product_id'"),
        ("vendor", "write 'vendor_id'"),
        ("pci_address", "write 'address'"),
        ("interface", "write 'devname'"),
        ("physnet", "write 'physical_network'"),
        ("type", "write 'device_type'"),
        ("vendorid", "write 'vendor_id'"),
        ("VENDOR_ID", "write 'vendor_id'"),
        ("name", "a name belongs to an alias: write it in [pci] alias"),
        ("numa_policy", "numa_policy belongs to an alias: write it in [pci] alias"),
    ],
)
def test_in_a_whitelist_entry(key, told):
    assert hint(key, whitelist.KEYS) == told


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("device_id", "write 'product_id'"),
        ("alias", "write 'name'"),
        ("pci_address", "address belongs to a whitelist entry: write it in [pci] device_spec"),
        ("devname", "devname belongs to a whitelist entry: write it in [pci] device_spec"),
    ],
)
def test_in_an_alias(key, told):
    assert hint(key, alias.KEYS) == told


def test_in_an_address_no_other_list_is_meant():
    assert hint("bux", ADDRESS) == "write 'bus'"
    assert hint("name", ADDRESS) == "known keys are bus, domain, function, slot"


def test_every_meaning_is_a_key_of_one_list():
    assert MEANT.keys() <= {*whitelist.KEYS, *alias.KEYS}


def test_no_word_has_two_meanings():
    words = [word for each in MEANT.values() for word in each.split()]
    assert len(words) == len(set(words))
