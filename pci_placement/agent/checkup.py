"""Whether this node can do its job: one answer a question, each with what to do.

Nothing is changed. Whether the user may write is asked with requests that cannot be carried out:
Placement looks at the role first, and then refuses a body that says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from pci_placement.errors import (
    DiscoveryError,
    ExitCode,
    PciPlacementError,
    RootNotFound,
    Unreachable,
)
from pci_placement.model import Severity, Snapshot
from pci_placement.names import MANAGED
from pci_placement.placement.rights import may_reshape, may_write
from pci_placement.settings import Settings
from pci_placement.text.counts import counted

from .one_pass import Agent
from .telling import held_back, restraints

SEE_VALIDATE = "`pci-placement config validate` says what, and where"
SEE_PLAN = "`pci-placement plan` shows what, and why"
SEE_DEVICES = "`pci-placement device list --all` says which, and why"
GIVE_ROLE = "give the user the role service on its project"
SEE_PLACEMENT = "check the section [placement], or the cloud of --os-cloud"
START = "start pci-placement-agent"
TAKE_AWAY = "take it away: the next pass writes a file there"
REGISTER = "start zun-compute or nova-compute, or set [pci_placement] root_provider_name"
MAKE_WRITABLE = "let the user of the service write there, or set [pci_placement] state_dir"
CANNOT_FOLLOW = "the user may not reshape: claims stay where they are when devices change class"
MAY_NOT_WRITE = "the user may read and not write"


class Health(StrEnum):
    """How an answer is meant: a problem keeps the node from its job, a warning may become one."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Check:
    """One question, its answer, and what to do where that is not well."""

    check: str
    state: Health
    detail: str
    cure: str = ""


@dataclass(frozen=True, slots=True)
class Checkup:
    """All answers; reached tells whether Placement and Keystone gave any."""

    checks: tuple[Check, ...]
    reached: bool = True

    def _has(self, state: Health) -> bool:
        return any(check.state is state for check in self.checks)

    @property
    def exit_code(self) -> ExitCode:
        """How a program ends that asked."""
        if not self.reached:
            return ExitCode.TRY_AGAIN
        return ExitCode.ERROR if self._has(Health.PROBLEM) else ExitCode.DONE

    @property
    def upgrade_code(self) -> ExitCode:
        """As `nova-status upgrade check` ends: the number of an error is a warning's there.

        Source: oslo_upgradecheck/upgradecheck.py, Code.
        """
        if not self.reached:
            return ExitCode.TRY_AGAIN
        if self._has(Health.PROBLEM):
            return ExitCode.USAGE
        return ExitCode.ERROR if self._has(Health.WARNING) else ExitCode.DONE


def examine(
    agent: Agent, look: Callable[[], Snapshot], why_unwritable: str, odd: Sequence[str]
) -> Checkup:
    """Ask everything that can be asked without a write.

    look scans this host; why_unwritable says why state_dir cannot be written, "" where it can,
    and odd what stands there in the place of files and is none.
    """
    quiet = replace(agent, tell=lambda _: None)
    found = [*_here(quiet, look, why_unwritable, odd)]
    reached = True
    try:
        found.extend(_there(quiet))
    except Unreachable as error:
        reached = False
        found.append(_no_way("placement", error))
    return Checkup(tuple(found), reached)


def _here(
    agent: Agent, look: Callable[[], Snapshot], why_unwritable: str, odd: Sequence[str]
) -> Iterator[Check]:
    """What can be told without Placement."""
    yield _config(agent.settings)
    yield from (
        Check("neighbours", Health.WARNING, problem.problem, problem.suggestion)
        for problem in agent.settings.neighbours
    )
    yield _host(look)
    yield _state(agent.settings.state_dir, why_unwritable, odd)
    yield _standing(agent)
    yield _last_pass(agent)


def _state(folder: str, why_unwritable: str, odd: Sequence[str]) -> Check:
    if why_unwritable:
        return Check("state", Health.PROBLEM, why_unwritable, MAKE_WRITABLE)
    if odd:
        return Check("state", Health.PROBLEM, "; ".join(odd), TAKE_AWAY)
    return Check("state", Health.OK, folder)


def _config(settings: Settings) -> Check:
    counts = {s: sum(p.severity is s for p in settings.problems) for s in Severity}
    entries = counted(len(settings.whitelist), "whitelist entry", "whitelist entries")
    told = f"{entries}, {counted(len(settings.aliases), 'alias', 'aliases')}"
    if counts[Severity.ERROR]:
        told = f"{counted(counts[Severity.ERROR], 'error')}: nothing is written"
        return Check("config", Health.PROBLEM, told, SEE_VALIDATE)
    if not settings.whitelist:
        return Check("config", Health.WARNING, "no device is listed", SEE_VALIDATE)
    if counts[Severity.WARNING]:
        told = f"{told}, {counted(counts[Severity.WARNING], 'warning')}"
        return Check("config", Health.WARNING, told, SEE_VALIDATE)
    return Check("config", Health.OK, told)


def _host(look: Callable[[], Snapshot]) -> Check:
    try:
        snapshot = look()
    except DiscoveryError as error:
        return Check("host", Health.PROBLEM, str(error), "see --sysfs")
    told = counted(len(snapshot.devices), "PCI function")
    if snapshot.unreadable:
        told = f"{told}, {len(snapshot.unreadable)} that cannot be read"
        return Check("host", Health.WARNING, told, SEE_DEVICES)
    return Check("host", Health.OK, told)


def _standing(agent: Agent) -> Check:
    try:
        standing = agent.standing()
    except PciPlacementError as error:
        return Check("enabled", Health.PROBLEM, str(error))
    told = "; ".join(restraints(standing))
    return Check("enabled", Health.WARNING if told else Health.OK, told or "sync offers devices")


def _last_pass(agent: Agent) -> Check:
    left = agent.roots.look(agent.roots.remembered()).last_pass
    interval = agent.settings.full_sync_interval
    if left.root is None:
        return Check("last pass", Health.WARNING, "this host remembers none", START)
    if left.begun:
        return Check("last pass", Health.WARNING, "the last one was cut off", SEE_PLAN)
    age = max(0.0, agent.now() - left.read_at)
    told = f"everything was read {counted(round(age / 60), 'minute')} ago"
    # a pass reads everything anew at the latest after 1.25 intervals, if there is one
    late = age > 2 * interval + agent.settings.sync_interval
    return Check("last pass", Health.WARNING if late else Health.OK, told, START if late else "")


def _there(agent: Agent) -> Iterator[Check]:
    """What Placement says; a login that is refused ends it. Raises Unreachable."""
    try:
        client = agent.reconciler().client
        with client.within(agent.settings.pass_timeout):
            client.look_for_newer()
            client.unknown_traits([MANAGED])
            spoken = ".".join(map(str, client.microversion))
            yield Check("login", Health.OK, f"Placement speaks microversion {spoken}")
            can_write, can_reshape = may_write(client), may_reshape(client)
    except Unreachable:
        raise
    except PciPlacementError as error:
        yield _no_way("login", error)
        return
    yield _may("role", can_write, "the user may write", MAY_NOT_WRITE, Health.PROBLEM)
    yield _may("reshaper", can_reshape, "claims can follow", CANNOT_FOLLOW, Health.WARNING)
    yield from _plan(agent)


def _no_way(name: str, error: PciPlacementError) -> Check:
    """Why nothing more can be asked; behind the first semicolon of an error is what to do."""
    told, _, cure = str(error).partition("; ")
    return Check(name, Health.PROBLEM, told, cure or SEE_PLACEMENT)


def _may(name: str, may: bool, well: str, ill: str, how_ill: Health) -> Check:
    return Check(name, Health.OK, well) if may else Check(name, how_ill, ill, GIVE_ROLE)


def _plan(agent: Agent) -> Iterator[Check]:
    """Whether the root is there, and what a pass would do. Raises Unreachable."""
    try:
        planned = agent.preview().planned
    except RootNotFound as error:
        yield Check("root", Health.PROBLEM, str(error), REGISTER)
        return
    except Unreachable:
        raise
    except PciPlacementError as error:
        yield Check("plan", Health.PROBLEM, str(error), SEE_PLAN)
        return
    root = planned.observed.root
    yield Check("root", Health.OK, f"{root.name} ({root.uuid})")
    waiting = len(planned.plan.actions)
    told = "Placement is true to this host"
    if waiting:
        told = counted(waiting, "action waits", "actions wait")
    yield Check("plan", Health.WARNING if waiting else Health.OK, told, SEE_PLAN if waiting else "")
    kept = list(held_back(planned))
    if kept:
        more = f" and {len(kept) - 1} more" if len(kept) > 1 else ""
        yield Check("kept back", Health.WARNING, kept[0] + more, SEE_DEVICES)
