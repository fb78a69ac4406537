"""What this host has and wants, from one scan and the configuration alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass
from functools import cached_property

from .identity import device_key, vf_key
from .mapping.family import Catalogue, catalogue
from .mapping.left_behind import cards_left
from .mapping.match import match_devices
from .mapping.tree import build_tree
from .model import (
    LeftBehind,
    Match,
    Matching,
    PciAddress,
    PciDevice,
    ProviderKey,
    ProviderTree,
    Snapshot,
    State,
)
from .settings import Settings


@dataclass(frozen=True)
class Desired:
    """What this host has and wants, before Placement is asked."""

    snapshot: Snapshot
    matching: Matching
    catalogue: Catalogue
    tree: ProviderTree

    @property
    def keys(self) -> Set[ProviderKey]:
        """The keys of providers that may be ours here: what is wanted, or was of some card.

        A provider that somebody renamed is known by the uuid that such a key makes.
        """
        cards = {device.card_addr for device in self.snapshot.devices}
        own = {key for card in cards for key in (device_key(card), vf_key(card, None))}
        return own | {provider.key for provider in self.tree.providers}

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        """What each offered function is, and what those of its card are.

        Both, because a VF without its link to the PF looks like a plain device at the same address.

        Source: Linux, drivers/pci/iov.c, pci_iov_add_virtfn and pci_iov_remove_virtfn.
        """
        found: dict[str, set[str]] = {}
        for match in self.matching.matches:
            for address in (match.device.address, match.device.card_addr):
                found.setdefault(str(address), set()).add(match.device.dev_type.value)
        return {address: " ".join(sorted(types)) for address, types in found.items()}

    @property
    def kept(self) -> dict[PciAddress, str]:
        """The cards that are listed and not offered all the same, and why."""
        return {**self.tree.held, **self.tree.not_ours}

    def state_of(self, device: PciDevice) -> State:
        """What became of a device, as it is shown: also what is not ours to give is held."""
        verdict = self.matching.verdicts[device.address]
        if isinstance(verdict, Match):
            kept = device.card_addr in self.tree.held or device.card_addr in self.tree.not_ours
            return State.HELD if kept else State.OFFERED
        return State.HELD if verdict.state is State.NOT_OURS else verdict.state


def make_desired(
    settings: Settings,
    snapshot: Snapshot,
    elsewhere: Mapping[PciAddress, str] | None = None,
    left: Collection[LeftBehind] = (),
) -> Desired:
    """Work out what this host offers, from the configuration and one scan.

    elsewhere are the cards that other services report, as far as Placement was asked; left is what
    this host still offers below roots that were its own before.
    """
    matching = match_devices(
        snapshot,
        settings.whitelist,
        settings.aliases,
        offer_unaliased=settings.unaliased == "report",
        elsewhere=elsewhere,
        exclusive=settings.layout.exclusive,
        left=cards_left(left, snapshot),
    )
    known = catalogue(settings.aliases)
    return Desired(
        snapshot, matching, known, build_tree(matching, known, snapshot, settings.layout)
    )
