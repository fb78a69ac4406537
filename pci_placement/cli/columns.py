"""Cells that a table shows in a line and JSON as they are."""

from __future__ import annotations

from collections import Counter
from typing import Any

from cliff.columns import FormattableColumn

from pci_placement.text.visible import visible


class NothingCell(FormattableColumn[Any]):
    """Nothing: blank in a table, and in other formats what it holds (null, or no text)."""

    def human_readable(self) -> str:
        """An empty cell."""
        return ""


class ListCell(FormattableColumn[Any]):
    """A list: a line each in a table."""

    def human_readable(self) -> str:
        """One item a line."""
        return "\n".join(visible(_inline(value)) for value in self._value)


class KindsCell(ListCell):
    """Kinds of devices: the ids as lspci prints them, and the type, where they are asked for."""

    def human_readable(self) -> str:
        """One kind a line."""
        return "\n".join(visible(_kind(kind)) for kind in self._value)


def _kind(kind: dict[str, str | None]) -> str:
    ids = (kind["vendor_id"], kind["product_id"])
    told = ":".join(part or "*" for part in ids) if any(ids) else None
    return " ".join(filter(None, (told, kind["device_type"]))) or "any"


class InventoriesCell(FormattableColumn[Any]):
    """Inventories: class and total in a table, and what is reserved of it."""

    def human_readable(self) -> str:
        """One class a line."""
        return "\n".join(visible(_inventory(*pair)) for pair in self._value.items())


def _inventory(name: str, fields: dict[str, Any]) -> str:
    reserved = f" ({fields['reserved']} reserved)" if fields["reserved"] else ""
    return f"{name}: {fields['total']}{reserved}"


class MappingCell(FormattableColumn[Any]):
    """A mapping: key and value a line in a table."""

    def human_readable(self) -> str:
        """One pair a line."""
        return "\n".join(visible(f"{key}: {_inline(value)}") for key, value in self._value.items())


class UsersCell(ListCell):
    """Who uses something: kind, consumer and amount, a line each."""

    def human_readable(self) -> str:
        """One consumer a line, however many objects it has."""
        amounts: Counter[str] = Counter()
        for user in self._value:
            amounts[f"{user['type'] or 'consumer'} {user['uuid']}"] += user["amount"]
        return "\n".join(
            visible(f"{who} ({amount})" if amount > 1 else who) for who, amount in amounts.items()
        )


class QueriesCell(ListCell):
    """Numbered queries: each in the one form that a line has room for."""

    def human_readable(self) -> str:
        """One query a line."""
        return "\n".join(
            visible(f"{q['number']}: {q.get('query') or _inline(q['extra_specs'])}")
            for q in self._value
        )


def as_text(cell: FormattableColumn[Any]) -> str:
    """A cell for formats that have no lists: items by commas, pairs by `=`; "" for nothing."""
    return _as_text(cell.machine_readable())


def _as_text(value: Any) -> str:
    if isinstance(value, dict):
        return ",".join(f"{key}={_nested(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return ",".join(map(_nested, value))
    return "" if value is None else str(value)


def _nested(value: Any) -> str:
    """What stands within a list: in braces, if it is more than one."""
    text = _as_text(value)
    return f"{{{text}}}" if isinstance(value, dict | list) else text


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {inner}" for key, inner in value.items() if inner is not None)
    return str(value)
