"""No key of an alias is known and not read, and nothing of an alias is out of reach."""

from dataclasses import fields
from typing import Any

import pytest
from support.build import values

from pci_placement.mapping.alias import KEYS, parse_aliases
from pci_placement.model import PciAlias

ALIAS = {
    "name": "QuickAssist",
    "vendor_id": "8086",
    "product_id": "0443",
    "resource_class": "CUSTOM_QAT",
}
SAID = {
    "name": "gpu",
    "vendor_id": "10de",
    "product_id": "20b0",
    "device_type": "type-PF",
    "resource_class": "CUSTOM_GPU",
    "traits": ["CUSTOM_FAST"],
    "numa_policy": "required",
    "live_migratable": True,
}
"""Something other than the alias above says, or does not say."""

ONE_VALUE = {"capability_type"}
"""What nova knows, and what can say one thing only."""


def understood(content: dict[str, Any]) -> dict[str, Any]:
    (alias,), problems = parse_aliases(values(content))
    assert problems == ()
    return {field.name: getattr(alias, field.name) for field in fields(alias)}


def test_every_field_has_a_key_and_every_key_a_field():
    assert {field.name for field in fields(PciAlias)} - {"source"} == set(KEYS) - ONE_VALUE


def test_every_key_is_tried_here():
    assert set(SAID) == set(KEYS) - ONE_VALUE


@pytest.mark.parametrize("key", SAID)
def test_a_key_changes_its_own_field_and_no_other(key):
    before, after = understood(ALIAS), understood({**ALIAS, key: SAID[key]})
    assert {name for name, value in after.items() if value != before[name]} == {key}


@pytest.mark.parametrize("key", ONE_VALUE)
def test_a_key_with_one_value_is_read(key):
    assert understood({**ALIAS, key: "pci"}) == understood(ALIAS)
    aliases, (problem,) = parse_aliases(values({**ALIAS, key: "usb"}))
    assert aliases == ()
    assert key in problem.problem
