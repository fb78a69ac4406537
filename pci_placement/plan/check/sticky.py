"""What an operator or a use took out of service stays so, whatever becomes of its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pci_placement import names
from pci_placement.model import ObservedProvider, ProviderUuid, Reshape, ResourceClass
from pci_placement.plan.devices import DevicesByCard, functions_of, most_blocked, near, union

from .breach import Promise
from .counts import Counts
from .evidence import Evidence, Place, device_classes
from .moment import Change, Moment, Step, capacity, offered
from .neighbours import Neighbours
from .rule import Found


@dataclass(frozen=True, slots=True)
class Group:
    """Devices of which some are out of service: by a drain or a use, or reserved by hand.

    places are the inventories that count them now, bound is how much those may offer together.
    """

    uuid: ProviderUuid
    places: tuple[Place, ...]
    bound: int
    sentence: str
    firm: bool


def is_out_of_service(have: ObservedProvider) -> bool:
    """Whether an operator's drain holds."""
    return names.DRAINED in have.traits and _nothing_left(have)


def is_spent(have: ObservedProvider) -> bool:
    """Whether a device for one-time use was used."""
    return names.ONE_TIME_USE in have.traits and _nothing_left(have) and not _was_fresh(have)


def _was_fresh(have: ObservedProvider) -> bool:
    """Whether a drain of ours tells that nobody had had it."""
    told = any(names.tells_nothing_reserved(have.traits, name) for name in have.inventories)
    return told and names.DRAINING in have.traits


def _nothing_left(have: ObservedProvider) -> bool:
    left = [have.inventories[name] for name in device_classes(have.inventories)]
    return bool(left) and all(inventory.is_all_reserved for inventory in left)


def _tells_something(have: ObservedProvider) -> bool:
    """Whether its traits tell anything of a drain."""
    return names.DRAINED in have.traits or names.DRAINING in have.traits


class Sticky:
    """Judges whether something that is out of service comes back by itself."""

    def __init__(
        self, evidence: Evidence, counts: Counts, moment: Moment, neighbours: Neighbours
    ) -> None:
        self._evidence, self._counts, self._moment = evidence, counts, moment
        self._neighbours = neighbours
        self.groups = [] if evidence.facts.retiring else list(self._find())
        ours = evidence.ours
        self._start = [sum(offered(ours.get(u), n) for u, n in g.places) for g in self.groups]
        self._now = list(self._start)
        self._places: dict[ProviderUuid, list[tuple[int, ResourceClass]]] = {}
        for number, group in enumerate(self.groups):
            for uuid, name in group.places:
                self._places.setdefault(uuid, []).append((number, name))

    def before(self, before: ObservedProvider, after: ObservedProvider | None) -> Iterable[Found]:
        """What an action forgets."""
        if after and not (_tells_something(before) or _tells_something(after)):
            return []
        return [] if self._may_lift(before.uuid) else self._forgotten(before, after)

    def _forgotten(
        self, before: ObservedProvider, after: ObservedProvider | None
    ) -> Iterator[Found]:
        yield from _forgotten(before, after)
        start = self._evidence.ours.get(before.uuid)
        # what was said of a card is not said of another one that came
        if start and after and self._evidence.is_same(start, after.traits):
            yield from _unmarked(start, after)

    def _may_lift(self, uuid: ProviderUuid) -> bool:
        """Whether an operator says so: of this card, or of all that is ours."""
        facts = self._evidence.facts
        by_hand = facts.by_hand is not None and self._evidence.card(uuid) == facts.by_hand
        return facts.retiring or by_hand

    def after(self, step: Step) -> Iterator[Found]:
        """What is offered again; the moment is the one after the action."""
        moving = isinstance(step.action, Reshape)
        changed = {number for change in step.changes for number in self._follow(change)}
        for number in sorted(changed):
            yield from self._back(number, moving)

    def _follow(self, change: Change) -> Iterator[int]:
        """The groups that a change concerns; how much they offer is counted on."""
        uuid, before, after = change
        for number, name in self._places.get(uuid, ()):
            self._now[number] += offered(after, name) - offered(before, name)
            yield number

    def _back(self, number: int, moving: bool) -> Iterator[Found]:
        """Whether more of a group can be claimed than before, and than is in service."""
        group = self.groups[number]
        # Placement moves no claim to where all is reserved: who has the device keeps it from
        # others until the next request reserves it again
        held = sum(map(self._used, group.places)) if moving else 0
        if self._now[number] > max(group.bound, self._start[number], held):
            yield Found(Promise.STICKY, group.uuid, group.sentence)

    def _used(self, place: Place) -> int:
        have = self._moment.providers.get(place[0])
        return self._evidence.used(have).get(place[1], 0) if have else 0

    def at_the_end(self) -> Iterator[Found]:
        """What stays out of service in the end, and what is for nobody after its one use."""
        for number in range(len(self.groups)):
            yield from self._back(number, moving=False)
            yield from self._less_reserved(number)
        yield from self._used_once()

    def _less_reserved(self, number: int) -> Iterator[Found]:
        """Of what becomes fewer as many stay reserved as were so by hand, or all that are left."""
        group = self.groups[number]
        shrinks = any(map(self._shrinks, group.places))
        if shrinks and not group.firm and self._now[number] > max(0, group.bound):
            yield Found(Promise.STICKY, group.uuid, group.sentence)

    def _shrinks(self, place: Place) -> bool:
        uuid, name = place
        was, have = self._evidence.ours.get(uuid), self._moment.providers.get(uuid)
        before = was.inventories.get(name) if was else None
        after = have.inventories.get(name) if have else None
        return before is not None and after is not None and after.total < before.total

    def _used_once(self) -> Iterator[Found]:
        """A device for one-time use that somebody has is for nobody after them."""
        for uuid in self._evidence.answered_for & self._evidence.once:
            have, start = self._moment.providers.get(uuid), self._evidence.ours[uuid]
            # slots follow the devices: without one of those nobody can claim them
            left = have.inventories if have else {}
            if any(capacity(left[name]) > 0 for name in device_classes(left)):
                yield from _once(start)

    def _find(self) -> Iterator[Group]:
        for uuid, have in self._evidence.ours.items():
            if have.reserves and not self._may_lift(uuid):
                firm = is_out_of_service(have) or is_spent(have)
                for name in device_classes(have.inventories):
                    if firm or by_hand(have, name):
                        yield self._group(have, name, firm)

    def _group(self, have: ObservedProvider, name: ResourceClass, firm: bool) -> Group:
        number = have.inventories[name].meant_reserved if firm else by_hand(have, name)
        devices = self._counts.of(have.uuid, name).devices
        near = [(have.uuid, name), *self._neighbours.of(have.uuid, name)]
        # what was reserved by hand follows the devices of its provider, and no further: who wants
        # it to hold after that drains the device
        near = [place for place in near if firm or place[0] == have.uuid]
        near = [place for place in near if self._evidence.may_be_same(have, place[0])]
        listed = {place: self._near(devices, place, firm) for place in near}
        places = [place for place in near if _common(devices, listed[place], firm, 1)]
        total = sum(self._evidence.total(*place) for place in places)
        aside = _common(devices, union(*(listed[place] for place in places)), firm, number)
        why = "out of service" if firm else "reserved by hand"
        what = f"{number} {name} of it are {why}, and their devices can be claimed again"
        return Group(have.uuid, tuple(places), total - aside, what, firm)

    def _near(self, devices: DevicesByCard, place: Place, firm: bool) -> DevicesByCard:
        """What is listed of an inventory, as far as it can have to do with some devices."""
        listed = self._evidence.listed(*place)
        return near(listed, devices) if firm else listed


def by_hand(have: ObservedProvider, name: ResourceClass) -> int:
    """How many of a class somebody else than we reserved, by what a drain of ours tells of it."""
    inventory = have.inventories[name]
    if names.DRAINING in have.traits and inventory.is_all_reserved:
        return names.reserved_of(have.traits, name)
    return inventory.meant_reserved


def _unmarked(before: ObservedProvider, after: ObservedProvider) -> Iterator[Found]:
    """What a drain of ours forgets of what was reserved by hand of the classes that it leaves."""
    if _was_fresh(after) and not _is_fresh(before):
        yield Found(Promise.STICKY, after.uuid, "it is told that nobody had it, who may have")
    if names.DRAINING not in after.traits or is_out_of_service(before) or is_spent(before):
        return
    if is_spent(after):
        return  # that is told by its being for one-time use
    left = device_classes(after.inventories)
    was = sum(by_hand(before, name) for name in left if name in before.inventories)
    now = sum(by_hand(after, name) for name in left)
    if now < min(was, sum(after.inventories[name].total for name in left)):
        what = f"{was} of it were reserved by hand, and nothing tells that any more"
        yield Found(Promise.STICKY, after.uuid, what)


def _is_fresh(have: ObservedProvider) -> bool:
    """Whether nobody can have had it: that was told before, or it is on offer and nobody has it."""
    return not have.used and (_was_fresh(have) or (have.consumers == {} and not is_spent(have)))


def _forgotten(before: ObservedProvider, after: ObservedProvider | None) -> Iterator[Found]:
    uuid, out = before.uuid, is_out_of_service(before)
    if after is None:
        if out or is_spent(before):
            what = "it is deleted, and with it what tells that it is out of service"
            yield Found(Promise.STICKY, uuid, what)
    elif out and names.DRAINED not in after.traits:
        yield Found(Promise.STICKY, uuid, f"it loses {names.DRAINED}, and no operator said so")
    elif names.DRAINED in after.traits and names.DRAINED not in before.traits:
        yield Found(Promise.STICKY, uuid, f"it gets {names.DRAINED}, and no operator said so")


def _once(start: ObservedProvider) -> Iterator[Found]:
    if start.used:
        what = "it is for one-time use and in use, and can be claimed again after that"
        yield Found(Promise.STICKY, start.uuid, what)
    elif start.consumers is None and names.ONE_TIME_USE not in start.traits and start.inventories:
        what = "it becomes one for one-time use, and nobody asked who uses it"
        yield Found(Promise.ASKED, start.uuid, what)


def _common(devices: DevicesByCard, listed: DevicesByCard, firm: bool, number: int) -> int:
    """How many listed devices so many reserved ones keep from being offered.

    What was reserved by hand is so many of the devices themselves; a drain or a use of a whole
    card holds for its VFs, and the other way round.
    """
    if firm:
        return most_blocked(number, devices, listed)
    return min(number, len(functions_of(devices) & functions_of(listed)))
