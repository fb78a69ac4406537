"""Faults in what an action says: numbers, classes, traits, and whose it is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from itertools import pairwise

from pci_placement.model import (
    Action,
    CreateProvider,
    Drain,
    Inventory,
    RenameProvider,
    Reshape,
    SetInventories,
    SetTraits,
    Undrain,
)
from pci_placement.names import DRAINED, DRAINING, MANAGED, read_resource_class, read_trait

from .recorded import Recorded

Actions = tuple[Action, ...]
OTHER_CLASS = read_resource_class("VGPU")
GOLD = read_trait("CUSTOM_GOLD")


def at_each(actions: Actions, change: Callable[[Action], Iterator[Action]]) -> Iterator[Actions]:
    for where, action in enumerate(actions):
        for changed in change(action):
            yield (*actions[:where], changed, *actions[where + 1 :])


# --- numbers


def _inventories(action: Action) -> Iterator[tuple[Mapping, Callable[[Mapping], Action]]]:
    """The inventories that an action sets, and the same action with others."""
    if isinstance(action, Reshape):
        for uuid, own in action.inventories.items():
            yield (
                own,
                lambda new, uuid=uuid: replace(
                    action, inventories={**action.inventories, uuid: new}
                ),
            )
    elif isinstance(action, SetInventories | Drain | Undrain):
        yield action.inventories, lambda new: replace(action, inventories=new)


def _numbers(change: Callable[[Inventory], Inventory]) -> Callable[..., Iterator[Actions]]:
    def change_one(action: Action) -> Iterator[Action]:
        for own, made in _inventories(action):
            for name, inventory in own.items():
                yield made({**own, name: change(inventory)})

    return lambda actions, _: at_each(actions, change_one)


def _one_more(inventory: Inventory) -> Inventory:
    return replace(inventory, total=inventory.total + 1, max_unit=inventory.total + 1)


def _twice(inventory: Inventory) -> Inventory:
    return replace(inventory, total=inventory.total * 2, max_unit=inventory.total * 2)


def _one_less(inventory: Inventory) -> Inventory:
    total = max(1, inventory.total - 1)
    return replace(inventory, total=total, max_unit=total, reserved=min(total, inventory.reserved))


def _nothing_reserved(inventory: Inventory) -> Inventory:
    return replace(inventory, reserved=0)


def _shared(inventory: Inventory) -> Inventory:
    return replace(inventory, allocation_ratio=2.0)


def class_left_out(actions: Actions, _: Recorded) -> Iterator[Actions]:
    def change(action: Action) -> Iterator[Action]:
        for own, made in _inventories(action):
            for name in own:
                yield made({n: i for n, i in own.items() if n != name})

    return at_each(actions, change)


def another_class(actions: Actions, _: Recorded) -> Iterator[Actions]:
    def change(action: Action) -> Iterator[Action]:
        for own, made in _inventories(action):
            for name in own:
                yield made({OTHER_CLASS if n == name else n: i for n, i in own.items()})

    return at_each(actions, change)


def inventories_exchanged(actions: Actions, _: Recorded) -> Iterator[Actions]:
    """Two providers get each other's."""
    places = [w for w, action in enumerate(actions) if isinstance(action, SetInventories)]
    for one, other in pairwise(places):
        changed = list(actions)
        changed[one] = replace(actions[one], inventories=actions[other].inventories)
        changed[other] = replace(actions[other], inventories=actions[one].inventories)
        yield tuple(changed)


# --- whose, and what it is called


def _all_uuids(recorded: Recorded) -> list[str]:
    planned = {action.uuid for action in recorded.plan.actions if action.uuid}
    return sorted({*recorded.start.providers, *planned})


def another_provider(actions: Actions, recorded: Recorded) -> Iterator[Actions]:
    """One of the same node, ours or not, the compute node's own among them."""
    uuids = _all_uuids(recorded)

    def change(action: Action) -> Iterator[Action]:
        if action.uuid and not isinstance(action, Reshape):
            yield from (replace(action, uuid=uuid) for uuid in uuids if uuid != action.uuid)

    return at_each(actions, change)


def another_parent(actions: Actions, recorded: Recorded) -> Iterator[Actions]:
    uuids = _all_uuids(recorded)

    def change(action: Action) -> Iterator[Action]:
        if "parent" in {field.name for field in fields(action)}:
            others = [uuid for uuid in uuids if uuid not in (action.parent, action.uuid)]
            yield from (replace(action, parent=uuid) for uuid in others)

    return at_each(actions, change)


def another_name(actions: Actions, _: Recorded) -> Iterator[Actions]:
    def change(action: Action) -> Iterator[Action]:
        if isinstance(action, CreateProvider | RenameProvider):
            yield replace(action, name="mine")

    return at_each(actions, change)


# --- traits


def _traits(change: Callable[[frozenset], Iterator[frozenset]]) -> Callable[..., Iterator[Actions]]:
    def change_one(action: Action) -> Iterator[Action]:
        if isinstance(action, SetTraits | Drain | Undrain):
            yield from (replace(action, traits=traits) for traits in change(action.traits))

    return lambda actions, _: at_each(actions, change_one)


def _each_left_out(traits: frozenset) -> Iterator[frozenset]:
    yield from (traits - {trait} for trait in sorted(traits))


def _marks_exchanged(traits: frozenset) -> Iterator[frozenset]:
    for mark in (MANAGED, DRAINING, DRAINED):
        yield traits ^ {mark}


def _one_of_somebody_else(traits: frozenset) -> Iterator[frozenset]:
    yield traits | {GOLD}


one_more, twice, one_less, nothing_reserved, shared = map(
    _numbers, (_one_more, _twice, _one_less, _nothing_reserved, _shared)
)
trait_left_out, mark_exchanged, trait_of_somebody_else = map(
    _traits, (_each_left_out, _marks_exchanged, _one_of_somebody_else)
)
