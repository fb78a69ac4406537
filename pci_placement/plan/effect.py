"""What Placement has after a plan was carried out, without asking again."""

from __future__ import annotations

from dataclasses import replace

from pci_placement.model import Action, ObservedProvider, Outcome, Providers, ProviderUuid, Result
from pci_placement.model.last_pass import REREAD


def after(before: Providers, outcome: Outcome) -> dict[ProviderUuid, ObservedProvider]:
    """Carry the actions that were done over to what was read before them.

    A provider on which an action was not done, or not to its end, keeps what was read before and
    loses its generation: it is to be read again.
    """
    providers = dict(before)
    unsure = unfinished(outcome)
    for done in outcome.results:
        if not done.action.changes() & unsure:
            carry_over(done.action, providers)
    return {
        uuid: replace(provider, generation=_generation(provider, outcome, unsure))
        for uuid, provider in providers.items()
    }


def carry_over(action: Action, providers: dict[ProviderUuid, ObservedProvider]) -> None:
    """Let an action change the providers as it would in Placement."""
    for uuid, changed in action.effect(providers).items():
        if changed is None:
            del providers[uuid]
        else:
            providers[uuid] = changed


def unfinished(outcome: Outcome) -> set[ProviderUuid]:
    """The providers on which not everything was done, and those that were changed with them.

    What a reshape did to several is not known of one alone.
    """
    unsure = {
        uuid
        for done in outcome.results
        if done.result is not Result.DONE
        for uuid in done.action.changes()
    }
    together = [done.action.changes() for done in outcome.results]
    return unsure.union(*(changed for changed in together if changed & unsure))


def _generation(provider: ObservedProvider, outcome: Outcome, unsure: set[ProviderUuid]) -> int:
    if provider.uuid in unsure:
        return REREAD
    return outcome.generations.get(provider.uuid, provider.generation)
