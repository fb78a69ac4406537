"""Who knows what a host has and wants, and sees what becomes of its providers."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pci_placement import identity
from pci_placement.model import PciAddress, Provider

from ..database import Row
from ..memory import State
from .recorded import Recorded
from .sums import (
    Place,
    by_uuid,
    capacity,
    counted_before,
    devices_of,
    excess,
    free,
    held,
    is_bare,
    name_of,
    overlapping,
    parent_of,
    without_claims,
)

MARK, DRAINED, DRAINING = (
    f"CUSTOM_PCI_{word}" for word in ("PLACEMENT_MANAGED", "DRAINED", "DRAINING")
)
OURS = ("CUSTOM_PCI_", "CUSTOM_PHYSNET_", "HW_")


class Onlooker:
    """Tells what of a moment is harm, by what was there when the plan began."""

    def __init__(self, recorded: Recorded) -> None:
        self._recorded, self._start = recorded, recorded.start
        self._wanted = by_uuid(recorded.tree.providers)
        self._ever: dict[str, Provider] = {}
        for tree in recorded.trees:
            self._ever |= by_uuid(tree.providers)
        self._others = {
            uuid: row for uuid, row in recorded.start.providers.items() if not self._is_ours(uuid)
        }
        self._entry_traits = {
            t for tree in recorded.trees for p in tree.providers for t in p.traits
        }
        self._counted = counted_before(recorded)
        self._groups = list(overlapping(recorded))

    def _is_ours(self, uuid: str) -> bool:
        row = self._start.providers.get(uuid)
        return uuid in self._ever and (row is None or MARK in row.traits or is_bare(row))

    def harm(self, now: State) -> Iterator[str]:
        """What is wrong at this moment and was not when the plan began."""
        yield from self._foreign(now)
        yield from self._lost(now)
        yield from self._twice(now)
        yield from self._forgotten(now)
        for uuid, row in now.providers.items():
            if uuid not in self._others:
                yield from self._of_ours(uuid, row)

    def left(self, now: State) -> Iterator[str]:
        """What the next pass would have to take back: by now it is done."""
        for uuid, row in now.providers.items():
            if uuid not in self._others and not self._is_held(uuid) and not self._is_blocked(row):
                yield from self._beyond(uuid, row)
        yield from self._gone_along(now)

    def _gone_along(self, now: State) -> Iterator[str]:
        """What an operator reserved is reserved where its devices are."""
        for uuid, was in self._start.providers.items():
            if uuid not in self._others and not {DRAINING, DRAINED} & {*was.traits}:
                for name in devices_of(was):
                    places = self._heirs(uuid, name)
                    reserved = min(was.stocks[name].reserved, sum(places.values()))
                    # what somebody offered there before is not given away by this plan
                    most = max(self._on_offer(self._start, places), self._all(places) - reserved)
                    if any(of != uuid for of, _ in places) and self._on_offer(now, places) > most:
                        yield f"{was.name} has {name} reserved by hand, and others offer them"

    def _heirs(self, uuid: str, name: str) -> dict[Place, int]:
        """Where devices of an inventory of before are wanted, and how many."""
        counted, ids = self._counted.get((uuid, name), set()), _ids(self._start.providers[uuid])
        return {
            (of, each): found
            for of, want in self._wanted.items()
            for each in {*want.addresses.values()}
            if (found := len(counted & self._addresses(of, each))) and ids & _ids(want)
        }

    def _on_offer(self, state: State, places: Mapping[Place, int]) -> int:
        rows = [(state.providers.get(uuid), name) for uuid, name in places]
        return sum(capacity(row, name) for row, name in rows if row and name in row.stocks)

    def _all(self, places: Mapping[Place, int]) -> int:
        return sum(self._listed(*place) for place in places)

    def _is_blocked(self, row: Row) -> bool:
        return row.name in self._recorded.plan.blocked

    def _beyond(self, uuid: str, row: Row) -> Iterator[str]:
        known = self._ever.get(uuid)
        for name in devices_of(row):
            if free(row, name, known) and capacity(row, name) > self._listed(uuid, name):
                yield f"{row.name} offers {name} that is not there"

    # --- what is not ours

    def _foreign(self, now: State) -> Iterator[str]:
        for uuid, was in self._others.items():
            row = now.providers.get(uuid)
            if row is None or without_claims(row) != without_claims(was):
                yield f"{was.name} is not ours and was changed"
        for uuid, row in now.providers.items():
            if uuid not in self._start.providers and uuid not in self._wanted:
                yield f"{row.name} was made, and nobody will know that it is ours"

    def _forgotten(self, now: State) -> Iterator[str]:
        gone = (self._start.traits - now.traits) | (self._start.classes - now.classes)
        for name in sorted(gone):
            if not name.startswith(OURS) and name not in self._entry_traits:
                yield f"{name} was forgotten, and is somebody else's"

    # --- what is ours

    def _of_ours(self, uuid: str, row: Row) -> Iterator[str]:
        was = self._start.providers.get(uuid)
        if was and self._is_held(uuid) and replace(row, generation=0) != replace(was, generation=0):
            yield f"{was.name} is held and was changed"
        yield from self._identity(uuid, row, was)
        if was:
            yield from self._traits_of_others(row, was)
        known = self._ever.get(uuid)
        for name in devices_of(row):
            before = free(was, name, known) if was and name in was.stocks else 0
            if free(row, name, known) > before:
                yield from self._more(uuid, row, name)
            yield from self._reserved(row, was, name)

    def _identity(self, uuid: str, row: Row, was: Row | None) -> Iterator[str]:
        want = self._wanted.get(uuid)
        if MARK not in row.traits and not is_bare(row):
            yield f"{row.name} lost the mark by which it is ours"
        if want and (was is None or row.name != was.name) and row.name != name_of(want):
            yield f"{name_of(want)} has another name: {row.name}"
        parent = parent_of(want) if want else None
        if want and (was is None or row.parent != was.parent) and row.parent != parent:
            yield f"{row.name} stands below {row.parent}"

    def _traits_of_others(self, row: Row, was: Row) -> Iterator[str]:
        for trait in sorted({*was.traits} - {*row.traits}):
            if not trait.startswith(OURS) and trait not in self._entry_traits:
                yield f"{row.name} lost {trait}, which somebody gave it"
            if trait == DRAINED:
                yield f"{row.name} is in service again, and no operator said so"

    def _more(self, uuid: str, row: Row, name: str) -> Iterator[str]:
        """What is wrong with offering more of a class than before."""
        want, was = self._wanted.get(uuid), self._start.providers.get(uuid)
        yield from self._beyond(uuid, row)
        if want is None or not want.traits <= {*row.traits}:
            yield f"{row.name} offers {name} without its traits"
        if was and DRAINED in was.traits:
            yield f"{row.name} offers {name}, and an operator took it out of service"
        if uuid in self._recorded.spent:
            yield f"{row.name} offers {name}, which was used"

    def _reserved(self, row: Row, was: Row | None, name: str) -> Iterator[str]:
        """What an operator reserved stays so, as far as it is there."""
        by_hand = was and name in was.stocks and not {DRAINING, DRAINED} & {*was.traits}
        if by_hand and row.stocks[name].reserved < min(
            was.stocks[name].reserved, row.stocks[name].total
        ):
            yield f"{row.name} offers {name} that was reserved by hand"

    # --- who has what

    def _lost(self, now: State) -> Iterator[str]:
        before, after = held(self._start), held(now)
        for who in before.keys() | after.keys():
            was, has = before.get(who, {}), after.get(who, {})
            if sum(was.values()) != sum(has.values()):
                yield f"{who} has another number of devices"
            elif left := [place for place in was if has.get(place, 0) < was[place]]:
                yield from self._moved(who, left, [p for p in has if has[p] > was.get(p, 0)])

    def _moved(self, who: str, left: list[Place], reached: list[Place]) -> Iterator[str]:
        """Claims go where all the devices go that they may be of."""
        devices = {a for place in left for a in self._counted.get(place, ())}
        devices &= self._recorded.given.get(who, devices)
        there = {a for uuid, name in reached for a in self._addresses(uuid, name)}
        if not devices <= there:
            yield f"{who} has claims where its devices are not"

    # --- the devices

    def _twice(self, now: State) -> Iterator[str]:
        for uuids, addresses in self._groups:
            too_many = excess(now, uuids, addresses, self._ever)
            if too_many > max(0, excess(self._start, uuids, addresses, self._ever)):
                names = sorted(now.providers[u].name for u in uuids if u in now.providers)
                yield f"{too_many} devices of {', '.join(names)} can be claimed twice"

    def _addresses(self, uuid: str, name: str) -> set[PciAddress]:
        want = self._wanted.get(uuid)
        return {a for a, each in want.addresses.items() if each == name} if want else set()

    def _listed(self, uuid: str, name: str) -> int:
        return len(self._addresses(uuid, name))

    def _is_held(self, uuid: str) -> bool:
        known = self._ever.get(uuid)
        return known is not None and identity.card_of_key(known.key) in self._recorded.tree.held


def _ids(of: Row | Provider) -> set[str]:
    return {trait for trait in of.traits if trait.startswith("CUSTOM_PCI_ID_")}
