"""What a plan is judged by: what this host offers, what Placement has, and what was left there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from pci_placement import identity, names
from pci_placement.model import (
    LastPass,
    ObservedProvider,
    ObservedTree,
    PciAddress,
    Plan,
    Provider,
    ProviderKey,
    ProviderTree,
    ProviderUuid,
    ResourceClass,
    Trait,
)
from pci_placement.plan.devices import DevicesByCard, by_card
from pci_placement.plan.past import hardware

Place = tuple[ProviderUuid, ResourceClass]
"""One inventory under the name that actions have for it."""


Uses = Mapping[ResourceClass, int]
"""How much of each class is used."""

NOBODYS: Uses = {}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a plan is made from; the judge is told the same as the planner, and no more.

    by_hand is the card that an operator drains or takes back: a plan for it does nothing else.
    left_alone are providers of which the actions were taken out of the plan.
    """

    desired: ProviderTree
    observed: ObservedTree
    last_pass: LastPass
    retiring: bool = False
    by_hand: PciAddress | None = None
    left_alone: Collection[ProviderUuid] = frozenset()


class Evidence:
    """The facts in the form in which the rules ask for them."""

    def __init__(self, plan: Plan, facts: Facts) -> None:
        self.plan, self.facts = plan, facts
        self.root = facts.observed.root
        self.wanted: Mapping[ProviderUuid, Provider] = {
            self.uuid_of(provider.key): provider for provider in facts.desired.providers
        }
        self.ours: Mapping[ProviderUuid, ObservedProvider] = {
            uuid: have for uuid, have in facts.observed.providers.items() if self._is_ours(have)
        }
        self._cards: dict[ProviderUuid, PciAddress | None] = {}
        self._listed: dict[ProviderUuid, dict[ResourceClass, DevicesByCard]] = {}
        self._totals: dict[ProviderUuid, Mapping[ResourceClass, int]] = {}
        self._used: dict[ProviderUuid, tuple[ObservedProvider, Uses]] = {}

    @cached_property
    def of_entries(self) -> frozenset[Trait]:
        """The traits that entries of the whitelist give, or gave at the last pass."""
        return self.facts.last_pass.traits.union(*(p.traits for p in self.wanted.values()))

    def uuid_of(self, key: ProviderKey) -> ProviderUuid:
        """The uuid of our making for a key."""
        return identity.provider_uuid(self.root.uuid, key)

    def _is_ours(self, have: ObservedProvider) -> bool:
        key = self.facts.observed.keys.get(have.uuid)
        known = key is not None and (have.uuid in self.wanted or have.uuid == self.uuid_of(key))
        return known and identity.is_ours(have)

    def key(self, uuid: ProviderUuid) -> ProviderKey | None:
        """The key of a provider that is or could be ours."""
        if uuid in self.wanted:
            return self.wanted[uuid].key
        return self.facts.observed.keys.get(uuid)

    def card(self, uuid: ProviderUuid) -> PciAddress | None:
        """The card of a provider; None of a pool, and of what is not ours."""
        if uuid not in self._cards:
            key = self.key(uuid)
            self._cards[uuid] = identity.card_of_key(key) if key is not None else None
        return self._cards[uuid]

    def name(self, uuid: ProviderUuid) -> str:
        """What a person calls a provider."""
        key = self.key(uuid)
        return uuid if key is None else identity.provider_name(self.root.name, key)

    def is_of_vfs(self, uuid: ProviderUuid) -> bool:
        """Whether it is a provider of VFs."""
        key = self.key(uuid)
        return key is not None and identity.is_vf_key(key)

    def may_be_same(self, have: ObservedProvider, other: ProviderUuid) -> bool:
        """Whether what is wanted of one can be the hardware that another one had.

        VFs tell nothing of that of their card.
        """
        want = self.wanted.get(other)
        if want is None or self.is_of_vfs(have.uuid) != self.is_of_vfs(other):
            return want is not None
        return self.is_same(have, want.traits)

    def is_same(self, have: ObservedProvider, traits: frozenset[Trait]) -> bool:
        """Whether some traits can be of the hardware that a provider counted before the plan."""
        before, now = self.hardware(have), names.ids_among(traits)
        return not before or not now or bool(before & now)

    def hardware(self, have: ObservedProvider) -> frozenset[Trait]:
        """The traits that tell which hardware a provider counted before the plan."""
        key = self.facts.observed.keys.get(have.uuid)
        return hardware(have, key, self.facts.last_pass) if key else names.ids_among(have.traits)

    @cached_property
    def holds_something(self) -> bool:
        """Whether a card is held, and no operator said what to do with one."""
        return bool(self.facts.desired.held) and not self.facts.by_hand

    def is_held(self, uuid: ProviderUuid) -> bool:
        """Whether its card is held, and no operator said what to do with it."""
        return self.holds_something and self.card(uuid) in self.facts.desired.held

    def parent(self, uuid: ProviderUuid) -> ProviderUuid:
        """Below which provider it belongs."""
        above = self.wanted[uuid].parent_key if uuid in self.wanted else None
        return self.uuid_of(above) if above else self.root.uuid

    @cached_property
    def answered_for(self) -> frozenset[ProviderUuid]:
        """Those of ours that are to be right in the end: not what is held or in somebody's way."""
        if self.facts.by_hand:
            return frozenset()
        left = self.facts.left_alone
        return frozenset(u for u in self.ours if u not in left and self._is_ours_to_set_right(u))

    def _is_ours_to_set_right(self, uuid: ProviderUuid) -> bool:
        parent = self.parent(uuid)
        blocked = parent in self.facts.observed.providers and parent not in self.ours
        return not blocked and not self.is_held(uuid)

    @cached_property
    def once(self) -> frozenset[ProviderUuid]:
        """The providers of ours whose device is for one-time use."""
        return frozenset(u for u, p in self.wanted.items() if p.one_time_use and u in self.ours)

    def listed(self, uuid: ProviderUuid, name: ResourceClass) -> DevicesByCard:
        """The devices that this host wants counted in one inventory."""
        found = self._listed.get(uuid)
        if found is None:
            found = self._listed[uuid] = _by_class(self.wanted.get(uuid))
        if name not in found:
            # of a card it is known which one it is, also where nothing is listed of a class
            want = self.wanted.get(uuid)
            found[name] = by_card(want.key, ()) if want else {}
        return found[name]

    def total(self, uuid: ProviderUuid, name: ResourceClass) -> int:
        """How many devices this host wants counted in one inventory."""
        found = self._totals.get(uuid)
        if found is None:
            found = self._totals[uuid] = _numbers(self.wanted.get(uuid))
        return found.get(name, 0)

    def used(self, have: ObservedProvider) -> Uses:
        """What is used of a provider as it is at some moment, added up once."""
        if not have.consumers:
            return NOBODYS
        known = self._used.get(have.uuid)
        if known is None or known[0] is not have:
            known = self._used[have.uuid] = have, have.used
        return known[1]


def _numbers(want: Provider | None) -> Mapping[ResourceClass, int]:
    """How many are listed of each class; most questions are about that, and not which they are."""
    each = list(want.addresses.values()) if want else []
    return {each[0]: len(each)} if len({*each}) == 1 else Counter(each)


def _by_class(want: Provider | None) -> dict[ResourceClass, DevicesByCard]:
    """What is listed of each class; of all at once, because a provider may have very many."""
    if want is None:
        return {}
    found: dict[ResourceClass, list[PciAddress]] = {}
    for address, name in want.addresses.items():
        found.setdefault(name, []).append(address)
    return {name: by_card(want.key, some) for name, some in found.items()}


def device_classes(names_: Iterable[ResourceClass]) -> list[ResourceClass]:
    """Classes without the slots that devices share."""
    return [name for name in names_ if name != names.SLOT]
