"""What a plan is made from: what is wanted, what is there, and which devices are where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pci_placement import identity
from pci_placement.identity import is_ours
from pci_placement.model import LastPass, ObservedProvider, ObservedTree, PciAddress, ProviderTree
from pci_placement.model.last_pass import REREAD

from .inventories import (
    ObservedInventory,
    WantedInventory,
    observed_inventories,
    wanted_inventories,
)
from .provider import ANOTHER, Wanted, is_another_card

FOREIGN = "a provider that is not ours has its uuid: it lacks our marker trait, and is left alone"
BELOW_FOREIGN = "its parent is not ours to change"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A compute node's tree as it is, beside what this host wants of it.

    changeable are our providers except those of cards that are held, and those below somebody
    else's. replaced are wanted providers at whose address there is another card now, while the
    one before is in use.
    """

    ours: Mapping[str, ObservedProvider]
    changeable: tuple[ObservedProvider, ...]
    wanted: tuple[Wanted, ...]
    replaced: tuple[Wanted, ...]
    blocked: Mapping[str, str]
    targets: tuple[WantedInventory, ...]
    present: tuple[ObservedInventory, ...]

    @property
    def gone(self) -> set[str]:
        """The providers that are no longer wanted."""
        wanted = {want.uuid for want in (*self.wanted, *self.replaced)}
        return {have.uuid for have in self.changeable} - wanted


def compare(desired: ProviderTree, observed: ObservedTree, last_pass: LastPass) -> Comparison:
    """Put together what is wanted and what is there."""
    ours = {uuid: have for uuid, have in observed.providers.items() if is_ours(have)}
    bound = [Wanted.bind(provider, observed.root) for provider in desired.providers]
    blocked = _foreign(bound, observed, ours)
    possible = [want for want in bound if want.name not in blocked]
    replaced = tuple(want for want in possible if _is_replaced(want, ours.get(want.uuid)))
    wanted = tuple(want for want in possible if want not in replaced)
    waiting = {want.uuid for want in bound if want.name in blocked}
    changeable = tuple(
        p
        for u, p in ours.items()
        if u not in waiting and not _is_held(observed.keys[u], desired.held)
    )
    targets = wanted_inventories(wanted)
    return Comparison(
        ours=ours,
        changeable=changeable,
        wanted=wanted,
        replaced=replaced,
        blocked=blocked | {want.name: ANOTHER for want in replaced},
        targets=targets,
        present=observed_inventories(changeable, observed.keys, targets, last_pass),
    )


def _foreign(
    wanted: Iterable[Wanted], observed: ObservedTree, ours: Mapping[str, ObservedProvider]
) -> dict[str, str]:
    """Providers that somebody else's stands in the place of, and what would go below them."""
    blocked: dict[str, str] = {}
    uuids: set[str] = set()
    for want in wanted:
        foreign = want.uuid in observed.providers and want.uuid not in ours
        if foreign or want.parent in uuids:
            uuids.add(want.uuid)
            blocked[want.name] = FOREIGN if foreign else BELOW_FOREIGN
    return blocked


def _is_held(key: str, held: Mapping[PciAddress, str]) -> bool:
    return identity.card_of_key(key) in held


def _is_replaced(want: Wanted, have: ObservedProvider | None) -> bool:
    """Whether there is another card, and what was there is in use as far as anybody asked."""
    return have is not None and is_another_card(want, have) and have.consumers != {}


def uses_unknown(compared: Comparison, last_pass: LastPass) -> set[str]:
    """Devices for one-time use of which one must know whether somebody has them."""
    once = {want.uuid for want in compared.wanted if want.provider.one_time_use}
    return {u for u in once & set(compared.ours) if not _is_as_left(compared.ours[u], last_pass)}


def _is_as_left(have: ObservedProvider, last_pass: LastPass) -> bool:
    """Whether nobody can have claimed it since the last pass."""
    then = last_pass.providers.get(have.uuid)
    return then is not None and then.generation == have.generation


def used_since(compared: Comparison, last_pass: LastPass) -> set[str]:
    """Providers that somebody may have claimed and given back since the last pass.

    Their generation moved, and nothing that one can see is the reason.
    """
    return {
        uuid
        for uuid, have in compared.ours.items()
        if (then := last_pass.providers.get(uuid))
        and then.generation not in (have.generation, REREAD)
        and (then.inventories, then.traits) == (have.inventories, have.traits)
    }
