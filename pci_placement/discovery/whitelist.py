"""The whitelist: from text to `WhitelistEntry`, and which devices an entry selects."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from pci_placement import names
from pci_placement.conf.json_objects import Fields, OptionValue, Reader, hex_number, read_objects
from pci_placement.model import (
    AddressGlob,
    AddressPattern,
    AddressRegex,
    Expression,
    Problem,
    ResourceClass,
    Tags,
    Trait,
    WhitelistEntry,
)

_ADDRESS_KEYS = ("domain", "bus", "slot", "function")
# Source: nova/pci/devspec.py, MAX_DOMAIN (nova has four digits, bug 1897528).
_LIMITS = {"domain": 0xFFFFFFFF, "bus": 0xFF, "slot": 0x1F, "function": 7}


def parse_whitelist(
    values: Iterable[OptionValue],
) -> tuple[tuple[WhitelistEntry, ...], tuple[Problem, ...]]:
    """Read all usable entries, in order, and everything that is wrong with the text."""
    objects, problems = read_objects(values)
    entries = [(_entry(fields), fields) for fields in objects]
    usable = tuple(entry for entry, fields in entries if fields.is_valid)
    return usable, (*problems, *(problem for fields in objects for problem in fields.problems))


def _entry(fields: Fields) -> WhitelistEntry:
    fields.check_keys(KEYS)
    if "address" in fields.content and "devname" in fields.content:
        fields.error("address and devname in one entry", "leave one of them out")
    return WhitelistEntry(
        source=fields.source, **fields.take(_SELECTING), tags=Tags(**fields.take(_TAGS))
    )


def _id(example: str) -> Reader:
    def read(fields: Fields, key: str) -> str | None:
        text = fields.content.get(key)
        if isinstance(text, str) and text.strip().lower().startswith("0x"):
            fields.warn(f"{key} {text!r} is read without its 0x, as nova does", "leave 0x out")
        return fields.convert(key, _hex_id, example)

    return read


def _hex_id(text: str) -> str | None:
    if text == "*":
        return None
    digits = text.lower().removeprefix("0x")
    if len(digits) > len("ffff"):
        raise ValueError(f"{text!r} has more than four hexadecimal digits")
    return f"{hex_number(digits, 'the id'):04x}"


def _devname(fields: Fields, key: str) -> str | None:
    return fields.text(key, "ens1f0")


def _physical_network(fields: Fields, key: str) -> str | None:
    def checked(text: str) -> str:
        names.physnet_trait(text)
        return text

    # null is how operators of hardware-offloaded tunnels say "no physical network" to nova
    # Source: nova, doc/source/admin/pci-passthrough.rst; bug 1983570.
    tunnelled = fields.content.get(key, "") is None
    return None if tunnelled else fields.convert(key, checked, "physnet1")


def _resource_class(fields: Fields, key: str) -> ResourceClass | None:
    # nova takes an empty one for one that is absent; of the other keys an empty value is an error
    # Source: nova/compute/pci_placement_translator.py, get_resource_class.
    absent = fields.content.get(key) == ""
    return None if absent else fields.convert(key, names.resource_class, "CUSTOM_GPU")


def _traits(fields: Fields, key: str) -> frozenset[Trait]:
    return fields.names(key, names.entry_trait)


def _is_set(fields: Fields, key: str) -> bool:
    return bool(fields.flag(key))


def _address(fields: Fields, key: str) -> AddressPattern | None:
    value = fields.content.get(key, "")
    if isinstance(value, dict):
        return _regex(fields, value)
    return fields.convert(key, _glob, "0000:81:00.0")


def _glob(text: str) -> AddressGlob:
    """Read nova's glob; fields fill from the right, so `0a:00` is bus and slot.

    Source: nova/pci/devspec.py, PciAddressGlobSpec.
    """
    where, _, function = text.partition(".")
    parts = where.split(":")
    if len(parts) > len(_ADDRESS_KEYS) - 1:
        raise ValueError(f"{text!r} has more than three parts before the dot")
    padded = [""] * (3 - len(parts)) + parts + [function]
    return AddressGlob(*(_glob_field(*pair) for pair in zip(_ADDRESS_KEYS, padded, strict=True)))


def _glob_field(name: str, text: str) -> int | None:
    text = text.strip()
    return None if text in ("", "*") else hex_number(text, name, _LIMITS[name])


def _regex(fields: Fields, value: dict[str, Any]) -> AddressRegex | None:
    inner = Fields(fields.source, value, fields.problems)
    inner.check_keys(_ADDRESS_KEYS)
    if not value:
        inner.error("address is an empty object", "leave address out to select any address")
    patterns = [_pattern(inner, key) for key in _ADDRESS_KEYS]
    found = [pattern for pattern in patterns if pattern]
    return AddressRegex(*found) if len(found) == len(_ADDRESS_KEYS) else None


def _pattern(fields: Fields, key: str) -> Expression | None:
    text = fields.content.get(key, ".*")
    if not isinstance(text, str):
        fields.error(f"address {key} must be a regular expression in a string")
        return None
    try:
        with warnings.catch_warnings(record=True) as doubts:
            warnings.simplefilter("always")
            re.compile(text)
    except (re.error, RecursionError, OverflowError, ValueError) as error:
        fields.error(f"address {key} {_short(text)} is not a regular expression: {error}")
        return None
    for doubt in doubts:
        fields.warn(f"address {key} {_short(text)}: {doubt.message}")
    return _bounded(fields, key, text)


def _bounded(fields: Fields, key: str, text: str) -> Expression | None:
    try:
        return Expression.parse(text)
    except ValueError as error:
        problem = f"address {key} {_short(text)} may take for ever to match: {error}"
        fields.error(problem, "write out what it is to match, such as 8[1-4] or c1")
        return None


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}…")


_SELECTING: Mapping[str, Reader] = {
    "vendor_id": _id("8086"),
    "product_id": _id("0443"),
    "address": _address,
    "devname": _devname,
}
"""The keys that become fields of WhitelistEntry, each by its own name."""

_TAGS: Mapping[str, Reader] = {
    "physical_network": _physical_network,
    "device_type": Fields.dev_type,
    "resource_class": _resource_class,
    "traits": _traits,
    "trusted": _is_set,
    "managed": Fields.flag,
    "live_migratable": Fields.flag,
    "remote_managed": _is_set,
    "one_time_use": _is_set,
    "allow_host_use": _is_set,
}
"""The keys that become fields of Tags."""

KEYS: Mapping[str, Reader] = {**_SELECTING, **_TAGS}
"""All that an entry may say, and how it is read."""
