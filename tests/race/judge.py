"""Who holds what, and whether that can be: the model that Placement is held against.

A claim that Placement granted is attached to devices at once, as a compute service does it. What a
claim may be attached to are the devices of the provider that it is on, by any look of the host that
Placement may still have had: those since the last pass that carried everything out.
"""

import contextlib
import random
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pci_placement import identity, names
from pci_placement.mapping import claims
from pci_placement.model import DevType, PciAddress
from pci_placement.passes.values import PassReport

from .account import Account
from .seats import Seats
from .world import Moment, World

Allocations = Mapping[str, Mapping[str, int]]
"""How much of each class, by provider uuid."""


@dataclass(frozen=True, slots=True)
class Floors:
    """The oldest look that Placement may still have, by provider where it differs."""

    general: Moment
    stuck: Mapping[str, Moment]

    def of(self, provider: str) -> Moment:
        """That of one provider."""
        return self.stuck.get(provider, self.general)


class Judge:
    """Keeps the books of all claims, and notes what cannot be."""

    def __init__(self, world: World, account: Account, look_up: Callable[[str], str]) -> None:
        self.faults: list[str] = []
        self.live: dict[str, Allocations] = {}
        self.peak = 0
        self._others: list[Moment] = []
        self._lost: set[str] = set()
        self.floors = Floors((0, 0), {})
        self.seen: Moment = (0, 0)
        """What the last pass saw that was not cut off, carried out or not."""
        self._world, self._account, self._look_up = world, account, look_up
        self._random = random.Random(0)  # noqa: S311  nothing secret
        self._seats = Seats()
        self._lock = threading.Lock()

    def fault(self, what: str) -> None:
        """Note what must not be."""
        self.faults.append(what)
        self._account.note(f"FAULT: {what}")

    def claimed(
        self, consumer: str, allocations: Allocations, floors: Floors, until: float
    ) -> None:
        """Book a claim that Placement granted; floors are those from before it was sent."""
        with self._lock:
            self.live[consumer] = allocations
            units = list(self._units(allocations, floors, until))
            self.peak = max(self.peak, len(self.live))
            for number, (provider, resource_class, sure, choices) in enumerate(units):
                told = f"{consumer} on {self._name(provider)} ({resource_class})"
                self._attach((consumer, number), provider, told, sure, choices)

    def releasing(self, consumer: str) -> None:
        """Take a claim off the books, before Placement is told to."""
        with self._lock:
            allocations = self.live.pop(consumer)
            for number in range(units_of(allocations)):
                self._seats.remove((consumer, number))

    def _units(
        self, allocations: Allocations, floors: Floors, until: float
    ) -> Iterator[tuple[str, str, bool, list[PciAddress]]]:
        for provider, resource_class, amount in _devices(allocations):
            looks = [
                self._addresses(provider, resource_class, moment)
                for moment in self._world.window(floors.of(provider), until)
            ]
            choices = list(dict.fromkeys(a for look in looks for a in look))
            self._random.shuffle(choices)
            sure = all(set(look) == set(choices) for look in looks)
            for _ in range(amount):
                yield provider, resource_class, sure, choices

    def _addresses(
        self, provider: str, resource_class: str, moment: Moment
    ) -> tuple[PciAddress, ...]:
        held = {provider: {"resources": {resource_class: 1}}}
        tree = self._world.tree(moment)
        return claims.addresses(held, tree, self._world.root.uuid).get(provider, ())

    def _attach(
        self,
        unit: tuple[str, int],
        provider: str,
        told: str,
        sure: bool,
        choices: list[PciAddress],
    ) -> None:
        if not choices:
            self.fault(f"claimed what no look of the host offers: {told}")
            return
        if not self._seats.add(unit, choices):
            self._seats.remove(unit)
            holders = {str(d): who for d, (who, _) in self._seats.taken() if d in choices}
            self.fault(f"over-committed: {told}; all taken: {holders}; {self._look_up(provider)}")
            return
        if sure:
            self._seats.pin(unit)
        self._check_kinds(self._seats.of(unit), told)

    def _check_kinds(self, device: PciAddress, told: str) -> None:
        """Never a whole PF and VFs of it at once."""
        cards = self._cards()
        card, whole = cards[device]
        for other, (consumer, _) in self._seats.taken():
            if cards[other] == (card, not whole):
                what = "the whole card" if not whole else "a VF"
                self.fault(f"PF and VFs of {card} at once: {told}; {consumer} has {what}")

    def _cards(self) -> dict[PciAddress, tuple[PciAddress, bool]]:
        """Of every device that there ever was its card, and whether it is the whole of it."""
        devices = [d for since in self._world.hosts for d in since.value.devices]
        return {d.address: (d.card_addr, d.dev_type is not DevType.VF) for d in devices}

    def check(self, consumer: str, allocations: Allocations, found: Allocations) -> None:
        """Compare a claim with what Placement has of it; a reshape may have moved it."""
        if consumer in self._lost:
            return
        if _total(found, self._world.root.uuid) != _total(allocations, self._world.root.uuid):
            self._lost.add(consumer)
            self.fault(f"lost: {consumer} claimed {dict(allocations)}, Placement has {found}")

    def passed(self, report: PassReport, before: Moment) -> None:
        """Learn from a pass what Placement no longer offers; `before` is when it began to look."""
        if report.outcome.stopped:
            return
        self.seen = before
        if any(done.result != "done" for done in report.outcome.results):
            return
        stuck = self._stuck(report)
        if stuck is not None:
            kept = {uuid: self.floors.of(uuid) for uuid in stuck}
            self.floors = Floors(self._oldest(before), kept)

    @contextlib.contextmanager
    def another_pass(self) -> Iterator[None]:
        """Expect, for as long as this lasts, that a pass may write what the host was before it."""
        self._others.append(self._world.settled)
        try:
            yield
        finally:
            self._others.pop()

    def _oldest(self, moment: Moment) -> Moment:
        configs, hosts = zip(moment, *self._others, strict=True)
        return min(configs), min(hosts)

    def _stuck(self, report: PassReport) -> set[str] | None:
        """The providers of cards of which something was left as it was; None if it may be any."""
        held = report.planned.held
        keys = [identity.key_in_name(name) or name for name in held]
        cards = {identity.card_of_key(key) for key in keys}
        if None in cards:
            return None
        known = {key for tree in self._known_trees() for key in tree}
        mine = (key for key in known if identity.card_of_key(key) in cards)
        return {identity.provider_uuid(self._world.root.uuid, key) for key in mine}

    def _known_trees(self) -> Iterator[list[str]]:
        for moment in self._world.known():
            yield [provider.key for provider in self._world.tree(moment).providers]

    def _name(self, uuid: str) -> str:
        root = self._world.root.uuid
        keys = (key for tree in self._known_trees() for key in tree)
        return next((k for k in keys if identity.provider_uuid(root, k) == uuid), uuid)


def _devices(allocations: Allocations) -> Iterator[tuple[str, str, int]]:
    for provider, resources in allocations.items():
        for resource_class, amount in resources.items():
            if resource_class.startswith("CUSTOM_") and resource_class != names.SLOT:
                yield provider, resource_class, amount


def units_of(allocations: Allocations) -> int:
    """How many devices a claim has."""
    return sum(amount for _, _, amount in _devices(allocations))


def _total(allocations: Allocations, root: str) -> tuple[int, int, Mapping[str, int]]:
    """What must not change, whatever a reshape does to providers and classes."""
    slots = sum(resources.get(names.SLOT, 0) for resources in allocations.values())
    return units_of(allocations), slots, allocations.get(root, {})
