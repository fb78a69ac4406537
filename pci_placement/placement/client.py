"""Reading a compute node's tree from Placement, and asking for candidates."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from keystoneauth1.adapter import Adapter

from pci_placement import names
from pci_placement.errors import ConfigError, PlacementError, RootNotFound
from pci_placement.identity import candidates
from pci_placement.model import (
    Consumers,
    Inventories,
    Inventory,
    ListedProvider,
    ObservedProvider,
    ObservedTree,
    Plan,
    Problem,
    ProviderKey,
    ProviderUuid,
    ResourceClass,
    Root,
    Trait,
)
from pci_placement.model.outcome import Outcome

from .apply import carry_out
from .bounds import Bounds
from .transport import Transport

_TRAITS_A_REQUEST = 100
_NEAR_NAMES = 3
_INVENTORY_FIELDS = tuple(Inventory.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class RootWanted:
    """How the operator names the compute node's provider; the uuid counts where it is given."""

    name: str
    uuid: ProviderUuid | None = None

    def __str__(self) -> str:
        return self.uuid or repr(self.name)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to satisfy a request: the root, and what would be claimed of which provider."""

    root: ProviderUuid
    allocations: Mapping[ProviderUuid, Mapping[ResourceClass, int]]


class Client:
    """Placement, as far as we need it."""

    def __init__(self, adapter: Adapter, bounds: Bounds | None = None) -> None:
        self._transport = Transport(adapter, bounds)

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
        return self._transport.bounds.within(seconds)

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
    ) -> ObservedTree:
        """Read the tree of a compute node; those providers in full that can be ours.

        A provider in `last_pass` whose generation has not moved is not read again, unless all are
        to be `reread`; one that left the tree, or is `sought`, is looked for elsewhere. Raises
        RootNotFound, with near names.
        """
        known = last_pass or {}
        listed = self._list_tree(root)
        top = next(p for p in listed if p.parent is None)
        found = Root(top.uuid, top.name)
        missing = {*known, *sought} - {line.uuid for line in listed}
        listed += tuple(line for uuid in sorted(missing) if (line := self._line(uuid)))
        ours = candidates(found, listed, keys)
        providers = {
            line.uuid: self._read(line, None if reread else known.get(line.uuid))
            for line in listed
            if line.uuid in ours
        }
        return ObservedTree(found, listed, providers, ours)

    def _line(self, uuid: ProviderUuid) -> ListedProvider | None:
        """A provider that is perhaps below another root now."""
        try:
            return _listed(self.send("GET", f"/resource_providers/{uuid}"))
        except PlacementError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return None

    def marked(self, root: Root) -> tuple[ListedProvider, ...]:
        """All providers of a tree that carry our mark."""
        try:
            return self._list(in_tree=root.uuid, required=names.MANAGED)
        except PlacementError as error:
            if error.status != HTTPStatus.BAD_REQUEST:
                raise
            return ()  # a Placement that has never heard of the mark

    def find_root(self, root: RootWanted) -> ProviderUuid:
        """The uuid of a compute node's provider by its name. Raises RootNotFound, as `observe`."""
        uuid = self._find(root.name)
        if not uuid:
            raise RootNotFound(str(root), self._near(root.name))
        return uuid

    def tree(self, uuid: ProviderUuid) -> tuple[ListedProvider, ...]:
        """The lines of a whole tree; none where there is no such provider."""
        return self._list(in_tree=uuid)

    def _list_tree(self, root: RootWanted) -> tuple[ListedProvider, ...]:
        uuid = root.uuid or self._find(root.name)
        listed = self._list(in_tree=uuid) if uuid else ()
        if not any(p.parent is None for p in listed):
            raise RootNotFound(str(root), self._near(root.name))
        _check_is_root(root, listed)
        return listed

    def _find(self, name: str) -> ProviderUuid | None:
        return next((provider.uuid for provider in self._list(name=name)), None)

    def _near(self, name: str) -> list[str]:
        roots = [provider.name for provider in self._list() if provider.parent is None]
        return difflib.get_close_matches(name, roots, n=_NEAR_NAMES, cutoff=0.5)

    def _list(self, **query: str) -> tuple[ListedProvider, ...]:
        url = "/resource_providers" + (f"?{urlencode(query)}" if query else "")
        return tuple(map(_listed, self.send("GET", url)["resource_providers"]))

    def _read(self, line: ListedProvider, known: ObservedProvider | None) -> ObservedProvider:
        if known and known.generation == line.generation:
            return replace(known, name=line.name, parent=line.parent, consumers=None)
        url = f"/resource_providers/{line.uuid}"
        inventories = _inventories(self.send("GET", f"{url}/inventories")["inventories"])
        traits = frozenset(map(names.read_trait, self.send("GET", f"{url}/traits")["traits"]))
        bare = not (inventories or traits)
        # only of a bare provider do aggregates matter: they tell whether somebody else uses it
        aggregates = self.send("GET", f"{url}/aggregates")["aggregates"] if bare else ()
        return ObservedProvider(
            line.uuid,
            line.name,
            line.parent,
            line.generation,
            inventories,
            traits,
            bool(aggregates),
        )

    def with_consumers(self, tree: ObservedTree, uuids: Iterable[ProviderUuid]) -> ObservedTree:
        """Read who holds what of some providers of a tree."""
        asked = {
            uuid: replace(tree.providers[uuid], consumers=self._consumers(uuid))
            for uuid in sorted(uuids)
        }
        return replace(tree, providers={**tree.providers, **asked})

    def _consumers(self, uuid: ProviderUuid) -> Consumers:
        answer = self.send("GET", f"/resource_providers/{uuid}/allocations")["allocations"]
        return {consumer: _resources(held["resources"]) for consumer, held in answer.items()}

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

    def apply(self, plan: Plan) -> Outcome:
        """Carry out a plan, action by action, and say what became of each."""
        return carry_out(plan, self.send)

    def allocation_candidates(self, query: str, microversion: str) -> list[Candidate]:
        """Ask which providers could serve a query now.

        Raises PlacementError (400) where the query has a class or trait that Placement has never
        heard of: `unknown_names` tells which.
        """
        answer = self.send("GET", f"/allocation_candidates?{query}", version=microversion)
        summaries = answer["provider_summaries"]
        return [_candidate(request, summaries) for request in answer["allocation_requests"]]


def _check_is_root(root: RootWanted, listed: Iterable[ListedProvider]) -> None:
    top = next(provider for provider in listed if provider.parent is None)
    if root.uuid not in (None, top.uuid):
        problem = f"root_provider_uuid {root.uuid} is not a root: it stands below {top.name}"
        raise ConfigError([Problem(problem, f"write {top.uuid}")])


def _listed(line: Mapping[str, Any]) -> ListedProvider:
    return ListedProvider(
        line["uuid"], line["name"], line["parent_provider_uuid"], line["generation"]
    )


def _candidate(request: Any, summaries: Any) -> Candidate:
    allocations = {
        uuid: _resources(held["resources"]) for uuid, held in request["allocations"].items()
    }
    return Candidate(summaries[next(iter(allocations))]["root_provider_uuid"], allocations)


def _inventories(answer: Mapping[str, Any]) -> Inventories:
    return {
        names.read_resource_class(name): Inventory(**{k: fields[k] for k in _INVENTORY_FIELDS})
        for name, fields in answer.items()
    }


def _resources(answer: Mapping[str, int]) -> dict[ResourceClass, int]:
    return {names.read_resource_class(name): amount for name, amount in answer.items()}
