"""Reading providers of ours: as few requests as what is known allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pci_placement import names
from pci_placement.model import (
    Consumers,
    Inventories,
    Inventory,
    ListedProvider,
    ObservedProvider,
    ProviderUuid,
    ResourceClass,
    Trait,
)

from .listing import Send
from .summaries import Summaries, Summary

_INVENTORY_FIELDS = tuple(Inventory.__dataclass_fields__)
_WORTH_A_QUESTION = 2
"""For so many providers one question about the whole tree takes the place of their own."""
_TOO_MANY_TO_READ = 8
"""So many inventories alike are shown to be what is expected by one question, and not read."""

NO_CONSUMERS: Consumers = {}


@dataclass(frozen=True, slots=True)
class Known:
    """What is believed of providers before anybody looks.

    last_pass is what they were, which holds as long as the generation does, unless all is to be
    reread; expected are the inventories that this host would give them, of those providers of which
    what is free can tell that they have these.
    """

    last_pass: Mapping[ProviderUuid, ObservedProvider] = field(default_factory=dict)
    expected: Mapping[ProviderUuid, Inventories] = field(default_factory=dict)
    reread: bool = False

    def still(self, line: ListedProvider) -> ObservedProvider | None:
        """A provider as it was at the last pass, if it is at the same generation."""
        then = self.last_pass.get(line.uuid)
        return then if then and then.generation == line.generation else None


class Reader:
    """Reads the providers of one tree; summaries is None where they cannot be asked for."""

    def __init__(self, send: Send, summaries: Summaries | None, known: Known) -> None:
        self._send = send
        self._summaries = summaries
        self._known = known
        self.told: Mapping[ProviderUuid, Summary] = {}
        """What was said of the whole tree on the way."""

    def read(self, ours: Collection[ListedProvider], others: bool) -> list[ObservedProvider]:
        """The providers that are ours, each in full; others tells that the tree has more."""
        stale = [line for line in ours if self._known.reread or not self._known.still(line)]
        if self._summaries and self._is_worth_it(len(stale), others):
            self.told = self._summaries.all(sorted(self._classes(stale)))
        proven = frozenset(self._proven(stale))
        old = {line.uuid for line in stale}
        return [
            self._read(line, line.uuid in proven) if line.uuid in old else self._as_it_was(line)
            for line in ours
        ]

    def _is_worth_it(self, stale: int, others: bool) -> bool:
        return stale >= _WORTH_A_QUESTION or (self._known.reread and bool(stale or others))

    def _classes(self, stale: Iterable[ListedProvider]) -> set[ResourceClass]:
        return {name for line in stale for name in (*self._expected(line), *self._before(line))}

    def _expected(self, line: ListedProvider) -> Inventories:
        return self._known.expected.get(line.uuid, {})

    def _before(self, line: ListedProvider) -> Inventories:
        then = self._known.last_pass.get(line.uuid)
        return then.inventories if then else {}

    def _as_it_was(self, line: ListedProvider) -> ObservedProvider:
        then = self._known.last_pass[line.uuid]
        return replace(then, name=line.name, parent=line.parent, consumers=None)

    def _proven(self, stale: Iterable[ListedProvider]) -> Iterator[ProviderUuid]:
        """Those of which nothing is remembered that have what is expected.

        Of an inventory of several devices it is to be shown that all can be claimed at once. Where
        a total and a reservation are both greater by the same number it would look alike, so those
        are read that are few enough.
        """
        unsure = [line for line in stale if self._told_as(line, self._expected(line))]
        wanted = {line.uuid: set(_several(self._expected(line))) for line in unsure}
        asked = Counter(each for several in wanted.values() for each in several)
        served = {
            each: self._summaries.ask(*each).serving
            for each, times in sorted(asked.items())
            if self._summaries and times >= _TOO_MANY_TO_READ
        }
        for uuid, several in wanted.items():
            if all(uuid in served.get(each, ()) for each in several):
                yield uuid

    def _told_as(self, line: ListedProvider, inventories: Inventories) -> bool:
        told = self.told.get(line.uuid)
        return bool(told and not self._known.still(line) and told.fits(inventories))

    def _read(self, line: ListedProvider, is_proven: bool) -> ObservedProvider:
        told, then = self.told.get(line.uuid), self._known.still(line)
        if told and is_proven:
            inventories = self._expected(line)
        elif told and then and told.fits(then.inventories):
            inventories = then.inventories
        else:
            inventories = self._inventories(line.uuid)
        traits = told.traits if told else self._traits(line.uuid)
        bare = not (inventories or traits)
        unused = bool(told and not told.is_used)
        return ObservedProvider(
            line.uuid,
            line.name,
            line.parent,
            line.generation,
            inventories,
            traits,
            # only of a bare provider do aggregates matter: they tell whether another uses it
            bare and self._has_aggregates(line.uuid),
            consumers=NO_CONSUMERS if unused else None,
            unused=unused,
        )

    def _inventories(self, uuid: ProviderUuid) -> Inventories:
        return inventories_of(self._ask(uuid, "inventories"))

    def _traits(self, uuid: ProviderUuid) -> frozenset[Trait]:
        return frozenset(map(names.read_trait, self._ask(uuid, "traits")))

    def _has_aggregates(self, uuid: ProviderUuid) -> bool:
        return bool(self._ask(uuid, "aggregates"))

    def _ask(self, uuid: ProviderUuid, what: str) -> Any:
        return self._send("GET", f"/resource_providers/{uuid}/{what}")[what]


def _several(inventories: Inventories) -> Iterator[tuple[ResourceClass, int]]:
    """The classes of which there are several, and how many."""
    return ((name, each.total) for name, each in inventories.items() if each.total > 1)


def inventories_of(answer: Mapping[str, Any]) -> Inventories:
    """The inventories of a provider, each in full."""
    return {
        names.read_resource_class(name): Inventory(**{k: fields[k] for k in _INVENTORY_FIELDS})
        for name, fields in answer.items()
    }
