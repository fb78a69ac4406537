"""A plan in a line: how much is to be made and taken away, and what may be claimed afterwards."""

from __future__ import annotations

from collections import Counter

from pci_placement import names
from pci_placement.model import Plan, Providers, ResourceClass

from .effect import carry_over

VERBS = {
    "create_provider": "create",
    "delete_provider": "delete",
    "drain": "drain",
    "undrain": "undrain",
    "reshape": "reshape",
    "move_provider": "move",
    "rename_provider": "rename",
}
"""What is worth a number. Traits and inventories are what these are about."""
MORE, LESS = "{} {} more on offer", "{} {} no longer on offer"


def summary(plan: Plan, before: Providers) -> str:
    """Say what a plan does to the providers and to what can be claimed; "" where nothing is."""
    counts = Counter(VERBS[a.verb] for a in plan.actions if a.verb in VERBS)
    acts = [f"{counts[verb]} to {verb}" for verb in VERBS.values() if counts[verb]]
    now = dict(before)
    for action in plan.actions:
        carry_over(action, now)
    changes = _changes(_on_offer(before), _on_offer(now))
    told = ", ".join(acts) or (f"{len(plan.actions)} to change" if plan.actions else "")
    return ": ".join(filter(None, (told, ", ".join(changes))))


def _on_offer(providers: Providers) -> Counter[ResourceClass]:
    """How much of each class is there and not reserved, used or not."""
    found: Counter[ResourceClass] = Counter()
    for have in providers.values():
        for name, inventory in have.inventories.items():
            if name != names.SLOT:
                found[name] += inventory.total - inventory.reserved
    return found


def _changes(before: Counter[ResourceClass], after: Counter[ResourceClass]) -> list[str]:
    classes = sorted({*before, *after})
    gained = [(name, after[name] - before[name]) for name in classes]
    return [
        (MORE if more > 0 else LESS).format(abs(more), name) for name, more in gained if more != 0
    ]
