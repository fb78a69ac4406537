"""Why no node fits: ask Placement for one device with less and less of what is asked for.

The number of requests is bounded, whatever the size of the cloud: see `explain`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pci_placement import names
from pci_placement.mapping.request import MICROVERSION, RequestGroup, query, translate
from pci_placement.model import PciAlias, PciAliasUsage
from pci_placement.placement import CandidateProvider, Client, Cloud

from .combined import combined
from .count import too_many
from .relax import relaxations
from .taken import LOOKED_AT, taken
from .wish import Finding, Wish

__all__ = ["LOOKED_AT", "Finding", "explain"]


def explain(
    client: Client,
    usages: Sequence[PciAliasUsage],
    aliases: Sequence[PciAlias],
    exclusive: bool,
    together: bool = False,
) -> list[Finding]:
    """Say which constraint empties the answer to a request, or that nothing does.

    Sends 2 requests for names, at most 4 + 7 × `LOOKED_AT` for each wish, and 3 at the end (and 1
    before the first, to agree on a microversion). Each is for one device: on a wide node one for
    several can take Placement minutes, and how many are free on a provider tells the same.
    """
    cloud = Cloud(client)
    groups = [translate([usage], aliases, exclusive=exclusive)[0] for usage in usages]
    text = ",".join(map(str, usages))
    unknown = _unknown(cloud, groups)
    if unknown:
        return [Finding(text, "nothing", 0, _never_reported(unknown))]
    wishes = [
        Wish(usage, group, together, _offers(cloud, group))
        for usage, group in zip(usages, groups, strict=True)
    ]
    alone = [finding for wish in wishes for finding in _alone(cloud, wish, aliases)]
    return alone or [combined(cloud, text, wishes)]


def _unknown(cloud: Cloud, groups: Sequence[RequestGroup]) -> frozenset[str]:
    classes = {name for group in groups for name in group.resources}
    traits = {trait for group in groups for trait in (*group.required, *group.forbidden)}
    return cloud.unknown_names(classes, traits)


def _never_reported(unknown: frozenset[str]) -> str:
    hint = "; pf_vf_exclusive is set here, but on no agent" if names.SLOT in unknown else ""
    return f"no agent of this cloud has reported {', '.join(sorted(unknown))}{hint}"


def _offers(cloud: Cloud, group: RequestGroup) -> tuple[CandidateProvider, ...]:
    return tuple(cloud.offers(query([group]), MICROVERSION))


def _alone(cloud: Cloud, wish: Wish, aliases: Sequence[PciAlias]) -> Iterator[Finding]:
    """What stands in the way of one wish by itself; nothing where it could be served."""
    if wish.roots:
        return
    if wish.offers:
        yield too_many(cloud, wish)
    if wish.is_constrained:
        yield from relaxations(wish, _offers(cloud, RequestGroup(wish.group.resource_class)))
    if not wish.offers:
        yield from taken(cloud, wish, aliases)
