"""What a pass with nothing to do rested on: while that stays, the next one has nothing to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pci_placement.model import ListedProvider, ObservedTree, ProviderUuid
from pci_placement.quiet.told import digest_of_answers

from .answers import Pass, PassAnswer
from .one_pass import Agent


@dataclass(frozen=True, slots=True)
class Basis:
    """What Placement and this host said to a pass.

    host and answers are digests; of the providers in ours the generations count, and who uses those
    that are asked. full_at is when all is to be read again, in seconds since 1970.
    """

    root: ProviderUuid
    ours: tuple[ProviderUuid, ...]
    asked: tuple[ProviderUuid, ...]
    host: str
    answers: str
    full_at: float


def basis_of(agent: Agent, answer: PassAnswer) -> Basis | None:
    """On what a pass rested; None where another one would have something to do."""
    made = answer.made
    if made is None or not _is_over(answer, made) or agent.left_behind():
        return None
    planned = made.report.planned
    observed = planned.observed
    asked = _asked(observed)
    return Basis(
        root=observed.root.uuid,
        ours=tuple(sorted(observed.keys)),
        asked=asked,
        # of the host what the pass saw counts, whatever it has become meanwhile
        host=planned.host.snapshot.digest,
        answers=digest_of_answers(
            map(_line, observed.listed),
            observed.keys.keys(),
            {uuid: observed.providers[uuid].consumers for uuid in asked},
        ),
        full_at=agent.memory.full_sync_at(observed.root.uuid, made.report.last_pass),
    )


def _is_over(answer: PassAnswer, made: Pass) -> bool:
    """Whether the same pass again, with what this one leaves, would do nothing.

    Below a root that nobody owns it depends on the root's generation, which is not looked at here.
    """
    plan = made.report.planned.plan
    owned = plan.forsaken_at is None
    return made.unchanged and owned and not answer.retires and not plan.actions


def _asked(observed: ObservedTree) -> tuple[ProviderUuid, ...]:
    """The providers whose consumers were asked for: a release moves no generation."""
    providers = observed.providers.items()
    return tuple(sorted(u for u, h in providers if h.consumers is not None and not h.unused))


def _line(line: ListedProvider) -> Mapping[str, object]:
    return {
        "uuid": line.uuid,
        "name": line.name,
        "parent_provider_uuid": line.parent,
        "generation": line.generation,
    }
