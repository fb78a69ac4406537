"""What must hold, whatever comes: after every step, and after a pass that went through."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from support.compute import card_of, device_classes
from support.database import Row, World

from pci_placement import identity, names
from pci_placement.model import PciAddress

from .service import Service, greedy, offers

TELLING = {names.DRAINED, names.DRAINING}
"""What is reserved beside one of these is so for what the trait says."""


class Broken(AssertionError):
    """A promise that did not hold: `what` is which."""

    def __init__(self, what: str, how: str) -> None:
        super().__init__(f"{what}: {how}")
        self.what = what


class Reservation(NamedTuple):
    """How many of a class are reserved by hand.

    of are the traits that tell which hardware that is, devices those that were counted then.
    """

    amount: int
    of: frozenset[str]
    devices: frozenset[PciAddress]


@dataclass
class Word:
    """What stays until an operator says otherwise: devices by how they became so, reservations.

    along are devices of which one is reserved by hand, whichever provider counts them; times is how
    often somebody reserved one. once are providers that were for one-time use at some time: what
    is spent stays reserved, whatever its entry says later.
    """

    drained: set[PciAddress] = field(default_factory=set)
    spent: set[PciAddress] = field(default_factory=set)
    reserved: dict[tuple[str, str], Reservation] = field(default_factory=dict)
    along: list[frozenset[PciAddress]] = field(default_factory=list)
    times: int = 0
    once: set[str] = field(default_factory=set)

    def forget(self, devices: set[PciAddress]) -> None:
        self.drained -= devices
        self.spent -= devices
        self.along = [some for some in self.along if some.isdisjoint(devices)]

    def forget_reserved(self) -> None:
        self.reserved.clear()
        self.along.clear()

    def follow(self, world: World, service: Service) -> None:
        """What is reserved goes with its devices to another class; it is gone where they are."""
        found = {}
        for (uuid, name), said in self.reserved.items():
            row = world.get(uuid)
            classes = device_classes(row.stocks) if row and said.of <= set(row.traits) else []
            heirs = [c for c in classes if said.devices.intersection(service.counted(uuid, c))]
            there = name if name in classes else (heirs[0] if heirs and len(classes) == 1 else None)
            if there:
                found[uuid, there] = said
        self.reserved = found


def foreign_as_is(before: Mapping[str, Row], now: World) -> None:
    """Nothing of somebody else changed; generations of roots move with claims."""
    for uuid, row in before.items():
        if uuid not in now or _content(now[uuid]) != _content(row):
            raise Broken("foreign", f"{row} became {now.get(uuid)}")


def _content(row: Row) -> tuple:
    return row.name, row.parent, row.stocks, row.traits, row.aggregates


def no_stranger(foreign: Mapping[str, Row], now: World) -> None:
    """What is not somebody else's carries our mark, or nothing yet."""
    for uuid in now.keys() - foreign.keys():
        row = now[uuid]
        bare = not (row.traits or row.stocks or row.aggregates)
        if names.MANAGED not in row.traits and not bare:
            raise Broken("stranger", f"{row}")


def claims_as_they_were(given: Mapping[str, set], held: Mapping[str, int]) -> None:
    """Each consumer has as many devices as it was given, and nobody else has any."""
    expected = {consumer: len(devices) for consumer, devices in given.items() if devices}
    if expected != held:
        raise Broken("claims", f"given {expected}, Placement has {held}")


@dataclass(frozen=True)
class Judge:
    """Judges what can be claimed after a pass that went through.

    mine are our providers by uuid; held the cards of which the pass left everything as it was.
    """

    service: Service
    world: World
    mine: set[str]
    held: set[PciAddress]
    word: Word
    wanted: Mapping[PciAddress, bool]

    def judge(self, draw: random.Random) -> None:
        found = [offer for offer in offers(self.world, self.mine) if not self._is_held(*offer[:2])]
        for uuid, name, device in greedy(self.service, found, draw):
            if device is None:
                raise Broken("over-commit", self._told(uuid, name))
        for uuid, name, row in found:
            if self.service.room(uuid, name, row):
                self._judge_offered(uuid, name)
        self._judge_reserved()

    def _is_held(self, uuid: str, name: str) -> bool:
        counted = set(self.service.counted(uuid, name))
        own = identity.card_of_key(identity.key_in_name(self.world[uuid].name) or "")
        # a name that somebody gave it tells nothing, and what it counts does
        return bool({own, *counted, *map(card_of, counted)} & self.held)

    def _told(self, uuid: str, name: str) -> str:
        row, counted = self.world[uuid], self.service.counted(uuid, name)
        holders = {str(a): self.service.holders(a) for a in counted}
        return (
            f"{name} of {row.name}: {row.stocks[name]}, {row.used(name)} used, counts {holders}; "
            f"all claims {self.service.books.given}"
        )

    def _judge_offered(self, uuid: str, name: str) -> None:
        for device in self.service.counted(uuid, name):
            for what, kept in self._kept().items():
                if device in kept:
                    raise Broken(what, f"{device} is offered: {self._told(uuid, name)}")

    def _kept(self) -> dict[str, set[PciAddress]]:
        unwanted = {device for device, wanted in self.wanted.items() if not wanted}
        return {"drained": self.word.drained, "spent": self.word.spent, "unlisted": unwanted}

    def _judge_reserved(self) -> None:
        """What somebody reserved by hand stays."""
        self.word.follow(self.world, self.service)
        for (uuid, name), said in self.word.reserved.items():
            row = self.world[uuid]
            if row.stocks[name].reserved < min(said.amount, row.stocks[name].total):
                raise Broken(
                    "reserved", f"{said.amount} of {name} of {row.name}: {row.stocks[name]}"
                )
        self.word.along = [now for some in self.word.along if (now := self._followed(some))]
        self._judge_number()

    def _judge_number(self) -> None:
        """And nothing is reserved for good that nobody reserved."""
        self.word.once |= {u for u in self.mine if names.ONE_TIME_USE in self.world[u].traits}
        found = {
            f"{name} of {row.name}": row.stocks[name].reserved
            for uuid, name, row in offers(self.world, self.mine)
            if not (uuid in self.word.once or self._is_held(uuid, name) or TELLING & {*row.traits})
        }
        if sum(found.values()) > self.word.times:
            raise Broken("reserved", f"{self.word.times} by hand, and there are {found}")

    def _followed(self, some: frozenset[PciAddress]) -> frozenset[PciAddress]:
        """Where devices are counted of which one is reserved: what is counted where one is."""
        found = [
            (uuid, name, frozenset(counted))
            for uuid, name, _ in offers(self.world, self.mine)
            if not some.isdisjoint(counted := self.service.counted(uuid, name))
        ]
        if self.held & set(map(card_of, some)) or any(self._is_held(u, n) for u, n, _ in found):
            return some
        kept = [devices for u, n, devices in found if self.world[u].stocks[n].reserved]
        if found and not kept:
            told = ", ".join(f"{n} of {self.world[u].name}" for u, n, _ in found)
            raise Broken("reserved", f"one of {sorted(map(str, some))}, and nothing of {told}")
        return frozenset().union(*kept)


def devices_held(world: World) -> dict[str, int]:
    """How many devices each consumer holds, wherever; what it holds of a root is no device."""
    held: dict[str, int] = {}
    for row in world.values():
        for consumer, resources in row.claims.items():
            amount = sum(n for name, n in resources.items() if name not in (names.SLOT, "VCPU"))
            held[consumer] = held.get(consumer, 0) + amount
    return held
