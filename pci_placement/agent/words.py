"""What an action does, in words: for a table, a message and a log."""

from __future__ import annotations

from typing import assert_never

from pci_placement.model import (
    Action,
    CreateProvider,
    DeleteProvider,
    DeleteResourceClass,
    DeleteTrait,
    Drain,
    EnsureResourceClass,
    EnsureTrait,
    Inventories,
    Inventory,
    Move,
    MoveProvider,
    Plan,
    ProviderUuid,
    RenameProvider,
    Reshape,
    SetInventories,
    SetTraits,
    Undrain,
)

MARK_ALONE = "the mark alone: what is reserved stays so"


def lines(plan: Plan) -> list[str]:
    """A plan for a person who reads of it in an error: a numbered line an action."""
    return [
        " ".join(filter(None, (f"{number}.", action.verb, action.name, detail(action))))
        for number, action in enumerate(plan.actions, 1)
    ]


def about(action: Action) -> str:
    """The provider that an action is about, or the name where it is about none."""
    return action.name or detail(action)


def detail(action: Action) -> str:
    """What exactly an action changes."""
    match action:
        case EnsureResourceClass(name) | EnsureTrait(name):
            return name
        case DeleteResourceClass(name) | DeleteTrait(name):
            return name
        case CreateProvider() | MoveProvider():
            return f"below {action.parent_name}"
        case RenameProvider():
            return f"was {action.old_name}"
        case SetTraits():
            return " ".join(
                [f"+{t}" for t in sorted(action.added)] + [f"-{t}" for t in sorted(action.removed)]
            )
        case SetInventories():
            return _changes(action.before, action.inventories)
        case Drain() | Undrain():
            return _changes(action.before, action.inventories) or MARK_ALONE
        case Reshape():
            return ", ".join(_move(action, move) for move in action.moves)
        case DeleteProvider():
            return action.uuid
        case _:
            assert_never(action)


def _move(action: Reshape, move: Move[ProviderUuid]) -> str:
    """From where to where claims move; a class alone means the same provider."""
    if move.source == move.target:
        return f"claims of {move.source_class} become {move.target_class}"
    source, target = action.names[move.source], action.names[move.target]
    return f"claims of {move.source_class} on {source} become {move.target_class} on {target}"


def _changes(before: Inventories, after: Inventories) -> str:
    return ", ".join(
        _change(name, before.get(name), after.get(name))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    )


def _change(name: str, before: Inventory | None, after: Inventory | None) -> str:
    if after is None:
        return f"no {name}"
    was = f" (was {before.total})" if before and before.total != after.total else ""
    reserved = f", {after.reserved} of it reserved" if after.reserved else ""
    return f"{name} total {after.total}{was}{reserved}{_other_fields(before, after)}"


def _other_fields(before: Inventory | None, after: Inventory) -> str:
    """What somebody changed by hand of the fields that we always set."""
    if before is None:
        return ""
    names: tuple[str, ...] = ("min_unit", "max_unit", "step_size", "allocation_ratio")
    if before.total != after.total or before.makes_room:
        names = ("min_unit", "step_size", "allocation_ratio")  # max_unit is of our making then
    changed = [n for n in names if getattr(before, n) != getattr(after, n)]
    return "".join(f", {n} {getattr(after, n)} (was {getattr(before, n)})" for n in changed)
