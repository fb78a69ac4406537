"""Hosts of any size, and what may happen to them between two passes: for what grows with a host."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from pci_placement import identity, names
from pci_placement.mapping.exclusive import SLOTS
from pci_placement.mapping.match import match_devices
from pci_placement.mapping.tree import build_tree
from pci_placement.model import (
    DevType,
    LastPass,
    Layout,
    Limits,
    ListedProvider,
    ObservedProvider,
    ObservedTree,
    PciAddress,
    PciDevice,
    Plan,
    Pooling,
    ProviderTree,
    Snapshot,
    WhitelistEntry,
)
from pci_placement.plan.drift import tell_drift
from pci_placement.plan.effect import carry_over
from pci_placement.plan.limits import limit_removals
from pci_placement.plan.planner import make_plan, needs_consumers

from . import build
from .placements import ROOT, consumer_uuid

LAYOUT = Layout()


@dataclass(frozen=True)
class Given:
    """What a host has, and what its operator says of it."""

    snapshot: Snapshot
    whitelist: tuple[WhitelistEntry, ...]
    layout: Layout = LAYOUT

    def tree(self) -> ProviderTree:
        exclusive = self.layout.exclusive
        matching = match_devices(self.snapshot, self.whitelist, [], exclusive=exclusive)
        return build_tree(matching, {}, self.snapshot, self.layout)


@dataclass(frozen=True)
class Pass:
    """All that a pass plans from; claims are those on each provider, as far as somebody asks."""

    tree: ProviderTree
    observed: ObservedTree
    last_pass: LastPass
    consumers: Mapping[str, Mapping]

    def asked(self) -> ObservedTree:
        needed = needs_consumers(self.tree, self.observed, self.last_pass)
        there = self.observed.providers
        known = {u: replace(there[u], consumers=self.consumers.get(u, {})) for u in needed}
        return replace(self.observed, providers={**there, **known})

    def planned(self) -> tuple[Plan, ObservedTree]:
        """What a pass does in plan/ before the plan is judged."""
        seen = self.asked()
        plan = limit_removals(make_plan(self.tree, seen, self.last_pass), seen, Limits(force=True))
        return tell_drift(plan, seen, self.last_pass), seen


# --- hosts


def plain(count: int, of: str = "20b0", nodes: int = 1) -> Snapshot:
    """So many plain devices, on so many NUMA nodes."""
    places = (divmod(number, 32) for number in range(count))
    devices = (
        PciDevice(PciAddress(b >> 8, b & 255, s, 0), "10de", of, numa_node=(32 * b + s) % nodes)
        for b, s in places
    )
    return Snapshot(tuple(devices))


def cards(count: int, vfs: int, of: str = "1572") -> Snapshot:
    """So many PFs with so many VFs each."""
    return Snapshot(tuple(device for number in range(count) for device in _card(number, vfs, of)))


def _card(number: int, vfs: int, of: str) -> Iterator[PciDevice]:
    domain, bus = divmod(number, 256)
    pf = PciAddress(domain, bus, 0, 0)
    yield PciDevice(pf, "8086", of, "020000", DevType.PF, sriov_totalvfs=vfs)
    for vf in range(1, vfs + 1):
        place = PciAddress(domain, bus, vf >> 3, vf & 7)
        yield PciDevice(place, "8086", f"{int(of, 16) + 1:04x}", "020000", DevType.VF, pf)


def without_the_last(snapshot: Snapshot) -> Snapshot:
    """The host without its last card."""
    gone = snapshot.devices[-1].card_addr
    return Snapshot(tuple(d for d in snapshot.devices if d.card_addr != gone))


def another_last(snapshot: Snapshot) -> Snapshot:
    """The host with another card in the place of its last one."""
    card = snapshot.devices[-1].card_addr
    return Snapshot(
        tuple(replace(d, product_id="ffff") if d.card_addr == card else d for d in snapshot.devices)
    )


# --- what is said of them


def all_of(name: str) -> tuple[WhitelistEntry, ...]:
    return (build.entry(1, resource_class=names.resource_class(name)),)


def by_kind(name: str, *kinds: DevType) -> tuple[WhitelistEntry, ...]:
    """An entry and a class for each kind of device."""
    return tuple(
        build.entry(n, device_type=kind, resource_class=names.resource_class(f"{name}_{kind}"))
        for n, kind in enumerate(kinds, 1)
    )


POOLED, EXCLUSIVE = Layout(Pooling.NUMA), Layout(exclusive=True)
BOTH = (DevType.PF, DevType.VF)

Shape = Callable[[int, str], Given]
SHAPES: Mapping[str, Shape] = {
    "plain": lambda n, name: Given(plain(n), all_of(name)),
    "4 pools": lambda n, name: Given(plain(n, nodes=4), all_of(name), POOLED),
    "pools of 8": lambda n, name: Given(plain(n, nodes=-(-n // 8)), all_of(name), POOLED),
    "16 VFs a PF": lambda n, name: Given(cards(n, 16), all_of(name)),
    "64 VFs a PF": lambda n, name: Given(cards(n, 64), all_of(name)),
    "PFs or 16 VFs": lambda n, name: Given(cards(n, 16), by_kind(name, *BOTH), EXCLUSIVE),
}
"""What a host of some size has and offers under a name."""


# --- what happens to them


@dataclass(frozen=True)
class Change:
    """What is there at the last pass and at this one, by shape and size, and whether it is used."""

    before: Callable[[Shape, int], Given | None]
    after: Callable[[Shape, int], Given]
    used: bool = False
    forgotten: bool = False


def _as_it_is(shape: Shape, size: int) -> Given:
    return shape(size, "ONE")


def _nothing(_: Shape, __: int) -> None:
    return None


def _scanned(change: Callable[[Snapshot], Snapshot]) -> Callable[[Shape, int], Given]:
    def after(shape: Shape, size: int) -> Given:
        given = shape(size, "ONE")
        return replace(given, snapshot=change(given.snapshot))

    return after


def _called_other(shape: Shape, size: int) -> Given:
    return shape(size, "OTHER")


def _unlisted(shape: Shape, size: int) -> Given:
    return replace(shape(size, "ONE"), whitelist=())


def _grouped_otherwise(shape: Shape, size: int) -> Given:
    """Pools become single devices and those pools; VFs become whole cards, with others beside."""
    given = shape(size, "ONE")
    if given.snapshot.devices[0].dev_type is DevType.PCI:
        return replace(given, layout=Layout() if given.layout == POOLED else POOLED)
    return Given(given.snapshot, by_kind("ONE", DevType.PF))


def _back(shape: Shape, size: int) -> Given:
    return _grouped_otherwise(shape, size)


CHANGES: Mapping[str, Change] = {
    "first pass": Change(_nothing, _as_it_is),
    "nothing to do": Change(_as_it_is, _as_it_is),
    "in use": Change(_as_it_is, _as_it_is, used=True),
    "one card gone": Change(_as_it_is, _scanned(without_the_last)),
    "one card replaced": Change(_as_it_is, _scanned(another_last), used=True),
    "another class": Change(_as_it_is, _called_other),
    "another class, in use": Change(_as_it_is, _called_other, used=True),
    "nothing listed": Change(_as_it_is, _unlisted),
    "nothing listed, in use": Change(_as_it_is, _unlisted, used=True),
    "other groups": Change(_as_it_is, _grouped_otherwise),
    "other groups, in use": Change(_as_it_is, _grouped_otherwise, used=True),
    "other groups, and back": Change(_back, _as_it_is, used=True),
}
"""What may happen between two passes."""


def make_pass(shape: Shape, size: int, change: Change, *, remembered: bool) -> Pass:
    """The pass after a change of a host of some shape and size."""
    before, tree = change.before(shape, size), change.after(shape, size).tree()
    last_pass = _synced(before.tree()) if before else LastPass()
    there = last_pass.providers
    known = last_pass if remembered else LastPass()
    keys = {p.key for p in tree.providers} | last_pass.keys
    consumers = dict(_claims(there.values())) if change.used else {}
    return Pass(tree, _observed(there, keys), known, consumers)


def _observed(providers: Mapping[str, ObservedProvider], keys: Iterable[str]) -> ObservedTree:
    lines = [ListedProvider(p.uuid, p.name, p.parent, p.generation) for p in providers.values()]
    listed = (ListedProvider(ROOT.uuid, ROOT.name, None, 0), *lines)
    return ObservedTree(ROOT, listed, providers, identity.candidates(ROOT, listed, keys))


def _synced(tree: ProviderTree) -> LastPass:
    """What a pass leaves on an empty Placement."""
    plan = make_plan(tree, _observed({}, ()))
    providers: dict = {}
    for action in plan.actions:
        carry_over(action, providers)
    keys = frozenset(provider.key for provider in tree.providers)
    return LastPass(ROOT, keys, providers=providers, ledger=plan.ledger)


def _claims(providers: Iterable[ObservedProvider]) -> Iterator[tuple[str, dict]]:
    """A consumer for each device of the class that has most; of both kinds of a card the VFs."""
    for have in providers:
        totals = {n: i.total for n, i in have.inventories.items() if n != names.SLOT}
        if totals:
            name = max(totals, key=totals.__getitem__)
            whole = len(totals) == 1 and have.inventories.get(names.SLOT) and totals[name] == 1
            slots = {names.SLOT: SLOTS if whole else 1} if names.SLOT in have.inventories else {}
            yield (
                have.uuid,
                {
                    consumer_uuid(f"{have.name} {n}"): {name: 1, **slots}
                    for n in range(totals[name])
                },
            )
