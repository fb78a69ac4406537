"""Whatever changes, what can be claimed is there: devices that no claim holds.

Placement only counts. Here a compute service is modelled beside it, which gives each claim devices
of its own, any of those that its provider counts at that moment.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st
from support.placements import ROOT, Simulated
from support.strategies import View, change_chains, devices_of, regrouped

from pci_placement import names
from pci_placement.mapping.exclusive import SLOTS
from pci_placement.model import ObservedProvider, PciAddress
from pci_placement.plan import make_plan

ways = settings(max_examples=400, deadline=None, derandomize=False, database=None)


@dataclass
class Node:
    """Placement, and what the compute service gave to whom."""

    placement: Simulated = field(default_factory=Simulated)
    given: dict[str, set[PciAddress]] = field(default_factory=dict)
    seen: View | None = None
    may: object = lambda: True

    def sync(self, seen: View) -> None:
        """Make a pass; nothing that was claimed may be lost on the way."""
        was = self.claimed()
        traits = self.seen.config.entry_traits if self.seen else frozenset()
        self.placement.remembered = replace(
            self.placement.remembered, traits=traits, may_reshape=self.may()
        )
        observed = self.placement.observe(seen.tree)
        self.placement.apply(make_plan(seen.tree, observed, self.placement.remembered))
        self.seen = seen
        assert self.claimed() == was

    def claimed(self) -> dict[str, int]:
        """How many devices each consumer holds by Placement's account."""
        held: dict[str, int] = {}
        for provider in self.placement.providers.values():
            for who, resources in (provider.consumers or {}).items():
                held[who] = held.get(who, 0) + sum(devices_of_claim(resources).values())
        return held

    def offers(self) -> Iterator[tuple[str, str, ObservedProvider]]:
        for key in self.seen.tree.by_key():
            have = self.placement.providers.get(names.provider_uuid(ROOT.uuid, key))
            for name in devices_of(have.inventories) if have else ():
                yield key, name, have

    def there(self, key: str, name: str) -> list[PciAddress]:
        """The devices of a class of a provider that nobody has."""
        taken = set().union(*self.given.values())
        cards = {card_of(address) for address in taken} - taken
        return [
            address
            for address, counted in self.seen.tree.by_key()[key].addresses.items()
            if counted == name and address not in taken | cards and card_of(address) not in taken
        ]

    def claim(self, data) -> None:
        for key, name, _ in list(self.offers()):
            have = self.placement.providers[names.provider_uuid(ROOT.uuid, key)]
            amount = data.draw(st.integers(0, claimable(have, name, self.seen, key)))
            if amount:
                self.take(data, key, name, have, amount)

    def take(self, data, key: str, name: str, have: ObservedProvider, amount: int) -> None:
        consumer = f"{len(self.given)} {key} {name}"
        order = data.draw(st.permutations(self.there(key, name)))
        self.given[consumer] = set(order[:amount])
        held = {name: amount}
        if names.SLOT in have.inventories:
            held[names.SLOT] = amount * slots_of(self.seen, key, name)
        self.placement.claim(consumer, {key: held})

    def release(self, data) -> None:
        for consumer in sorted(c for c, devices in self.given.items() if devices):
            if data.draw(st.booleans()):
                self.given[consumer] = set()
                self.placement.release(consumer)


def card_of(address: PciAddress) -> PciAddress:
    """By the bus, which in these hosts is the card's own."""
    return replace(address, slot=0, function=0)


def devices_of_claim(resources: dict) -> dict:
    return {name: n for name, n in resources.items() if name != names.SLOT}


def slots_of(seen: View, key: str, name: str) -> int:
    devices = seen.snapshot.by_address()
    counted = seen.tree.by_key()[key].addresses
    types = {devices[a].dev_type for a, n in counted.items() if n == name}
    return SLOTS if "type-PF" in types else 1


def claimable(have: ObservedProvider, name: str, seen: View, key: str) -> int:
    inventory = have.inventories[name]
    free = inventory.total - inventory.reserved - have.used.get(name, 0)
    if names.SLOT in have.inventories:
        slots = have.inventories[names.SLOT]
        left = slots.total - slots.reserved - have.used.get(names.SLOT, 0)
        free = min(free, left // slots_of(seen, key, name))
    return max(0, free)


def check_all_is_there(node: Node) -> None:
    for key, name, have in node.offers():
        assert claimable(have, name, node.seen, key) <= len(node.there(key, name)), (key, name)


@ways
@given(change_chains(st.just(False)), st.data())
def test_what_can_be_claimed_is_there(chain, data):
    walk(chain, data)


@ways
@given(change_chains(st.just(True)), st.data())
def test_what_can_be_claimed_is_there_where_pf_and_vfs_exclude_each_other(chain, data):
    walk(chain, data)


@settings(ways, max_examples=1500)
@given(regrouped(st.booleans()), st.data())
def test_what_can_be_claimed_is_there_while_devices_are_regrouped(chain, data):
    walk(chain, data)


def walk(chain: list[View], data) -> None:
    node = Node(may=lambda: data.draw(st.booleans()))
    for seen in chain:
        node.sync(seen)
        check_all_is_there(node)
        node.claim(data)
        check_all_is_there(node)
        node.release(data)
        node.sync(seen)
        check_all_is_there(node)
