"""All claims on this host that anybody knows of, a line for each device."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pci_placement import identity
from pci_placement.claims.answer import ClaimedDevice
from pci_placement.claims.facts import Wanted
from pci_placement.model import ClaimRecord, ConsumerUuid, ResourceClass

from .claim_facts import Asked


class ClaimState(StrEnum):
    """What is known of a claim: who holds which device, that nobody asked, or that it has ended."""

    ASSIGNED = "assigned"
    UNASSIGNED = "unassigned"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Unassigned:
    """One device that a consumer has claimed, and nobody has asked which."""

    consumer: ConsumerUuid
    provider: str
    resource_class: ResourceClass


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """One device of a claim; state is None where Placement did not say whether it still is."""

    device: ClaimedDevice | Unassigned
    state: ClaimState | None = None


def claim_lines(
    given: Sequence[ClaimedDevice], record: ClaimRecord, asked: Asked
) -> Iterator[ClaimLine]:
    """What was given, by consumer, and then what nobody has asked about."""
    claims = asked.all_claims()
    stale = {
        who
        for who in record.given
        if who not in claims and asked.is_over(asked.client.claims_of(who))
    }
    for each in given:
        state = ClaimState.STALE if each.consumer in stale else ClaimState.ASSIGNED
        yield ClaimLine(each, state)
    for who in sorted(claims.keys() - record.given.keys()):
        yield from _unassigned(who, claims, asked.here.name)


def _unassigned(
    who: ConsumerUuid, claims: Mapping[ConsumerUuid, Wanted], root_name: str
) -> Iterator[ClaimLine]:
    for key, amount in sorted(claims[who].items()):
        name = identity.provider_name(root_name, key.provider)
        line = ClaimLine(Unassigned(who, name, key.resource_class), ClaimState.UNASSIGNED)
        yield from [line] * amount
