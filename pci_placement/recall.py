"""What a pass leaves for the next one to rely on."""

from __future__ import annotations

from collections.abc import Mapping

from . import names
from .errors import ReshapeForbidden
from .model import Ledger, Matching, ObservedProvider, ObservedTree, Plan, ProviderTree, Remembered
from .model.memory import UNKNOWN
from .placement.after import after
from .placement.apply import Outcome


def remember(
    matching: Matching,
    tree: ProviderTree,
    observed: ObservedTree,
    plan: Plan,
    outcome: Outcome,
    before: Remembered,
) -> Remembered:
    """What is known once a plan for the matched devices has been carried out."""
    entry_traits = {t for match in matching.matches for t in match.entry.tags.traits}
    providers = after(observed.providers, outcome)
    # of those that no entry gives any more some may be there: on held cards, say
    there = {trait for provider in providers.values() for trait in provider.traits}
    unsure = outcome.stopped or outcome.failed
    entry_traits |= before.traits if unsure else before.traits & there
    return Remembered(
        root=observed.root,
        keys=frozenset({p.key for p in tree.providers} | set(observed.keys.values())),
        kinds=kinds(matching),
        traits=frozenset(entry_traits),
        providers=providers,
        ledger=_sure(observed, plan, providers, before.ledger),
        may_reshape=before.may_reshape and not isinstance(outcome.stopped, ReshapeForbidden),
        read_at=before.read_at,
    )


def kinds(matching: Matching) -> dict[str, str]:
    """What each offered function is, and what those of its card are.

    Both, because a VF without its link to the PF looks like a plain device at the same address.
    """
    found: dict[str, set[str]] = {}
    for match in matching.matches:
        for address in (match.device.address, match.device.card_addr):
            found.setdefault(str(address), set()).add(match.device.dev_type.value)
    return {address: " ".join(sorted(types)) for address, types in found.items()}


def _sure(
    observed: ObservedTree, plan: Plan, providers: Mapping[str, ObservedProvider], before: Ledger
) -> Ledger:
    """What the inventories count; of providers that could not be written what was known before."""
    unread = {uuid for uuid, have in providers.items() if have.generation == UNKNOWN}
    unsure = {key for key, _ in before if names.provider_uuid(observed.root.uuid, key) in unread}
    new = {place: c for place, c in plan.ledger.items() if place[0] not in unsure}
    return {**new, **{place: c for place, c in before.items() if place[0] in unsure}}
