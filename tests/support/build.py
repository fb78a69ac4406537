"""Small values for unit tests, written with what matters to a test and nothing else."""

import json

from pci_placement import names
from pci_placement.conf.json_objects import OptionValue
from pci_placement.model import (
    DevType,
    Inventory,
    ObservedProvider,
    PciAddress,
    PciAlias,
    PciDevice,
    Snapshot,
    Source,
    Tags,
    WhitelistEntry,
)


def address(text: str) -> PciAddress:
    return PciAddress.parse(text)


def device(where: str = "0000:3b:00.0", ids: str = "8086:0443", **fields) -> PciDevice:
    """A plain device, unless the fields say otherwise; addresses in them are text."""
    vendor_id, product_id = ids.split(":")
    parent = fields.pop("parent", None)
    fields["parent_addr"] = address(parent) if parent else None
    return PciDevice(address(where), vendor_id, product_id, **fields)


def pf(where: str = "0000:81:00.0", ids: str = "8086:1572", **fields) -> PciDevice:
    """A network card with room for four VFs of product 154c."""
    card = {"class_code": "020000", "sriov_totalvfs": 4, "sriov_vf_device": "154c"}
    return device(where, ids, dev_type=DevType.PF, **{**card, **fields})


def vf(
    where: str = "0000:81:02.0", ids: str = "8086:154c", parent: str = "0000:81:00.0", **fields
) -> PciDevice:
    return device(where, ids, dev_type=DevType.VF, parent=parent, class_code="020000", **fields)


def vfs(count: int, **fields) -> list[PciDevice]:
    """The first VFs of the card that `pf` gives."""
    return [vf(f"0000:81:02.{number}", **fields) for number in range(count)]


def snapshot(*devices: PciDevice, **fields) -> Snapshot:
    return Snapshot(tuple(sorted(devices, key=lambda device: device.address)), **fields)


def source(entry: int = 1, option: str = "[pci] device_spec", file: str = "zun.conf") -> Source:
    return Source(file, option, entry)


def entry(number: int = 1, **fields) -> WhitelistEntry:
    """An entry; what selects no device is a tag."""
    selecting = {"vendor_id", "product_id", "address", "devname"}
    tags = Tags(**{key: value for key, value in fields.items() if key not in selecting})
    chosen = {key: value for key, value in fields.items() if key in selecting}
    return WhitelistEntry(source=source(number), tags=tags, **chosen)


def alias(name: str = "QuickAssist", ids: str = "8086:0443", **fields) -> PciAlias:
    """An alias; no ids give one that names a class instead."""
    vendor_id, _, product_id = ids.partition(":")
    number = fields.pop("number", 1)
    return PciAlias(
        source=source(number, "[pci] alias"),
        name=name,
        vendor_id=vendor_id or None,
        product_id=product_id or None,
        **fields,
    )


def traits(*texts: str) -> frozenset:
    return frozenset(names.trait(text) for text in texts)


def totals(**inventories: int) -> dict:
    """Inventories of which only the total matters."""
    return {names.resource_class(name): Inventory(total) for name, total in inventories.items()}


def observed(**fields) -> ObservedProvider:
    plain = {
        "uuid": "u",
        "name": "n",
        "parent": None,
        "generation": 1,
        "inventories": {},
        "traits": frozenset(),
    }
    return ObservedProvider(**{**plain, **fields})


def values(*contents) -> list[OptionValue]:
    """Values of one option; what is not text is written as JSON."""
    texts = [content if isinstance(content, str) else json.dumps(content) for content in contents]
    return [OptionValue(source(number), text) for number, text in enumerate(texts, 1)]
