"""The whitelist: from text to `WhitelistEntry`, and which devices an entry selects."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable
from typing import Any

from pci_placement import names
from pci_placement.fields import Fields, OptionValue, hex_number, read_objects
from pci_placement.model import (
    AddressGlob,
    AddressPattern,
    AddressRegex,
    DevType,
    PciAddress,
    PciAlias,
    PciDevice,
    Problem,
    ResourceClass,
    Snapshot,
    Tags,
    WhitelistEntry,
)

_KEYS = frozenset(
    """vendor_id product_id address devname physical_network device_type resource_class traits
    trusted managed live_migratable remote_managed one_time_use allow_host_use""".split()
)
_ADDRESS_KEYS = ("domain", "bus", "slot", "function")
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
    fields.check_keys(_KEYS)
    if "address" in fields.content and "devname" in fields.content:
        fields.error("address and devname in one entry", "leave one of them out")
    return WhitelistEntry(
        source=fields.source,
        vendor_id=_id(fields, "vendor_id", "8086"),
        product_id=_id(fields, "product_id", "0443"),
        address=_address(fields),
        devname=fields.text("devname", "ens1f0"),
        tags=_tags(fields),
    )


def _id(fields: Fields, key: str, example: str) -> str | None:
    text = fields.content.get(key)
    if isinstance(text, str) and text.strip().lower().startswith("0x"):
        fields.warn(f"{key} {text!r} is read without its 0x, as nova does", "leave 0x out")
    return fields.convert(key, _hex_id, example)


def _hex_id(text: str) -> str | None:
    if text == "*":
        return None
    digits = text.lower().removeprefix("0x")
    if len(digits) > len("ffff"):
        raise ValueError(f"{text!r} has more than four hexadecimal digits")
    return f"{hex_number(digits, 'the id'):04x}"


def _tags(fields: Fields) -> Tags:
    # null is how operators of hardware-offloaded tunnels say "no physical network" to nova
    tunnelled = fields.content.get("physical_network", "") is None
    return Tags(
        physical_network=None if tunnelled else _physical_network(fields),
        device_type=fields.dev_type("device_type"),
        resource_class=_resource_class(fields),
        traits=fields.names("traits", names.entry_trait),
        trusted=bool(fields.flag("trusted")),
        managed=fields.flag("managed"),
        live_migratable=fields.flag("live_migratable"),
        remote_managed=bool(fields.flag("remote_managed")),
        one_time_use=bool(fields.flag("one_time_use")),
        allow_host_use=bool(fields.flag("allow_host_use")),
    )


def _resource_class(fields: Fields) -> ResourceClass | None:
    # nova takes an empty one for one that is absent, and its files must work unchanged
    absent = fields.content.get("resource_class") == ""
    return None if absent else fields.convert("resource_class", names.resource_class, "CUSTOM_GPU")


def _physical_network(fields: Fields) -> str | None:
    def checked(text: str) -> str:
        names.physnet_trait(text)
        return text

    return fields.convert("physical_network", checked, "physnet1")


def _address(fields: Fields) -> AddressPattern | None:
    value = fields.content.get("address", "")
    if isinstance(value, dict):
        return _regex(fields, value)
    return fields.convert("address", _glob, "0000:81:00.0")


def _glob(text: str) -> AddressGlob:
    """Read nova's glob; fields fill from the right, so `0a:00` is bus and slot."""
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


def _pattern(fields: Fields, key: str) -> re.Pattern[str] | None:
    text = fields.content.get(key, ".*")
    if not isinstance(text, str):
        fields.error(f"address {key} must be a regular expression in a string")
        return None
    try:
        with warnings.catch_warnings(record=True) as doubts:
            warnings.simplefilter("always")
            pattern = re.compile(text)
    except (re.error, RecursionError, OverflowError, ValueError) as error:
        fields.error(f"address {key} {_short(text)} is not a regular expression: {error}")
        return None
    for doubt in doubts:
        fields.warn(f"address {key} {_short(text)}: {doubt.message}")
    return pattern


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}…")


Selector = Callable[[WhitelistEntry, PciDevice], bool]


def selector(snapshot: Snapshot) -> Selector:
    """Give the function that says whether an entry selects a device of this snapshot.

    An exact address, or a device name, reaches from a PF to its VFs (as in nova).
    """
    named = {name: d.address for d in snapshot.devices for name in d.devnames}

    def selects(entry: WhitelistEntry, device: PciDevice) -> bool:
        return (
            entry.vendor_id in (None, device.vendor_id)
            and entry.product_id in (None, device.product_id)
            and entry.tags.device_type in (None, device.dev_type)
            and _selects_place(entry, device, named)
        )

    return selects


def _selects_place(entry: WhitelistEntry, device: PciDevice, named: dict[str, PciAddress]) -> bool:
    if entry.devname is not None:
        return named.get(entry.devname) in (device.address, device.card_addr)
    if entry.address is None or entry.address.matches(device.address):
        return True
    return entry.address.is_exact and entry.address.matches(device.card_addr)


def may_select_vfs(entry: WhitelistEntry, pf: PciDevice) -> bool:
    """Whether an entry that selects a PF could select VFs that this PF does not have yet."""
    return entry.tags.device_type in (None, DevType.VF) and (
        entry.product_id is None
        or pf.sriov_vf_device is None
        or entry.product_id == pf.sriov_vf_device
    )


def may_select(entry: WhitelistEntry, alias: PciAlias) -> bool:
    """Whether some device of an alias could be one that the entry selects."""
    if alias.resource_class and alias.resource_class == entry.tags.resource_class:
        return True
    return may_select_kind(entry, alias)


def may_select_kind(entry: WhitelistEntry, alias: PciAlias) -> bool:
    """Whether an entry leaves room for the ids and the type that an alias names."""
    return (
        entry.vendor_id in (None, alias.vendor_id)
        and entry.product_id in (None, alias.product_id)
        and entry.tags.device_type in (None, *alias.device_types)
    )


def covers(earlier: WhitelistEntry, later: WhitelistEntry) -> bool:
    """Whether an entry selects all that a later one selects, on whatever host."""
    return (
        earlier.vendor_id in (None, later.vendor_id)
        and earlier.product_id in (None, later.product_id)
        and earlier.tags.device_type in (None, later.tags.device_type)
        and _covers_place(earlier, later)
    )


def _covers_place(earlier: WhitelistEntry, later: WhitelistEntry) -> bool:
    if earlier.devname is not None or later.devname is not None:
        anywhere = earlier.devname is None and earlier.address is None
        return anywhere or earlier.devname == later.devname
    if earlier.address is None or earlier.address == later.address:
        return True
    return _is_wider(earlier.address, later.address)


def _is_wider(wide: AddressPattern, narrow: AddressPattern | None) -> bool:
    """Whether a glob has no field that another glob leaves open or has with another value.

    An exact address may also mean the VFs of a PF, so a wider glob does not cover it.
    """
    if not isinstance(wide, AddressGlob) or not isinstance(narrow, AddressGlob) or narrow.is_exact:
        return False
    pairs = (
        (wide.domain, narrow.domain),
        (wide.bus, narrow.bus),
        (wide.slot, narrow.slot),
        (wide.function, narrow.function),
    )
    return all(field in (None, other) for field, other in pairs)
