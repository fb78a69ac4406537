"""No key of an entry is known and not read, and nothing of an entry is out of reach."""

from dataclasses import fields
from typing import Any

import pytest
from support.build import values

from pci_placement.discovery.whitelist import KEYS, parse_whitelist
from pci_placement.model import Tags, WhitelistEntry

OURS = {"source", "tags"}
"""The fields of an entry that no key stands for: where it is written, and the tags together."""

SAID = {
    "vendor_id": "8086",
    "product_id": "0443",
    "address": "0000:81:00.0",
    "devname": "ens1f0",
    "physical_network": "physnet1",
    "device_type": "type-PF",
    "resource_class": "CUSTOM_GPU",
    "traits": ["CUSTOM_FAST"],
    "trusted": True,
    "managed": True,
    "live_migratable": True,
    "remote_managed": True,
    "one_time_use": True,
    "allow_host_use": True,
}
"""Something that differs from what is so where nothing is said."""


def understood(content: dict[str, Any]) -> dict[str, Any]:
    """All fields of the entry that is made of it."""
    (entry,), problems = parse_whitelist(values(content))
    assert problems == ()
    of_entry = {f.name: getattr(entry, f.name) for f in fields(entry) if f.name not in OURS}
    return of_entry | {f.name: getattr(entry.tags, f.name) for f in fields(Tags)}


def test_every_field_has_a_key_and_every_key_a_field():
    of_entry = {field.name for field in fields(WhitelistEntry)} - OURS
    of_tags = {field.name for field in fields(Tags)}
    assert of_entry & of_tags == set()
    assert of_entry | of_tags == set(KEYS)


def test_every_key_is_tried_here():
    assert set(SAID) == set(KEYS)


@pytest.mark.parametrize("key", SAID)
def test_a_key_changes_its_own_field_and_no_other(key):
    silent, spoken = understood({}), understood({key: SAID[key]})
    assert {name for name, value in spoken.items() if value != silent[name]} == {key}
