"""All that Placement knows: values that are replaced and never changed, so copies are cheap."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import os_resource_classes
import os_traits

from ..database import Row

STANDARD_TRAITS = frozenset(os_traits.get_traits())
STANDARD_CLASSES = frozenset(os_resource_classes.STANDARDS)

Resources = Mapping[str, int]
"""How much of each class."""


@dataclass(frozen=True, slots=True)
class Consumer:
    """Who holds something; `on` are the providers of which, and what it is stands in their rows."""

    project: str
    user: str
    type: str | None = None
    generation: int = 0
    on: frozenset[str] = frozenset()


class State:
    """The providers (a `World`, as tests read it from a real database), consumers and own names.

    Not one of the values in it is ever changed in place.
    """

    __slots__ = ("classes", "consumers", "members", "providers", "roots", "traits", "uuids")

    def __init__(self) -> None:
        self.providers: dict[str, Row] = {}
        self.consumers: dict[str, Consumer] = {}
        self.traits: frozenset[str] = frozenset()
        self.classes: frozenset[str] = frozenset()
        # the root of each provider, the providers of each tree, and the uuid behind each name
        self.roots: dict[str, str] = {}
        self.members: dict[str, tuple[str, ...]] = {}
        self.uuids: dict[str, str] = {}

    def copy(self) -> Self:
        """What it is now, whatever becomes of the original."""
        copied = type(self).__new__(type(self))
        copied.become(self)
        return copied

    def become(self, other: "State") -> None:
        """Take over all that the other one is, without sharing what changes."""
        self.providers = other.providers.copy()
        self.consumers = other.consumers.copy()
        self.traits, self.classes = other.traits, other.classes
        self.roots, self.members = other.roots.copy(), other.members.copy()
        self.uuids = other.uuids.copy()

    def change(self, uuid: str, **fields: Any) -> Row:
        """Give a provider other values at the same generation."""
        row = self.providers[uuid] = replace(self.providers[uuid], **fields)
        return row

    def bump(self, uuid: str, **fields: Any) -> Row:
        """Give a provider other values and the next generation."""
        return self.change(uuid, generation=self.providers[uuid].generation + 1, **fields)

    def knows_class(self, name: str) -> bool:
        return name in STANDARD_CLASSES or name in self.classes

    def knows_trait(self, name: str) -> bool:
        return name in STANDARD_TRAITS or name in self.traits

    def tree_of(self, uuid: str) -> tuple[str, ...]:
        """Every provider of the tree in which one stands, in order of arrival there."""
        return self.members[self.roots[uuid]]

    def has_children(self, uuid: str) -> bool:
        return any(self.providers[each].parent == uuid for each in self.tree_of(uuid))

    def below(self, uuid: str) -> set[str]:
        """A provider and all that stand below it."""
        found, left = {uuid}, [each for each in self.tree_of(uuid) if each != uuid]
        while more := [each for each in left if self.providers[each].parent in found]:
            found.update(more)
            left = [each for each in left if each not in found]
        return found

    def place(self, uuids: Iterable[str], root: str) -> None:
        """Put providers into a tree, out of the one in which they were."""
        uuids = tuple(uuids)
        for uuid in uuids:
            self.leave(uuid)
            self.roots[uuid] = root
        self.members[root] = (*self.members.get(root, ()), *uuids)

    def leave(self, uuid: str) -> None:
        """Take a provider out of the tree in which it is, if it is in one."""
        root = self.roots.pop(uuid, None)
        if root is None:
            return
        rest = tuple(each for each in self.members.pop(root) if each != uuid)
        if rest:
            self.members[root] = rest
