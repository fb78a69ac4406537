"""What a pass leaves for the next one to rely on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from pci_placement import identity
from pci_placement.errors import ReshapeForbidden
from pci_placement.model import (
    Begun,
    Counted,
    InventoryKey,
    LastPass,
    Ledger,
    Matching,
    ObservedProvider,
    ObservedTree,
    PciAddress,
    Plan,
    ProviderKey,
    Providers,
    ProviderTree,
    ProviderUuid,
    Root,
    Trait,
)
from pci_placement.model.outcome import Done, Outcome, Result
from pci_placement.names import ONE_TIME_USE
from pci_placement.plan.effect import after, unfinished
from pci_placement.plan.past import as_counted


def begin(tree: ProviderTree, observed: ObservedTree, plan: Plan, before: LastPass) -> LastPass:
    """What is to be known should a plan be cut off: how things are, and what it would leave."""
    expected = after(observed.providers, Outcome(tuple(Done(a, Result.DONE) for a in plan.actions)))
    totals = {
        InventoryKey(key, name): inventory.total
        for key in {key for key, _ in plan.ledger}
        if (have := expected.get(identity.provider_uuid(observed.root.uuid, key)))
        for name, inventory in have.inventories.items()
    }
    awaited = _awaited(before, {key for key, _ in before.begun}, observed.providers, plan.ledger)
    providers = _as_counted(observed.providers, observed.providers, observed, before)
    return replace(
        before,
        root=observed.root,
        reread=False,
        keys=before.keys | {key for key, _ in plan.ledger} | set(observed.keys.values()),
        providers=awaited | _with_uses(providers, tree, observed, before),
        ledger={**before.ledger, **plan.as_is},
        forsaken_at=plan.forsaken_at,
        begun=_emptied(observed, expected)
        | {place: Begun(totals[place], c) for place, c in plan.ledger.items() if place in totals},
    )


def _emptied(observed: ObservedTree, expected: Providers) -> dict[InventoryKey, Begun]:
    """What is to count nothing: its traits may tell already of another card that came."""
    return {
        InventoryKey(observed.keys[uuid], name): Begun(0, Counted(frozenset()))
        for uuid, have in observed.providers.items()
        if (left := expected.get(uuid)) and not left.inventories
        for name in have.inventories
    }


def remember(
    matching: Matching,
    kinds: Mapping[str, str],
    tree: ProviderTree,
    observed: ObservedTree,
    plan: Plan,
    outcome: Outcome,
    before: LastPass,
) -> LastPass:
    """What is known once a plan for the matched devices, of these kinds, has been carried out."""
    left = _half_swapped(tree, observed, plan, before)
    providers = _as_counted(
        after(observed.providers, outcome), unfinished(outcome) | left, observed, before
    )
    providers = _with_uses(providers, tree, observed, before)
    unsure = _unwritten(outcome, observed.root, {key for key, _ in (*before.ledger, *before.begun)})
    unsure |= {observed.keys[uuid] for uuid in left}
    awaited = _awaited(before, unsure, providers, plan.ledger)
    return replace(
        before,
        root=observed.root,
        keys=frozenset({p.key for p in tree.providers} | set(observed.keys.values())),
        kinds=kinds,
        traits=_of_entries(matching, providers, outcome, before),
        providers=awaited | providers,
        ledger={p: c for p, c in plan.ledger.items() if p[0] not in unsure}
        | {p: c for p, c in before.ledger.items() if p[0] in unsure}
        | {p: c for p, c in before.ledger.items() if awaited and _uuid(before, p) in awaited},
        begun={p: b for p, b in before.begun.items() if p[0] in unsure},
        withheld_of=plan.withheld_of,
        forsaken_at=plan.forsaken_at,
        may_reshape=before.may_reshape
        and not (outcome.forbidden or isinstance(outcome.stopped, ReshapeForbidden)),
    )


def _of_entries(
    matching: Matching,
    providers: Mapping[ProviderUuid, ObservedProvider],
    outcome: Outcome,
    before: LastPass,
) -> frozenset[Trait]:
    """The traits that entries give, and those that they gave and that may still be there."""
    given = {trait for match in matching.matches for trait in match.entry.tags.traits}
    # of those that no entry gives any more some may be there: on held cards, say
    there = {trait for provider in providers.values() for trait in provider.traits}
    failed = outcome.stopped or outcome.failed
    return before.traits.intersection(before.traits if failed else there) | given


def _awaited(
    before: LastPass, unsure: Collection[ProviderKey], there: Providers, ledger: Ledger
) -> dict[ProviderUuid, ObservedProvider]:
    """The providers that are gone, with what was reserved of devices that were to go elsewhere.

    Whether the others were written that are to reserve them now is not known of those in unsure.
    """
    takers = (c.devices for place, c in ledger.items() if place.provider in unsure)
    devices: frozenset[PciAddress] = frozenset().union(*takers)
    from_there = {_uuid(before, p) for p, c in before.ledger.items() if c.devices & devices}
    return {
        uuid: have
        for uuid, have in before.providers.items()
        if uuid in from_there and uuid not in there and have.reserves
    }


def _uuid(known: LastPass, place: InventoryKey) -> ProviderUuid | None:
    root = known.root
    return identity.provider_uuid(root.uuid, place.provider) if root else None


def _half_swapped(
    tree: ProviderTree, observed: ObservedTree, plan: Plan, before: LastPass
) -> set[ProviderUuid]:
    """The providers that a pass left with the traits of one card and the inventories of another.

    Only where nothing was to be done to them, because nothing may: else that has ended.
    """
    changed = {uuid for action in plan.actions for uuid in action.changes()}
    aside = {*tree.held, *tree.not_ours}
    return {
        uuid
        for uuid, have in observed.providers.items()
        if uuid not in changed
        and identity.card_of_key(observed.keys[uuid]) in aside
        and as_counted(have, observed.keys[uuid], before) is not have
    }


def _as_counted(
    providers: Mapping[ProviderUuid, ObservedProvider],
    unsure: Collection[ProviderUuid],
    observed: ObservedTree,
    before: LastPass,
) -> dict[ProviderUuid, ObservedProvider]:
    """The providers; those that are not sure with the traits of what they count."""
    return {
        uuid: as_counted(have, observed.keys[uuid], before) if uuid in unsure else have
        for uuid, have in providers.items()
    }


def _with_uses(
    providers: Mapping[ProviderUuid, ObservedProvider],
    tree: ProviderTree,
    observed: ObservedTree,
    before: LastPass,
) -> dict[ProviderUuid, ObservedProvider]:
    """The providers; those for one-time use of cards that are held keep the generation of before.

    A use while the card is held is to be seen when that ends, by a generation that moved.
    """
    untouched = {
        uuid: before.providers[uuid].generation
        for uuid, key in observed.keys.items()
        if identity.card_of_key(key) in tree.held
        and uuid in before.providers
        and uuid in providers
        and ONE_TIME_USE in providers[uuid].traits
    }
    return {
        uuid: replace(have, generation=untouched.get(uuid, have.generation))
        for uuid, have in providers.items()
    }


def _unwritten(outcome: Outcome, root: Root, keys: set[ProviderKey]) -> set[ProviderKey]:
    """The keys of providers of which nobody knows what they are now."""
    unsure = unfinished(outcome)
    return {key for key in keys if identity.provider_uuid(root.uuid, key) in unsure}
