"""What is known of the last pass: it saves requests, and tells which device a claim may hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .host import PciAddress
from .provider import (
    ConsumerUuid,
    InventoryKey,
    ObservedProvider,
    ProviderKey,
    ProviderUuid,
    Root,
    Trait,
)


@dataclass(frozen=True, slots=True)
class Counted:
    """Which devices an inventory counted when it was last written.

    Placement knows how many devices a consumer holds and not which. old_claims, amounts by
    consumer, are from a time when the inventory counted others: they hold some of old_devices.
    Where sure is False both are all that it may have counted, because nobody remembers.
    """

    devices: frozenset[PciAddress]
    old_devices: frozenset[PciAddress] = frozenset()
    old_claims: Mapping[ConsumerUuid, int] = field(default_factory=dict)
    sure: bool = True

    def or_else(self, other: Counted) -> Counted:
        """What is known where it is the one or the other."""
        if self == other:
            return self
        return Counted(
            self.devices | other.devices,
            self.old_devices | other.old_devices,
            {**self.old_claims, **other.old_claims},
            sure=self.sure and other.sure and self.devices == other.devices,
        )


@dataclass(frozen=True, slots=True)
class Begun:
    """What an inventory says and counts if a write that was begun went through."""

    total: int
    counted: Counted


REREAD = -1
"""The generation of a provider that must be read again."""

Ledger = Mapping[InventoryKey, Counted]
"""What each inventory counts."""

Begins = Mapping[InventoryKey, Begun]
"""The writes of which nobody learned whether they went through."""


@dataclass(frozen=True, slots=True)
class LastPass:
    """The result of the last good pass; empty where there was none.

    kinds says of each function that was offered, and of its card, what it was: type-PCI, type-PF,
    type-VF, or two of them. read_at is when all was last read in full, in seconds since 1970.
    begun is written down before a pass writes, and empty after one that went through. reread asks
    for everything that Placement can tell to be read again. withheld_of is how many providers we
    had when the removals were first withheld that still are, 0 where none are. forsaken_at is the
    generation of a root that nobody owns any more, None where somebody does. given is which
    devices consumers were given: whoever gives them writes that down, and each pass reads it.
    """

    root: Root | None = None
    keys: frozenset[ProviderKey] = frozenset()
    traits: frozenset[Trait] = frozenset()
    providers: Mapping[ProviderUuid, ObservedProvider] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=dict)
    begun: Begins = field(default_factory=dict)
    may_reshape: bool = True
    read_at: float = 0.0
    reread: bool = False
    withheld_of: int = 0
    forsaken_at: int | None = None
    given: Mapping[ConsumerUuid, frozenset[PciAddress]] = field(default_factory=dict)

    def counted_by(self, have: ObservedProvider, key: InventoryKey) -> Counted | None:
        """What an inventory counts by what was written down; None where its total is none of those.

        It says what the last pass left, or what one that was cut off was about to write.
        """
        then, begun = self.providers.get(have.uuid), self.begun.get(key)
        said = then.inventories.get(key.resource_class) if then else None
        total = have.inventories[key.resource_class].total
        left = self.ledger.get(key) if said and said.total == total else None
        written = begun.counted if begun and begun.total == total else None
        return left.or_else(written) if left and written else left or written

    def to_be_read(self) -> LastPass:
        """The same, except that all that Placement can tell is to be read again."""
        return replace(self, reread=True, may_reshape=True)
