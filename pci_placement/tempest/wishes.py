"""What the aliases promise, and what is asked of Placement for one device of each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from pci_placement import names
from pci_placement.mapping.request import RequestGroup, query, single_groups
from pci_placement.model import PciAlias, PciAliasUsage
from pci_placement.settings import ConfigPath, load

NOT_TO_BE_CLAIMED = names.ONE_TIME_USE
"""Providers of which nothing is claimed for a check: the device would be out of service then."""


@dataclass(frozen=True, slots=True)
class Wish:
    """An alias, and the group that asks for one such device."""

    alias: str
    group: RequestGroup

    @property
    def resource_classes(self) -> tuple[str, ...]:
        """The resource classes that must exist for the question to be understood."""
        return tuple(self.group.resources)

    @property
    def traits(self) -> tuple[str, ...]:
        """The traits that must exist for the question to be understood."""
        return (*self.group.required, *self.group.forbidden)

    @property
    def parameters(self) -> dict[str, str]:
        """The query of GET /allocation_candidates."""
        return dict(parse_qsl(query([self.group])))


def wishes_of_files(files: Iterable[str], only: Collection[str]) -> tuple[Wish, ...]:
    """One for each alias of these files, or for those that are named.

    Raises ConfigError for a file that cannot be read, RequestError for an alias that is not there.
    """
    settings = load([ConfigPath(file) for file in files])
    return wishes(settings.aliases, only, settings.layout.exclusive)


def wishes(aliases: Iterable[PciAlias], only: Collection[str], exclusive: bool) -> tuple[Wish, ...]:
    """One for each alias by name, or for those that are named; raises RequestError as above."""
    aliases = tuple(aliases)
    wanted = tuple(only) or tuple(dict.fromkeys(alias.name for alias in aliases))
    groups = single_groups(map(PciAliasUsage, wanted), aliases, exclusive)
    return tuple(map(Wish, wanted, groups))


def claimable(candidates: Mapping[str, object]) -> list[dict[str, object]]:
    """The allocations that may be claimed for a moment, of an answer with candidates.

    Only of providers of ours, and of none whose devices are used only once.
    """
    known: Mapping[str, Mapping[str, Collection[str]]] = candidates["provider_summaries"]  # type: ignore[assignment]  # Placement's schema
    requests: Iterable[Mapping[str, dict[str, object]]] = candidates["allocation_requests"]  # type: ignore[assignment]  # Placement's schema
    return [
        request["allocations"]
        for request in requests
        if all(_may_be_claimed(known[uuid]["traits"]) for uuid in request["allocations"])
    ]


def _may_be_claimed(traits: Collection[str]) -> bool:
    return names.MANAGED in traits and NOT_TO_BE_CLAIMED not in traits
