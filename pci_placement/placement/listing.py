"""The lines of a tree, and which tree is the compute node's."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from pci_placement.errors import ConfigError, PlacementError, RootNotFound
from pci_placement.model import ListedProvider, Problem, ProviderUuid

Send = Callable[..., Any]
Lines = tuple[ListedProvider, ...]

_NEAR_NAMES = 3


@dataclass(frozen=True, slots=True)
class RootWanted:
    """How the operator names the compute node's provider; the uuid counts where it is given."""

    name: str
    uuid: ProviderUuid | None = None

    def __str__(self) -> str:
        return self.uuid or repr(self.name)


class Listing:
    """Lists of providers. A tree that was listed to find its root is not listed again at once."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._fresh: dict[ProviderUuid, Lines] = {}

    def tree(self, uuid: ProviderUuid) -> Lines:
        """The lines of a whole tree; none where there is no such provider."""
        return self._list(in_tree=uuid)

    def glance(self, uuid: ProviderUuid) -> Lines:
        """The same, which is also what the next `whole` of this root goes by."""
        self._fresh = {uuid: self.tree(uuid)}
        return self._fresh[uuid]

    def whole(self, root: RootWanted) -> Lines:
        """The tree of a compute node. Raises RootNotFound, with near names, or ConfigError."""
        uuid = root.uuid or self._named(root.name)
        listed = (self._fresh.pop(uuid, ()) or self.tree(uuid)) if uuid else ()
        if not any(line.parent is None for line in listed):
            raise self._not_found(root)
        _check_is_root(root, listed)
        return listed

    def find(self, root: RootWanted, believed: ProviderUuid | None) -> ProviderUuid:
        """The uuid of a compute node's provider by its name; believed is what it was before.

        A tree tells the name of its root: one request shows that this is it still, and what is
        below it. Raises RootNotFound.
        """
        if believed and any(_is_root(line, believed, root.name) for line in self.glance(believed)):
            return believed
        uuid = self._named(root.name)
        if not uuid:
            raise self._not_found(root)
        return uuid

    def line(self, uuid: ProviderUuid) -> ListedProvider | None:
        """A provider that is perhaps below another root now."""
        try:
            return as_line(self._send("GET", f"/resource_providers/{uuid}"))
        except PlacementError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return None

    def _named(self, name: str) -> ProviderUuid | None:
        return next((provider.uuid for provider in self._list(name=name)), None)

    def _not_found(self, root: RootWanted) -> RootNotFound:
        roots = [provider.name for provider in self._list() if provider.parent is None]
        return RootNotFound(str(root), _near(root.name, roots))

    def _list(self, **query: str) -> Lines:
        url = "/resource_providers" + (f"?{urlencode(query)}" if query else "")
        return tuple(map(as_line, self._send("GET", url)["resource_providers"]))


def _near(name: str, roots: Iterable[str]) -> list[str]:
    """The names that were perhaps meant: first those of the same host, in any case and domain."""
    by_host: dict[str, list[str]] = {}
    for root in sorted(roots):
        by_host.setdefault(_host(root), []).append(root)
    hosts = difflib.get_close_matches(_host(name), by_host, n=_NEAR_NAMES, cutoff=0.5)
    return [root for host in hosts for root in by_host[host]][:_NEAR_NAMES]


def _host(name: str) -> str:
    return name.lower().partition(".")[0]


def as_line(line: Mapping[str, Any]) -> ListedProvider:
    """A provider as a list has it."""
    return ListedProvider(
        line["uuid"], line["name"], line["parent_provider_uuid"], line["generation"]
    )


def _is_root(line: ListedProvider, uuid: ProviderUuid, name: str) -> bool:
    return (line.uuid, line.name, line.parent) == (uuid, name, None)


def _check_is_root(root: RootWanted, listed: Iterable[ListedProvider]) -> None:
    top = next(provider for provider in listed if provider.parent is None)
    if root.uuid not in (None, top.uuid):
        problem = f"root_provider_uuid {root.uuid} is not a root: it stands below {top.name}"
        raise ConfigError([Problem(problem, f"write {top.uuid}")])
