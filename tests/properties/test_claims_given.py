"""Whatever Placement grants can be given: whoever asks, and whenever, gets what it has claimed.

Devices get other classes, providers and pools again and again, while consumers claim, ask at some
time or never, and end. What was given to those who asked is all that is known of who holds what.
"""

from dataclasses import dataclass, field, replace

from hypothesis import given
from hypothesis import strategies as st
from support.compute import claimable, device_classes, resources
from support.examples import tried
from support.placements import ROOT, Simulated, consumer_uuid
from support.strategies import View, regrouped

from pci_placement import identity, names
from pci_placement.claims.choice import Chosen, choose
from pci_placement.claims.facts import Facts, counted_before
from pci_placement.claims.record import with_given, without
from pci_placement.mapping.claims import counted
from pci_placement.model import ClaimRecord, InventoryKey, PciAddress
from pci_placement.plan.planner import make_plan


@dataclass
class Node:
    """Placement, and the record of who was given what."""

    placement: Simulated = field(default_factory=Simulated)
    record: ClaimRecord = field(default_factory=ClaimRecord)
    claims: list[str] = field(default_factory=list)
    made: int = 0
    seen: View | None = None

    def sync(self, seen: View) -> None:
        devices = {w: frozenset(d.address for d in has) for w, has in self.record.given.items()}
        self.placement.last_pass = replace(self.placement.last_pass, given=devices)
        observed = self.placement.observe(seen.tree)
        plan = make_plan(seen.tree, observed, self.placement.last_pass)
        assert self.placement.judge(plan, seen.tree, observed) == ()
        self.placement.apply(plan)
        self.seen = seen

    def claim(self, data) -> None:
        """As much as Placement grants, in some parts."""
        for provider in self.seen.tree.providers:
            uuid = identity.provider_uuid(ROOT.uuid, provider.key)
            for name in device_classes(self.placement.providers[uuid].inventories):
                while most := self.most(provider, name):
                    amount = data.draw(st.integers(0, most))
                    if not amount:
                        break
                    have = self.placement.providers[uuid]
                    held = resources(provider, have.inventories, name, amount, self.seen.snapshot)
                    self.made += 1
                    who = f"c{self.made}"
                    self.claims.append(who)
                    self.placement.claim(who, {provider.key: held})

    def most(self, provider, name) -> int:
        have = self.placement.providers[identity.provider_uuid(ROOT.uuid, provider.key)]
        return claimable(provider, have, name, self.seen.snapshot)

    def release(self, who: str) -> None:
        self.placement.release(who)
        self.record = without(self.record, {consumer_uuid(who)})
        self.claims.remove(who)

    def ask(self, who: str) -> None:
        """It is given what it has claimed, all of it; what it has already stays so."""
        consumer = consumer_uuid(who)
        if consumer in self.record.given:
            return
        facts = self.facts()
        choice = choose(facts, consumer)
        assert isinstance(choice, Chosen), choice.reason
        assert len(choice.devices) == sum(facts.wanted(consumer).values())
        self.record = with_given(self.record, consumer, choice.devices)

    def facts(self) -> Facts:
        claims: dict[str, dict[InventoryKey, int]] = {}
        keys = {identity.provider_uuid(ROOT.uuid, key): key for key in self.placement.keys}
        for uuid, have in self.placement.providers.items():
            for who, held in (have.consumers or {}).items():
                for name, amount in held.items():
                    if name != names.SLOT:
                        claims.setdefault(who, {})[InventoryKey(keys[uuid], name)] = amount
        ledger = self.placement.last_pass.ledger
        before = counted_before(ledger)
        counts, devices = counted(self.seen.tree, ledger), self.seen.snapshot.by_address()
        return Facts(counts, devices, claims, self.record, before=before)

    def check_one_device_one_consumer(self) -> None:
        devices = self.seen.snapshot.by_address()
        given = [d.address for several in self.record.given.values() for d in several]
        for number, one in enumerate(given):
            assert not any(clash(devices, one, other) for other in given[number + 1 :])


def clash(devices, one: PciAddress, other: PciAddress) -> bool:
    return other in (one, devices[one].card_addr) or one == devices[other].card_addr


@tried(200)
@given(regrouped(st.booleans()), st.data())
def test_whatever_was_granted_can_be_given(chain, data):
    node = Node()
    for seen in chain:
        node.sync(seen)
        node.claim(data)
        for who in data.draw(st.permutations(node.claims)):
            match data.draw(st.sampled_from(["ask", "wait", "end"])):
                case "ask":
                    node.ask(who)
                case "end":
                    node.release(who)
        node.check_one_device_one_consumer()
        if data.draw(st.booleans()):
            node.sync(seen)
            node.claim(data)
    for who in data.draw(st.permutations(node.claims)):
        node.ask(who)
    node.check_one_device_one_consumer()
