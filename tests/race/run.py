"""One run: acts on a node of its own each, with a verdict over all of them."""

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from support.daemons import PATIENCE

from pci_placement import identity
from pci_placement.model import ObservedProvider, ProviderTree, Root
from pci_placement.passes.values import PassReport
from pci_placement.placement import RootWanted

from .account import Account
from .host import Look, script
from .judge import Judge
from .passes import CommandPasses, LibraryPasses, Passes
from .scheduler import Watcher, Worker, client_of
from .world import World

QUIET_PASSES = 10
"""Passes in which a host that keeps still must come to rest."""

SEEN = 0.6
"""How many of the steps wait until the one before has been carried out."""
LONGEST_WAIT = 5.0

ACTS = {"PF or its VFs": Look(), "PF and its VFs, exclusively": Look(exclusive=True, qat_vfs=4)}


@dataclass(frozen=True, slots=True)
class Act:
    """What became of one act."""

    name: str
    seed: int
    account: Account
    judge: Judge
    steps: int
    seconds: float

    @property
    def faults(self) -> list[str]:
        """What must not have been, and what did not happen at all."""
        idle = [
            f"nothing was tried: no {what}"
            for what, number in (
                ("claim", self.account.of("claims", "granted")),
                ("release", self.account.of("claims", "released")),
                ("pass that was done", self.account.of("passes", "done", "done in part")),
                ("pass of the command", self.account.of("commands")),
                ("step", self.steps),
            )
            if not number
        ]
        return [*self.judge.faults, *idle]

    def story(self) -> Iterator[str]:
        """All that happened, in order."""
        yield from (f"{self.name}: {line}" for line in self.account.story())

    def lines(self) -> Iterator[str]:
        """The report."""
        count = self.account.of
        conflicts = count("claims", "409 concurrent update", "409 stale candidate")
        yield (
            f"{self.name}: {count('claims', 'granted')} claims, {conflicts} conflicts, "
            f"{count('passes') + count('commands')} passes, {self.steps} steps in "
            f"{self.seconds:.0f} s (seed {self.seed})"
        )
        yield f"  claims:   {self.account.told('claims')}; at most {self.judge.peak} at a time"
        yield f"  passes:   {self.account.told('passes')}; {self.account.told('passes resolved')}"
        yield f"  commands: {self.account.told('commands')}"
        yield f"  checks:   {self.account.told('checks')}"
        for fault in self.faults:
            yield f"  FAULT:    {fault}"


def run_all(
    urls: Sequence[str],
    folder: Path,
    seconds: float,
    workers: int,
    seed: int,
    say: Callable[[str], None],
    story: Path | None = None,
) -> bool:
    """Run every act, say what became of it, and give whether all is well."""
    acts = []
    for number, (name, look) in enumerate(ACTS.items()):
        act = _Stage(urls, folder / str(number), name, look, workers, seed + number)
        acts.append(act.play(seconds / len(ACTS)))
        for line in acts[-1].lines():
            say(line)
    if story:
        story.write_text("\n".join(line for act in acts for line in act.story()))
    faults = sum(len(act.faults) for act in acts)
    say(f"verdict: {f'{faults} faults' if faults else 'never over-committed, nothing lost'}")
    return not faults


class _Stage:
    """A compute node in Placement, its host, and everybody who acts on them."""

    def __init__(
        self,
        urls: Sequence[str],
        folder: Path,
        name: str,
        look: Look,
        workers: int,
        seed: int,
    ) -> None:
        folder.mkdir(parents=True)
        self._name, self._seed = name, seed
        self._random = Random(seed)  # noqa: S311  nothing secret, and it must be the same again
        self._client = client_of(urls[0])
        self._world = World(folder, _compute_node(self._client, self._seed), urls[0], look)
        self._account = Account()
        self._judge = Judge(self._world, self._account, self._placement_has)
        self._passes = Passes(self._world, self._judge, self._account)
        self._syncs = [
            LibraryPasses(self._passes, self._judge, self._new_random()),
            CommandPasses(
                self._world, self._judge, self._account, self._passes.turn, self._new_random()
            ),
        ]
        self._workers = [
            Worker(self._world, self._judge, self._account, urls[n % len(urls)], self._new_random())
            for n in range(workers)
        ]
        self._watcher = Watcher(self._judge, self._account, urls[-1])

    def _placement_has(self, provider: str) -> str:
        """What Placement has of a provider at this moment, as evidence."""
        url = f"/resource_providers/{provider}"
        inventories = self._client.send("GET", f"{url}/inventories")["inventories"]
        of = {name: (i["total"], i["reserved"]) for name, i in inventories.items()}
        held = self._client.send("GET", f"{url}/allocations")["allocations"]
        return f"Placement has {of}, held { ({c: h['resources'] for c, h in held.items()}) }"

    def _new_random(self) -> Random:
        return Random(self._random.getrandbits(64))  # noqa: S311  as above

    def play(self, seconds: float) -> Act:
        """Change the host under everybody for a while, then let it come to rest."""
        self._passes.run()  # so that there is something to claim from the start
        steps = self._change_under([*self._workers, self._watcher, *self._syncs], seconds)
        self._come_to_rest("while claims are held")
        self._watcher.look()
        for worker in self._workers:
            worker.release_all()
        # forced: how much a pass may remove depends on how many steps it saw at once
        report = self._come_to_rest("when all is released", force=True)
        if report:
            self._compare(report)
        spent = time.monotonic() - self._account.began
        return Act(self._name, self._seed, self._account, self._judge, steps, spent)

    def _change_under(self, threads: Sequence, seconds: float) -> int:
        for thread in threads:
            thread.start()
        try:
            return self._steps(time.monotonic() + seconds)
        finally:
            for thread in threads:
                thread.stop.set()
            for thread in threads:
                self._end(thread)

    def _end(self, thread) -> None:
        thread.join(PATIENCE)
        if thread.is_alive():
            self._judge.fault(f"{type(thread).__name__} does not end")
        if thread.crash:
            self._judge.fault(f"{type(thread).__name__} failed: {thread.crash!r}")

    def _steps(self, end: float) -> int:
        steps, last = 0, end + PATIENCE
        for what, look in script(self._random, self._world.look):
            self._wait(end)
            if time.monotonic() >= end:
                if (steps and self._account.of("claims", "granted")) or end >= last:
                    break
                end += 1.0  # a busy machine needs longer until there is something to judge
            in_place = self._random.random() < 0.5
            self._account.note(f"step: {what}{' in place' if in_place else ''}: {look}")
            self._world.change(look, in_place)
            steps += 1
        return steps

    def _wait(self, end: float) -> None:
        """Let time pass until the next step; mostly until a pass has seen the last one."""
        time.sleep(max(0.0, min(self._random.uniform(0.0, 1.0), end - time.monotonic())))
        if self._random.random() < SEEN:
            end = min(end, time.monotonic() + LONGEST_WAIT)
            while self._judge.seen < self._world.settled and time.monotonic() < end:
                time.sleep(0.02)

    def _come_to_rest(self, when: str, force: bool = False) -> PassReport | None:
        """Make passes until one has nothing to do."""
        report = None
        for _ in range(QUIET_PASSES):
            report = self._passes.run(force)
            if report and not report.outcome.results:
                return report
        told = report.outcome.results if report else "none was carried out"
        self._judge.fault(f"{QUIET_PASSES} passes did not come to rest {when}; the last: {told}")
        return None

    def _compare(self, report: PassReport) -> None:
        """Everything of this host is there, free, and nothing else."""
        root = self._world.root
        tree = self._world.tree(self._world.settled)
        everything = {provider.uuid: "" for provider in report.planned.observed.listed}
        observed = self._client.observe(RootWanted(root.name, root.uuid), _keys(tree, report))
        observed = self._client.with_consumers(observed, observed.providers)
        wanted = {identity.provider_uuid(root.uuid, p.key): p for p in tree.providers}
        for uuid_ in set(everything) - {root.uuid} - set(wanted):
            self._judge.fault(f"a provider is left over: {observed.providers.get(uuid_, uuid_)}")
        for uuid_, provider in wanted.items():
            self._compare_one(provider, observed.providers.get(uuid_))

    def _compare_one(self, wanted, have: ObservedProvider | None) -> None:
        if have is None:
            self._judge.fault(f"a provider is missing: {wanted.key}")
            return
        if have.inventories != wanted.inventories or have.traits != wanted.traits or have.used:
            self._judge.fault(
                f"{have.name} has {dict(have.inventories)}, {sorted(have.traits)}, "
                f"used {have.used}; wanted {dict(wanted.inventories)}, {sorted(wanted.traits)}"
            )


def _keys(tree: ProviderTree, report: PassReport) -> set[str]:
    return {provider.key for provider in tree.providers} | set(report.last_pass.keys)


def _compute_node(client, seed: int) -> Root:
    """Register a compute node as zun-compute does."""
    root = Root(str(uuid.uuid4()), f"node-{seed}")
    client.send("POST", "/resource_providers", {"uuid": root.uuid, "name": root.name})
    cpus = {"total": 64, "max_unit": 64, "allocation_ratio": 16.0}
    body = {"resource_provider_generation": 0, "inventories": {"VCPU": cpus}}
    client.send("PUT", f"/resource_providers/{root.uuid}/inventories", body)
    return root
