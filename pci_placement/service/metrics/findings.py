"""What the last good pass found and left, as numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from pci_placement import names
from pci_placement.agent import Pass, PassAnswer
from pci_placement.desired import Desired
from pci_placement.identity import is_ours
from pci_placement.model import ObservedProvider, ProviderUuid, ResourceClass, State, Trait
from pci_placement.passes.values import PlannedPass

from .catalogue import Numbers, Sample


def ours(made: Pass) -> dict[ProviderUuid, ObservedProvider]:
    """Our providers as a pass left them."""
    there = made.report.last_pass.providers
    return {uuid: have for uuid, have in there.items() if is_ours(have)}


def of_answer(answer: PassAnswer) -> Numbers:
    """All that a pass found, but for what is used; nothing but why, where none was made."""
    standing = {Sample("retired"): float(bool(answer.standing.retired_since))}
    return standing | (_of_pass(answer.made) if answer.made else {})


def _of_pass(made: Pass) -> dict[Sample, float]:
    planned = made.report.planned
    return {
        Sample("last_full_read_timestamp_seconds"): made.report.last_pass.read_at,
        **of_host(planned.host),
        **_of_plan(planned),
        **of_providers(ours(made).values()),
    }


def of_host(host: Desired) -> Numbers:
    """Its functions, by the class under which they are offered and what became of them."""
    classes = {a: name for p in host.tree.providers for a, name in p.addresses.items()}
    found = Counter(
        (str(classes.get(device.address, "")), host.state_of(device).value)
        for device in host.snapshot.devices
    )
    found["", State.UNREADABLE.value] += len(host.snapshot.unreadable)
    found["", State.HELD.value] += 0  # told also where there is none
    return {Sample("devices", labels): float(number) for labels, number in found.items()}


def _of_plan(planned: PlannedPass) -> Numbers:
    tree, plan = planned.host.tree, planned.plan
    return {
        Sample("held_cards"): float(len(tree.held)),
        Sample("not_ours_cards"): float(len(tree.not_ours)),
        Sample("blocked_providers"): float(len(plan.blocked)),
        Sample("withheld_removals"): float(len(plan.withheld)),
    }


def of_providers(providers: Iterable[ObservedProvider]) -> Numbers:
    """How many there are, and what they offer."""
    there = list(providers)
    total, reserved = Counter[ResourceClass](), Counter[ResourceClass]()
    for have in there:
        for name in counted_classes(have):
            total[name] += have.inventories[name].total
            reserved[name] += have.inventories[name].reserved
    return {
        Sample("providers"): float(len(there)),
        Sample("draining_providers"): _carrying(names.DRAINING, there),
        Sample("drained_providers"): _carrying(names.DRAINED, there),
        **{Sample("inventory_total", (name,)): float(n) for name, n in total.items()},
        **{Sample("inventory_reserved", (name,)): float(n) for name, n in reserved.items()},
    }


def counted_classes(have: ObservedProvider) -> Iterable[ResourceClass]:
    """The classes of a provider that count devices: slots are none."""
    return (name for name in have.inventories if name != names.SLOT)


def _carrying(trait: Trait, providers: Iterable[ObservedProvider]) -> float:
    return float(sum(trait in have.traits for have in providers))
