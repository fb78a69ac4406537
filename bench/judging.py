"""What judging a plan costs beside making it.

Usage: python bench/judging.py [REPEATS]      (default: 30)

For hosts of several sizes, and for the first pass, one with nothing to do, one after which all
devices have another class, and one on an empty host: the best time of each, in milliseconds, and
their ratio. No Placement is asked; to make a plan is all that a pass does in `plan/` for it.
"""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from pci_placement import identity
from pci_placement.mapping.match import match_devices
from pci_placement.mapping.tree import build_tree
from pci_placement.model import (
    DevType,
    LastPass,
    Limits,
    ListedProvider,
    ObservedTree,
    PciAddress,
    PciDevice,
    Plan,
    ProviderTree,
    Root,
    Snapshot,
    Source,
    Tags,
    WhitelistEntry,
)
from pci_placement.names import resource_class
from pci_placement.plan.check import Facts, judge
from pci_placement.plan.drift import tell_drift
from pci_placement.plan.effect import carry_over
from pci_placement.plan.limits import limit_removals
from pci_placement.plan.planner import make_plan, needs_consumers

ROOT = Root(identity.ProviderUuid("8c7e2f3a-0d5c-4b52-9a0e-3a4a6d6b1f00"), "node")
SOURCE = Source("bench", "[pci]", 1)


def plain(count: int) -> Snapshot:
    places = [divmod(number, 32) for number in range(count)]
    return Snapshot(tuple(PciDevice(PciAddress(0, b, s, 0), "10de", "20b0") for b, s in places))


def cards(count: int, vfs: int) -> Snapshot:
    return Snapshot(tuple(device for bus in range(count) for device in card(bus, vfs)))


def card(bus: int, vfs: int) -> Iterator[PciDevice]:
    pf = PciAddress(0, bus, 0, 0)
    yield PciDevice(pf, "8086", "1572", "020000", DevType.PF, sriov_totalvfs=vfs)
    for number in range(vfs):
        at = PciAddress(0, bus, 2 + number // 8, number % 8)
        yield PciDevice(at, "8086", "154c", "020000", DevType.VF, pf)


def wanted(snapshot: Snapshot, name: str) -> ProviderTree:
    tags = Tags(resource_class=resource_class(name))
    return build_tree(
        match_devices(snapshot, [WhitelistEntry(SOURCE, tags=tags)], []), {}, snapshot
    )


def observe(providers: dict, tree: ProviderTree, last_pass: LastPass) -> ObservedTree:
    """What Placement has, with the consumers of those of whom a plan must know them: nobody."""
    lines = [ListedProvider(p.uuid, p.name, p.parent, p.generation) for p in providers.values()]
    listed = (ListedProvider(ROOT.uuid, ROOT.name, None, 0), *lines)
    keys = identity.candidates(ROOT, listed, {p.key for p in tree.providers} | last_pass.keys)
    observed = ObservedTree(ROOT, listed, providers, keys)
    asked = needs_consumers(tree, observed, last_pass)
    known = {uuid: replace(providers[uuid], consumers={}) for uuid in asked}
    return replace(observed, providers={**providers, **known})


def synced(tree: ProviderTree) -> LastPass:
    plan = make_plan(tree, observe({}, tree, LastPass()))
    providers: dict = {}
    for action in plan.actions:
        carry_over(action, providers)
    keys = frozenset(provider.key for provider in tree.providers)
    return LastPass(ROOT, keys, providers=providers, ledger=plan.ledger)


def took(what: Callable[[], object]) -> float:
    """The processor's time, in milliseconds: others on this machine do not count."""
    before = time.process_time()
    what()
    return (time.process_time() - before) * 1000


def compare(name: str, tree: ProviderTree, last_pass: LastPass, repeats: int) -> None:
    there = dict(last_pass.providers)

    def planned() -> tuple[ObservedTree, Plan]:
        observed = observe(there, tree, last_pass)
        plan = limit_removals(make_plan(tree, observed, last_pass), observed, Limits(force=True))
        return observed, tell_drift(plan, observed, last_pass)

    observed, plan = planned()
    facts = Facts(tree, observed, last_pass)
    found = judge(plan, facts)
    # in turns, so that a slower moment of the machine is one for both
    times = [(took(planned), took(lambda: judge(plan, facts))) for _ in range(repeats)]
    making, judging = map(min, zip(*times, strict=True))
    size = f"{len(plan.actions):>7} {making:>9.1f} {judging:>9.1f} {judging / making:>6.2f}"
    print(f"{name:<34} {size}{'  breaches: ' + str(len(found)) if found else ''}")


def main() -> None:
    repeats = int(sys.argv[1]) if sys.argv[1:] else 30
    print(f"{'':<34} {'actions':>7} {'plan ms':>9} {'judge ms':>9} {'ratio':>6}")
    hosts = {
        "64 plain": plain(64),
        "256 plain": plain(256),
        "16 PFs with 64 VFs": cards(16, 64),
        "64 PFs with 16 VFs": cards(64, 16),
    }
    for name, snapshot in hosts.items():
        tree, other = wanted(snapshot, "ONE"), wanted(snapshot, "OTHER")
        last_pass = synced(tree)
        compare(f"{name}: the first pass", tree, LastPass(), repeats)
        compare(f"{name}: nothing to do", tree, last_pass, repeats)
        compare(f"{name}: another class", other, last_pass, repeats)
        compare(f"{name}: nothing is listed", ProviderTree(()), last_pass, repeats)


main()
