"""Placement for scenarios: one simulated in memory, for the pure run, and the real one."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import NAMESPACE_DNS, uuid5

from pci_placement import identity, names
from pci_placement.identity import candidates
from pci_placement.model import (
    Action,
    LastPass,
    ListedProvider,
    ObservedProvider,
    ObservedTree,
    Plan,
    ProviderTree,
    Reshape,
    Root,
    follow,
)
from pci_placement.model.outcome import Done, Outcome, Result
from pci_placement.plan.check import Breach, Facts, verdict
from pci_placement.plan.effect import after
from pci_placement.plan.planner import needs_consumers

ROOT = Root("8c7e2f3a-0d5c-4b52-9a0e-3a4a6d6b1f00", "node")


def consumer_uuid(name: str) -> str:
    return str(uuid5(NAMESPACE_DNS, name))


class Simulated:
    """Values only: what `after` says of a plan is what the next step observes."""

    def __init__(self) -> None:
        self.providers: dict[str, ObservedProvider] = {}
        self.keys: set[str] = set()
        self.last_pass = LastPass()

    def observe(self, tree: ProviderTree) -> ObservedTree:
        self.keys |= {provider.key for provider in tree.providers}
        listed = [ListedProvider(ROOT.uuid, ROOT.name, None, 0)]
        listed += [
            ListedProvider(p.uuid, p.name, p.parent, p.generation) for p in self.providers.values()
        ]
        keys = candidates(ROOT, listed, self.keys)
        observed = {uuid: p for uuid, p in self.providers.items() if uuid in keys}
        blind = {uuid: replace(p, consumers=None) for uuid, p in observed.items()}
        tree_without = ObservedTree(ROOT, tuple(listed), blind, keys)
        needed = needs_consumers(tree, tree_without, self.last_pass)
        return self.asked(tree_without, needed)

    def judge(
        self, plan: Plan, tree: ProviderTree, observed: ObservedTree, **facts
    ) -> tuple[Breach, ...]:
        """What the judge of every pass says of a plan; it may ask who uses what."""
        told = Facts(tree, observed, self.last_pass, **facts)
        return verdict(plan, told, self.asked).breaches

    def asked(self, observed: ObservedTree, uuids: Iterable[str]) -> ObservedTree:
        known = {
            u: replace(observed.providers[u], consumers=self.providers[u].consumers or {})
            for u in uuids
        }
        return replace(observed, providers={**observed.providers, **known})

    def apply(self, plan: Plan) -> None:
        """Carry out a plan and remember it, as a pass does."""
        for action in plan.actions:
            self.write(action)
        self.last_pass = replace(self.last_pass, providers=dict(self.providers), ledger=plan.ledger)

    def write(self, action: Action) -> None:
        """Carry out one action, as a pass does that goes no further."""
        results = (Done(action, Result.DONE),)
        consumers = {uuid: p.consumers for uuid, p in self.providers.items()}
        if isinstance(action, Reshape):
            consumers |= _followed(consumers, action)
        self.providers = {
            uuid: replace(p, consumers=consumers.get(uuid))
            for uuid, p in after(self.providers, Outcome(results)).items()
        }

    def claim(self, consumer: str, held: dict[str, dict[str, int]]) -> None:
        for key, resources in held.items():
            uuid = identity.provider_uuid(ROOT.uuid, key)
            before = self.providers[uuid].consumers or {}
            consumers = {**before, consumer_uuid(consumer): resources}
            self.providers[uuid] = replace(self.providers[uuid], consumers=consumers)

    def release(self, consumer: str) -> None:
        for uuid, provider in self.providers.items():
            left = {
                who: what
                for who, what in (provider.consumers or {}).items()
                if who != consumer_uuid(consumer)
            }
            self.providers[uuid] = replace(provider, consumers=left)

    def reserve(self, key: str, resource_class: str, reserved: int) -> None:
        uuid = identity.provider_uuid(ROOT.uuid, key)
        before = self.providers[uuid].inventories
        changed = {resource_class: replace(before[resource_class], reserved=reserved)}
        self.providers[uuid] = replace(self.providers[uuid], inventories={**before, **changed})

    def add_trait(self, key: str, trait: str) -> None:
        uuid = identity.provider_uuid(ROOT.uuid, key)
        traits = self.providers[uuid].traits | {names.read_trait(trait)}
        self.providers[uuid] = replace(self.providers[uuid], traits=traits)

    def rename(self, key: str, name: str) -> None:
        uuid = identity.provider_uuid(ROOT.uuid, key)
        self.providers[uuid] = replace(self.providers[uuid], name=name)

    def create_foreign(self, key: str, name: str, trait: str) -> None:
        uuid = identity.provider_uuid(ROOT.uuid, key)
        traits = frozenset({names.read_trait(trait)})
        self.providers[uuid] = ObservedProvider(uuid, name, ROOT.uuid, 1, {}, traits)

    def delete(self, key: str) -> None:
        del self.providers[identity.provider_uuid(ROOT.uuid, key)]


def _followed(consumers: dict, action: Reshape) -> dict:
    """Who holds what once the claims have moved."""
    ends = {uuid for move in action.moves for uuid in (move.source, move.target)}
    holding = {who for uuid in ends for who in consumers.get(uuid) or {}}
    after = {
        who: follow({u: (consumers.get(u) or {}).get(who, {}) for u in ends}, action.moves)
        for who in holding
    }
    return {
        uuid: {who: held[uuid] for who, held in after.items() if held.get(uuid)} for uuid in ends
    }


class Real:
    """The same edits as other users of Placement make them, through its API."""

    def __init__(self, client) -> None:
        self.send = client.send
        self.send("POST", "/resource_providers", {"name": ROOT.name, "uuid": ROOT.uuid})

    def claim(self, consumer: str, held: dict[str, dict[str, int]]) -> None:
        claim(
            self.send,
            consumer_uuid(consumer),
            {identity.provider_uuid(ROOT.uuid, key): resources for key, resources in held.items()},
        )

    def release(self, consumer: str) -> None:
        self.send("DELETE", f"/allocations/{consumer_uuid(consumer)}")

    def reserve(self, key: str, resource_class: str, reserved: int) -> None:
        url = f"{self._url(key)}/inventories"
        body = self.send("GET", url)
        body["inventories"][resource_class]["reserved"] = reserved
        self.send("PUT", url, body)

    def add_trait(self, key: str, trait: str) -> None:
        if trait.startswith("CUSTOM_"):
            self.send("PUT", f"/traits/{trait}")
        url = f"{self._url(key)}/traits"
        body = self.send("GET", url)
        body["traits"].append(trait)
        self.send("PUT", url, body)

    def rename(self, key: str, name: str) -> None:
        parent = self.send("GET", self._url(key))["parent_provider_uuid"]
        self.send("PUT", self._url(key), {"name": name, "parent_provider_uuid": parent})

    def create_foreign(self, key: str, name: str, trait: str) -> None:
        uuid = identity.provider_uuid(ROOT.uuid, key)
        body = {"uuid": uuid, "name": name, "parent_provider_uuid": ROOT.uuid}
        self.send("POST", "/resource_providers", body)
        self.add_trait(key, trait)

    def delete(self, key: str) -> None:
        self.send("DELETE", self._url(key))

    def _url(self, key: str) -> str:
        return f"/resource_providers/{identity.provider_uuid(ROOT.uuid, key)}"


def claim(send, consumer: str, held: dict[str, dict[str, int]]) -> None:
    """Claim as a scheduler does: of each provider, by uuid, so much of each class."""
    body = {
        "allocations": {uuid: {"resources": resources} for uuid, resources in held.items()},
        "project_id": "lab",
        "user_id": "lab",
        "consumer_generation": None,
        "consumer_type": "CONTAINER",
    }
    send("PUT", f"/allocations/{consumer}", body)


def remove_all(client) -> None:
    """Delete every provider, children first."""
    while listed := client.send("GET", "/resource_providers")["resource_providers"]:
        parents = {provider["parent_provider_uuid"] for provider in listed}
        for leaf in [provider["uuid"] for provider in listed if provider["uuid"] not in parents]:
            client.send("DELETE", f"/resource_providers/{leaf}")
