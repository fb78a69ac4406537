"""What is wanted beside what is there, and which devices are where.

Inside of the plan a provider has one name, its key; uuids are for the actions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from pci_placement import identity, names
from pci_placement.identity import is_ours
from pci_placement.model import (
    LastPass,
    ObservedProvider,
    ObservedTree,
    PciAddress,
    Provider,
    ProviderKey,
    ProviderTree,
    Root,
    Trait,
)
from pci_placement.model.last_pass import REREAD

from .counting import observed_inventories
from .inventories import (
    ObservedInventory,
    OurProviders,
    WantedInventory,
    WantedProviders,
    wanted_inventories,
)
from .past import hardware
from .provider import ANOTHER, is_another_card

FOREIGN = "a provider that is not ours has its uuid: it lacks our marker trait, and is left alone"
BELOW_FOREIGN = "its parent is not ours to change"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A compute node's tree as it is, beside what this host wants of it.

    changeable are our providers except those of cards that are held, and those below somebody
    else's. wanted has parents before children. replaced are wanted providers at whose address
    there is another card now, while the one before is in use. taken are ours of cards that are
    not ours to give any more, and why. blocked are those that wait, and
    why. targets are the inventories that are wanted, present those that are there. hardware tells
    which hardware each of ours counts.
    """

    root: Root
    ours: OurProviders
    changeable: OurProviders
    wanted: WantedProviders
    replaced: WantedProviders
    taken: Mapping[ProviderKey, str]
    blocked: Mapping[ProviderKey, str]
    targets: tuple[WantedInventory, ...]
    present: tuple[ObservedInventory, ...]
    hardware: Mapping[ProviderKey, frozenset[Trait]]

    @property
    def gone(self) -> list[ProviderKey]:
        """The providers that are no longer wanted."""
        return [k for k in self.changeable if k not in self.wanted and k not in self.replaced]


def compare(desired: ProviderTree, observed: ObservedTree, last_pass: LastPass) -> Comparison:
    """Put together what is wanted and what is there."""
    known = {observed.keys[uuid]: have for uuid, have in observed.providers.items()}
    ours = {key: have for key, have in known.items() if is_ours(have)}
    foreign = _foreign(desired.providers, known.keys() - ours.keys())
    possible = {p.key: p for p in desired.providers if p.key not in foreign}
    counts = {key: hardware(have, key, last_pass) for key, have in ours.items()}
    replaced = {
        k: p for k, p in possible.items() if k in ours and _is_replaced(p, ours[k], counts[k])
    }
    wanted = {k: p for k, p in possible.items() if k not in replaced}
    taken = dict(_taken(ours, desired))
    changeable = _changeable(ours, {*foreign, *taken}, desired.held)
    targets = wanted_inventories(wanted.values())
    return Comparison(
        root=observed.root,
        ours=ours,
        changeable=changeable,
        wanted=wanted,
        replaced=replaced,
        taken=taken,
        blocked=foreign | dict.fromkeys(replaced, ANOTHER.text),
        targets=targets,
        present=observed_inventories(changeable, targets, last_pass),
        hardware=counts,
    )


def _foreign(wanted: Iterable[Provider], taken: Iterable[ProviderKey]) -> dict[ProviderKey, str]:
    """Providers that somebody else's stands in the place of, and what would go below them."""
    not_ours = frozenset(taken)
    blocked: dict[ProviderKey, str] = {}
    for provider in wanted:
        if provider.key in not_ours:
            blocked[provider.key] = FOREIGN
        elif provider.parent_key in blocked:
            blocked[provider.key] = BELOW_FOREIGN
    return blocked


def _changeable(
    ours: OurProviders, still: Collection[ProviderKey], held: Mapping[PciAddress, str]
) -> dict[ProviderKey, ObservedProvider]:
    """Our providers but for those that stay as they are, and those of cards that are held."""
    return {k: have for k, have in ours.items() if k not in still and not _is_held(k, held)}


def _is_held(key: ProviderKey, held: Mapping[PciAddress, str]) -> bool:
    return identity.card_of_key(key) in held


def _taken(ours: OurProviders, desired: ProviderTree) -> Iterator[tuple[ProviderKey, str]]:
    for key in ours:
        card = identity.card_of_key(key)
        if card and card in desired.not_ours:
            yield key, desired.not_ours[card]


def _is_replaced(provider: Provider, have: ObservedProvider, counts: frozenset[Trait]) -> bool:
    """Whether there is another card, and what was there is in use as far as anybody asked."""
    return is_another_card(provider, counts) and have.consumers != {}


def uses_unknown(compared: Comparison, last_pass: LastPass) -> set[ProviderKey]:
    """Devices for one-time use of which one must know whether somebody has them.

    Also those that were for any use until now: who has one has had it once.
    """
    ours = compared.ours
    once = {key for key, provider in compared.wanted.items() if provider.one_time_use}
    return {
        k
        for k in once & ours.keys()
        if names.ONE_TIME_USE not in ours[k].traits or not is_as_left(ours[k], last_pass)
    }


def is_as_left(have: ObservedProvider, last_pass: LastPass) -> bool:
    """Whether nobody can have claimed it since the last pass."""
    then = last_pass.providers.get(have.uuid)
    return then is not None and then.generation == have.generation


def used_since(have: ObservedProvider, last_pass: LastPass) -> bool:
    """Whether somebody may have claimed it and given it back since the last pass.

    Its generation moved, and nothing that one can see is the reason.
    """
    then = last_pass.providers.get(have.uuid)
    if then is None or then.generation in (have.generation, REREAD):
        return False
    return (then.inventories, then.traits) == (have.inventories, have.traits)
