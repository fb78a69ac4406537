"""Why no node fits: ask Placement for one device with less and less of what is asked for.

The number of requests is bounded, whatever the size of the cloud: see `explain`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial

from pci_placement import names
from pci_placement.mapping.request import MICROVERSION, RequestGroup, query, single_groups
from pci_placement.mapping.usage import Usages
from pci_placement.model import PciAlias, PciAliasUsage, ResourceClass, Trait
from pci_placement.placement import CandidateProvider, Client, Cloud

from .combined import combined
from .count import too_many
from .relax import relaxations
from .room import has_room
from .taken import LOOKED_AT, taken
from .wish import Finding, Wish

__all__ = ["LOOKED_AT", "Finding", "explain", "has_room"]

_Asked = tuple[PciAliasUsage, RequestGroup]
_Look = Callable[[PciAliasUsage, RequestGroup], tuple[Wish, Sequence[Finding]]]


def explain(
    client: Client,
    alternatives: Iterable[Usages],
    aliases: Sequence[PciAlias],
    exclusive: bool,
    together: bool = False,
) -> list[Finding]:
    """Say which constraint empties the answer to a request, or that nothing does.

    Of alternatives (as `parse_alternatives` gives them) each is gone through, up to the first that
    fits. Sends 2 requests for names, at most 5 + 7 × `LOOKED_AT` for each different wish, and 3 at
    the end of each alternative (and 1 before the first, to agree on a microversion). Each is for
    one device: on a wide node one for several can take Placement minutes, and how many are free on
    a provider tells the same.
    """
    cloud = Cloud(client)
    asked = [
        list(zip(usages, single_groups(usages, aliases, exclusive), strict=True))
        for usages in alternatives
    ]
    unknown = cloud.unknown_names(*_names(group for wishes in asked for _, group in wishes))
    look = cache(partial(_look, cloud, aliases, together))
    found: list[Finding] = []
    for wishes in asked:
        found += _explained(cloud, wishes, unknown, look)
        if found[-1].fits:
            break
    return list(dict.fromkeys(found))


def _names(groups: Iterable[RequestGroup]) -> tuple[frozenset[ResourceClass], frozenset[Trait]]:
    groups = list(groups)
    classes = {name for group in groups for name in group.resources}
    traits = {trait for group in groups for trait in (*group.required, *group.forbidden)}
    return frozenset(classes), frozenset(traits)


def _explained(
    cloud: Cloud, wishes: Sequence[_Asked], unknown: frozenset[str], look: _Look
) -> Sequence[Finding]:
    """What is in the way of one alternative; at least one finding."""
    text = ",".join(str(usage) for usage, _ in wishes)
    classes, traits = _names(group for _, group in wishes)
    if missing := unknown & (classes | traits):
        return [Finding(text, "nothing", 0, _never_reported(missing))]
    looked_at = [look(*wish) for wish in wishes]
    alone = [finding for _, findings in looked_at for finding in findings]
    return alone or [combined(cloud, text, [wish for wish, _ in looked_at])]


def _never_reported(unknown: frozenset[str]) -> str:
    hint = "; pf_vf_exclusive is set here, but on no agent" if names.SLOT in unknown else ""
    return f"no agent of this cloud has reported {', '.join(sorted(unknown))}{hint}"


def _look(
    cloud: Cloud,
    aliases: Sequence[PciAlias],
    together: bool,
    usage: PciAliasUsage,
    group: RequestGroup,
) -> tuple[Wish, Sequence[Finding]]:
    """A wish with what is free, and what stands in its way by itself."""
    wish = Wish(usage, group, together, _offers(cloud, group))
    return wish, tuple(_alone(cloud, wish, aliases))


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
