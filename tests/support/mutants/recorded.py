"""Each pass of a scenario right before its first request, with all that was there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pci_placement.model import LastPass, PciAddress, Plan, ProviderTree
from pci_placement.placement import Client
from pci_placement.plan.check import Facts
from pci_placement.sync import Reconciler

from ..memory import MemoryAdapter, State
from ..placements import Real
from ..scenarios import act, given, load, settings_of, steps


@dataclass(frozen=True)
class Recorded:
    """A plan, what it was made from, and the trees that this host wanted until then.

    given are the devices of consumers, as far as that is written down; spent are devices for
    one-time use that somebody has, or had.
    """

    name: str
    start: State
    plan: Plan
    facts: Facts
    trees: tuple[ProviderTree, ...]
    given: Mapping[str, frozenset[PciAddress]]
    spent: frozenset[str]

    @property
    def tree(self) -> ProviderTree:
        return self.trees[-1]


def record(path: Path, folder: Path) -> Iterator[Recorded]:
    """The passes of a scenario that write something."""
    scenario, adapter = load(path), MemoryAdapter()
    client = Client(adapter)
    real, last_pass = Real(client), LastPass()
    trees: list[ProviderTree] = []
    spent: set[str] = set()
    for number, (step, snapshot, config) in enumerate(steps(scenario), 1):
        act(step, real)
        start, before = adapter.placement.snapshot(), []
        settings = settings_of(folder, config)
        reconciler = Reconciler(
            settings,
            lambda now=snapshot: now,
            client,
            wait=[].append,
            force=step.get("force", False),
            approve=before.append,
        )
        may_reshape = step.get("may_reshape", True)
        last_pass = replace(last_pass, may_reshape=may_reshape, given=given(step))
        report = reconciler.run_once(last_pass)
        planned = before[0]
        trees.append(planned.host.tree)
        spent |= _used_up(planned.host.tree, start)
        if planned.plan.actions:
            facts = Facts(planned.host.tree, planned.observed, last_pass)
            name = f"{path.stem} {number}"
            yield Recorded(
                name, start, planned.plan, facts, tuple(trees), given(step), frozenset(spent)
            )
        last_pass = report.last_pass


def _used_up(tree: ProviderTree, state: State) -> set[str]:
    """The providers of devices for one-time use that are in use."""
    uuids = {uuid: row for uuid, row in state.providers.items() if row.claims}
    once = {p.key for p in tree.providers if p.one_time_use}
    return {uuid for uuid, row in uuids.items() if row.name.rpartition(":pci:")[2] in once}
