"""One sentence of a pass, for `systemctl status`."""

from __future__ import annotations

from datetime import datetime

from pci_placement.agent import Pass, PassAnswer
from pci_placement.agent.telling import DISABLED
from pci_placement.text.counts import counted

STARTING = "no pass yet"
RETIRED = "retired at {}: {} of our providers left"
OFFERED = "{} in {}"
LAST = "{}; last pass {}"
FAILED_SINCE = "no pass since {}: {}"


def sentence(answer: PassAnswer) -> str:
    """What a pass left, with counts."""
    made, since = answer.made, answer.standing.retired_since
    if made is None:
        return DISABLED
    if since:
        return RETIRED.format(since, len(made.report.last_pass.providers))
    return "; ".join([_offered(made), *_not_offered(made)])


def at(when: datetime) -> str:
    """A time of today, as the log has it."""
    return when.strftime("%H:%M:%SZ")


def _offered(made: Pass) -> str:
    providers = made.report.planned.host.tree.providers
    devices = sum(len(provider.addresses) for provider in providers)
    return OFFERED.format(counted(devices, "device"), counted(len(providers), "provider"))


def _not_offered(made: Pass) -> list[str]:
    tree, plan = made.report.planned.host.tree, made.report.planned.plan
    counts = {
        "held": len(tree.held),
        "not ours to give": len(tree.not_ours),
        "held back": len(plan.blocked),
        "not removed": len(plan.withheld),
    }
    return [f"{number} {what}" for what, number in counts.items() if number]
