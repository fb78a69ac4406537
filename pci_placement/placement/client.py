"""Reading a compute node's tree from Placement, and asking for candidates."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from keystoneauth1.adapter import Adapter

from pci_placement import names
from pci_placement.identity import candidates
from pci_placement.model import (
    Consumers,
    ConsumerUuid,
    Inventories,
    ListedProvider,
    ObservedProvider,
    ObservedTree,
    Plan,
    ProviderKey,
    ProviderUuid,
    ResourceClass,
    Root,
    Trait,
)
from pci_placement.model.outcome import Done, Outcome

from . import summaries
from .apply import carry_out, unheard
from .bounds import Bounds
from .connection import Connection
from .listing import Listing, RootWanted
from .login import Keeps, Login
from .reading import Known, Reader
from .session import NEWEST
from .summaries import Summaries, Summary
from .trail import Trail
from .transport import Transport

_TRAITS_A_REQUEST = 100

Resources = Mapping[ResourceClass, int]
"""How much of each class."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to satisfy a request: the root, and what would be claimed of which provider."""

    root: ProviderUuid
    allocations: Mapping[ProviderUuid, Mapping[ResourceClass, int]]


class Client:
    """Placement, as far as we need it."""

    def __init__(
        self,
        adapter: Adapter,
        bounds: Bounds | None = None,
        keeps: Keeps | None = None,
        trail: Trail | None = None,
    ) -> None:
        self._login = Login(adapter, keeps) if keeps else None
        assumed = self._login.resume() if self._login else NEWEST
        self._transport = Transport(adapter, bounds, assumed, trail)
        self._listing = Listing(self.send)

    @property
    def sent(self) -> int:
        """How many requests were sent so far, version discovery included."""
        return self._transport.sent

    @property
    def insecure(self) -> bool:
        """Whether nobody checks who answers."""
        return self._transport.insecure

    def within(self, seconds: float) -> AbstractContextManager[None]:
        """Let every request of this context, and each wait for one, end after so many seconds."""
        return self._transport.within(seconds)

    def look_for_newer(self) -> None:
        """As `Transport.look_for_newer`."""
        self._transport.look_for_newer()

    def connection(self) -> Connection | None:
        """The way to Placement, for who goes it without us; None where that cannot be told."""
        return self._transport.connection()

    @property
    def microversion(self) -> tuple[int, ...]:
        """The newest microversion that both sides speak, as far as that was agreed."""
        return self._transport.version

    def keep_login(self) -> None:
        """Let the next pass use the token and the microversion of this one."""
        if self._login:
            self._login.keep(self._transport.version)

    def forget_login(self) -> None:
        """Let the next pass log in anew."""
        if self._login:
            self._login.forget()

    def send(self, method: str, url: str, body: Any = None, version: str | None = None) -> Any:
        """As `Transport.send`."""
        return self._transport.send(method, url, body, version)

    def observe(
        self,
        root: RootWanted,
        keys: Collection[ProviderKey],
        last_pass: Mapping[ProviderUuid, ObservedProvider] | None = None,
        sought: Collection[ProviderUuid] = (),
        reread: bool = False,
        expected: Mapping[ProviderKey, Inventories] | None = None,
    ) -> ObservedTree:
        """Read the tree of a compute node; those providers in full that can be ours.

        A provider in `last_pass` whose generation has not moved is not read again, unless all are
        to be `reread`; one that left the tree, or is `sought`, is looked for elsewhere. What is
        `expected` is not read where Placement shows otherwise that it is so. Raises RootNotFound,
        with near names.
        """
        known = last_pass or {}
        listed = self._listing.whole(root)
        top = next(p for p in listed if p.parent is None)
        found = Root(top.uuid, top.name)
        missing = {*known, *sought} - {line.uuid for line in listed}
        listed += tuple(line for uuid in sorted(missing) if (line := self._listing.line(uuid)))
        ours = candidates(found, listed, keys)
        wanted = {uuid: (expected or {}).get(key, {}) for uuid, key in ours.items()}
        reader = Reader(self.send, self._summaries(found.uuid), Known(known, wanted, reread))
        lines = [line for line in listed if line.uuid in ours]
        read = reader.read(lines, others=len(listed) > len(lines) + 1)
        strangers = tuple(
            line for line in listed if line.uuid not in ours and _is_marked(reader.told, line.uuid)
        )
        used = {uuid: told.used for uuid, told in reader.told.items() if uuid in ours}
        providers = {have.uuid: have for have in read}
        return ObservedTree(found, listed, providers, ours, strangers, used)

    def _summaries(self, root: ProviderUuid) -> Summaries | None:
        return Summaries(self.send, root) if self._transport.version >= summaries.OLDEST else None

    def find_root(self, root: RootWanted, believed: ProviderUuid | None = None) -> ProviderUuid:
        """The uuid of a compute node's provider by its name; believed is what it was before.

        Raises RootNotFound, with near names.
        """
        return self._listing.find(root, believed)

    def glance(self, uuid: ProviderUuid) -> tuple[ListedProvider, ...]:
        """As `tree`; what is observed next of this root goes by it."""
        return self._listing.glance(uuid)

    def tree(self, uuid: ProviderUuid) -> tuple[ListedProvider, ...]:
        """The lines of a whole tree; none where there is no such provider."""
        return self._listing.tree(uuid)

    def with_consumers(self, tree: ObservedTree, uuids: Iterable[ProviderUuid]) -> ObservedTree:
        """Read who holds what of some providers of a tree, as far as that is not known yet."""
        asked = {
            uuid: self._with_consumers(tree.providers[uuid])
            for uuid in sorted(uuids)
            if tree.providers[uuid].consumers is None
        }
        return replace(tree, providers={**tree.providers, **asked})

    def _with_consumers(self, have: ObservedProvider) -> ObservedProvider:
        consumers = self._consumers(have.uuid)
        return replace(have, consumers=consumers, unused=not consumers)

    def _consumers(self, uuid: ProviderUuid) -> Consumers:
        answer = self.send("GET", f"/resource_providers/{uuid}/allocations")["allocations"]
        return {consumer: _resources(held["resources"]) for consumer, held in answer.items()}

    def claims_of(self, consumer: ConsumerUuid) -> Mapping[ProviderUuid, Resources]:
        """What a consumer holds, of whatever providers; nothing where it has ended, or never was.

        Source: placement/handlers/allocation.py, list_for_consumer.
        """
        answer = self.send("GET", f"/allocations/{quote(consumer)}")["allocations"]
        return {uuid: _resources(held["resources"]) for uuid, held in answer.items()}

    def unknown_names(
        self, classes: Iterable[ResourceClass], traits: Iterable[Trait]
    ) -> frozenset[str]:
        """Those of the names that this Placement does not know."""
        return self.unknown_classes(classes) | self.unknown_traits(traits)

    def unknown_classes(self, classes: Iterable[ResourceClass]) -> frozenset[ResourceClass]:
        """Those of the resource classes that this Placement does not know."""
        listed = self.send("GET", "/resource_classes")["resource_classes"]
        return frozenset(classes) - {resource_class["name"] for resource_class in listed}

    def unknown_traits(self, traits: Iterable[Trait]) -> frozenset[Trait]:
        """Those of the traits that this Placement does not know."""
        wanted, known = sorted(traits), set[str]()
        for start in range(0, len(wanted), _TRAITS_A_REQUEST):
            chunk = ",".join(wanted[start : start + _TRAITS_A_REQUEST])
            known.update(self.send("GET", f"/traits?name=in:{quote(chunk)}")["traits"])
        return frozenset(trait for trait in wanted if trait not in known)

    def create_root(self, root: RootWanted) -> None:
        """Create a compute node's provider, for labs."""
        body = {"name": root.name} | ({"uuid": root.uuid} if root.uuid else {})
        self.send("POST", "/resource_providers", body)

    def apply(
        self,
        plan: Plan,
        together: bool = True,
        others: Mapping[ProviderUuid, Inventories] | None = None,
        told: Callable[[Done], None] = unheard,
    ) -> Outcome:
        """Carry out a plan, action by action or what can be so together; what became of each.

        others are inventories of somebody else on providers of ours: they stay. told hears at once.
        """
        return carry_out(plan, self.send, together, others, told)

    def allocation_candidates(self, query: str, microversion: str) -> list[Candidate]:
        """Ask which providers could serve a query now.

        Raises PlacementError (400) where the query has a class or trait that Placement has never
        heard of: `unknown_names` tells which.
        """
        answer = self.send("GET", f"/allocation_candidates?{query}", version=microversion)
        summaries = answer["provider_summaries"]
        return [_candidate(request, summaries) for request in answer["allocation_requests"]]


def _candidate(request: Any, summaries: Any) -> Candidate:
    allocations = {
        uuid: _resources(held["resources"]) for uuid, held in request["allocations"].items()
    }
    return Candidate(summaries[next(iter(allocations))]["root_provider_uuid"], allocations)


def _resources(answer: Mapping[str, int]) -> dict[ResourceClass, int]:
    return {names.read_resource_class(name): amount for name, amount in answer.items()}


def _is_marked(told: Mapping[ProviderUuid, Summary], uuid: ProviderUuid) -> bool:
    return uuid in told and names.MANAGED in told[uuid].traits
