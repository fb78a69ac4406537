"""Whatever changes, what can be claimed is there: devices that no claim holds."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st
from support.compute import Compute, claimable, device_classes, resources
from support.placements import ROOT, Simulated
from support.strategies import View, change_chains, regrouped

from pci_placement import identity
from pci_placement.model import ObservedProvider, Plan, Provider
from pci_placement.plan.planner import make_plan

ALWAYS = st.just(True)

ways = settings(max_examples=150)


@dataclass
class Node:
    """Placement, and what the compute service gave to whom."""

    placement: Simulated = field(default_factory=Simulated)
    compute: Compute = field(default_factory=Compute)
    seen: View | None = None

    def sync(self, seen: View) -> None:
        """Make a pass; nothing that was claimed may be lost on the way."""
        was = self.claimed()
        self.placement.apply(self.plan(seen))
        self.seen = seen
        assert self.claimed() == was

    def plan(self, seen: View) -> Plan:
        traits = self.seen.config.entry_traits if self.seen else frozenset()
        self.placement.last_pass = replace(self.placement.last_pass, traits=traits)
        observed = self.placement.observe(seen.tree)
        plan = make_plan(seen.tree, observed, self.placement.last_pass)
        assert self.placement.judge(plan, seen.tree, observed) == ()
        return plan

    def check_nothing_is_left_to_do(self) -> None:
        assert self.plan(self.seen).actions == ()

    def may_reshape(self, may: bool) -> None:
        self.placement.last_pass = replace(self.placement.last_pass, may_reshape=may)

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

    def claim(self, data) -> None:
        for provider, name, _ in list(self.offers()):
            have = self.have(provider)
            most = claimable(provider, have, name, self.seen.snapshot)
            amount = data.draw(st.integers(0, most))
            if amount:
                order = data.draw(st.permutations(self.compute.there(provider, name)))
                consumer = f"{len(self.compute.given)} {provider.key} {name}"
                self.compute.given[consumer] = set(order[:amount])
                held = resources(provider, have.inventories, name, amount, self.seen.snapshot)
                self.placement.claim(consumer, {provider.key: held})

    def release(self, data) -> None:
        for consumer in sorted(c for c, devices in self.compute.given.items() if devices):
            if data.draw(st.booleans()):
                self.compute.given[consumer] = set()
                self.placement.release(consumer)


@ways
@given(change_chains(st.just(False)), st.data())
def test_what_can_be_claimed_is_there(chain, data):
    walk(chain, data)


@ways
@given(change_chains(st.just(True)), st.data())
def test_what_can_be_claimed_is_there_where_pf_and_vfs_exclude_each_other(chain, data):
    walk(chain, data)


@settings(ways, max_examples=200)
@given(regrouped(st.booleans()), st.data())
def test_what_can_be_claimed_is_there_while_devices_are_regrouped(chain, data):
    walk(chain, data)


@settings(ways, max_examples=200)
@given(regrouped(st.booleans()), st.data())
def test_nor_does_it_matter_whether_claims_may_be_moved(chain, data):
    walk(chain, data, st.booleans())


def walk(chain: list[View], data, may: st.SearchStrategy[bool] = ALWAYS) -> None:
    node = Node()
    for seen in chain:
        node.may_reshape(data.draw(may))
        node.sync(seen)
        node.check_nothing_is_left_to_do()
        node.check_all_is_there()
        node.claim(data)
        node.check_all_is_there()
        node.release(data)
        node.sync(seen)
        node.check_all_is_there()
        node.check_nothing_is_left_to_do()
