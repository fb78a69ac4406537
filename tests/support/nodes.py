"""A node whose passes are planned, judged and carried out as values, and who has which device."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

from pci_placement import identity
from pci_placement.model import LastPass, ObservedProvider, PciAddress, Plan, Provider
from pci_placement.plan.drain import drain_plan
from pci_placement.plan.planner import make_plan

from .compute import Compute, claimable, device_classes, resources
from .placements import ROOT, Simulated, consumer_uuid
from .strategies import View


@dataclass
class Node:
    """Placement, and what the compute service gave to whom."""

    placement: Simulated = field(default_factory=Simulated)
    compute: Compute = field(default_factory=Compute)
    seen: View | None = None
    asked: set[str] = field(default_factory=set)
    """The consumers of whom it is written down which devices they have."""

    def given(self) -> dict[str, frozenset[PciAddress]]:
        """What the record says."""
        return {
            consumer_uuid(who): frozenset(devices)
            for who, devices in self.compute.given.items()
            if who in self.asked and devices
        }

    def sync(self, seen: View) -> None:
        """Make a pass; nothing that was claimed may be lost on the way."""
        was = self.claimed()
        self.placement.apply(self.plan(seen))
        self.seen = seen
        assert self.claimed() == was

    def plan(self, seen: View) -> Plan:
        traits = self.seen.config.entry_traits if self.seen else frozenset()
        self.placement.last_pass = replace(
            self.placement.last_pass, traits=traits, given=self.given()
        )
        observed = self.placement.observe(seen.tree)
        plan = make_plan(seen.tree, observed, self.placement.last_pass)
        assert self.placement.judge(plan, seen.tree, observed) == ()
        return plan

    def check_nothing_is_left_to_do(self) -> None:
        assert self.plan(self.seen).actions == ()

    def forget(self) -> None:
        """Lose what the last pass left, but for the names of our providers."""
        self.placement.last_pass = LastPass()

    def set_drained(self, card: PciAddress, drained: bool) -> None:
        """As `device drain` does; raises RequestError where that is not possible."""
        observed = self.placement.observe(self.seen.tree)
        known = self.placement.asked(observed, observed.providers)
        plan = drain_plan(self.seen.tree, known, self.seen.snapshot, card, drained)
        assert self.placement.judge(plan, self.seen.tree, known, by_hand=card) == ()
        for action in plan.actions:
            self.placement.write(action)

    def may_reshape(self, may: bool) -> None:
        self.placement.last_pass = replace(self.placement.last_pass, may_reshape=may)

    def inventories(self) -> dict[str, dict]:
        """What there is of ours, by key."""
        there = self.placement.providers.values()
        return {identity.key_in_name(p.name): dict(p.inventories) for p in there}

    def claimed(self) -> dict[str, int]:
        """How many devices each consumer holds by Placement's account."""
        held: dict[str, int] = {}
        for provider in self.placement.providers.values():
            for who, amounts in (provider.consumers or {}).items():
                devices = sum(amounts[name] for name in device_classes(amounts))
                held[who] = held.get(who, 0) + devices
        return held

    def offers(self) -> Iterator[tuple[Provider, str, ObservedProvider]]:
        for provider in self.seen.tree.providers:
            have = self.have(provider)
            for name in device_classes(have.inventories) if have else ():
                yield provider, name, have

    def have(self, provider: Provider) -> ObservedProvider | None:
        return self.placement.providers.get(identity.provider_uuid(ROOT.uuid, provider.key))

    def check_all_is_there(self) -> None:
        for provider, name, have in self.offers():
            free = claimable(provider, have, name, self.seen.snapshot)
            assert free <= len(self.compute.there(provider, name)), (provider.key, name)

    def claim(self, data, asks: st.SearchStrategy[bool] = st.just(False)) -> None:  # noqa: B008  a strategy is a value
        for provider, name, _ in list(self.offers()):
            have = self.have(provider)
            most = claimable(provider, have, name, self.seen.snapshot)
            amount = data.draw(st.integers(0, most))
            if amount:
                order = data.draw(st.permutations(self.compute.there(provider, name)))
                consumer = f"{len(self.compute.given)} {provider.key} {name}"
                self.compute.given[consumer] = set(order[:amount])
                self.asked |= {consumer} if data.draw(asks) else set()
                held = resources(provider, have.inventories, name, amount, self.seen.snapshot)
                self.placement.claim(consumer, {provider.key: held})

    def release(self, data) -> None:
        for consumer in self._holders():
            if data.draw(st.booleans()):
                self._end(consumer)

    def release_all(self) -> None:
        for consumer in self._holders():
            self._end(consumer)

    def _holders(self) -> list[str]:
        return sorted(c for c, devices in self.compute.given.items() if devices)

    def _end(self, consumer: str) -> None:
        self.compute.given[consumer] = set()
        self.placement.release(consumer)
