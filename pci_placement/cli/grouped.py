"""Devices for a person: one row a card, with its VFs in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pci_placement.discovery.pci_ids import Ids
from pci_placement.mapping.match import VFS_OFFERED
from pci_placement.model import DevType, State
from pci_placement.text.counts import counted

Row = dict[str, Any]

GROUPED = "card devices name alias resource_class state reason".split()
WHY_NAMED = "card devices name state reason".split()
NARROW = "card devices alias resource_class state reason".split()
WHY_NARROW = "card devices state reason".split()
WIDE, MIDDLE = 150, 115
"""From so many columns on a row has room for everything, and for names."""
_KINDS = {DevType.PF: "PF", DevType.VF: "VF", DevType.PCI: "device"}


def columns_for(width: int, everything: bool) -> list[str]:
    """The columns of which a row is a line, or nearly so."""
    if width >= WIDE:
        return GROUPED
    if width >= MIDDLE:
        return WHY_NAMED if everything else GROUPED
    return WHY_NARROW if everything else NARROW


def without_why(row: Row) -> Row:
    """The row of an offered device without the entry that offers it: there is no room for that."""
    return row | {"reason": None} if row["state"] == State.OFFERED else row


def grouped(rows: Iterable[Row], names: Mapping[Ids, str]) -> list[Row]:
    """Put functions of one card of which the same is true into one row, in address order.

    A PF that is not offered because its VFs are needs no row of its own.
    """
    rows = list(rows)
    offered = {_card(row) for row in rows if row["dev_type"] == DevType.VF}
    groups: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        if row["reason"] != VFS_OFFERED or _card(row) not in offered:
            groups.setdefault(_same(row), []).append(row)
    return [_grouped(group, names) for group in groups.values()]


def _card(row: Row) -> str:
    card: str = row["parent_addr"] or row["address"]
    return card


def _same(row: Row) -> tuple[object, ...]:
    alias = tuple(row["alias"].machine_readable())
    kind = row["vendor_id"], row["product_id"], row["dev_type"]
    return _card(row), *kind, alias, row["resource_class"], row["state"], row["reason"]


def _grouped(group: list[Row], names: Mapping[Ids, str]) -> Row:
    first = group[0]
    ids = first["vendor_id"], first["product_id"]
    return {
        "card": _card(first),
        "devices": _devices(first["dev_type"], len(group)),
        "name": names.get(ids, ":".join(filter(None, ids)) or None),
        "alias": first["alias"],
        "resource_class": first["resource_class"],
        "state": first["state"],
        "reason": first["reason"],
    }


def _devices(dev_type: str | None, number: int) -> str | None:
    kind = _KINDS[DevType(dev_type)] if dev_type else "unreadable"
    return kind if number == 1 else counted(number, kind)
