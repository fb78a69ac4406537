"""Why no node fits: relax one constraint of a request at a time and ask Placement again.

The number of requests is bounded: a few for each wish, and three for each of at most `LOOKED_AT`
providers where all devices of a kind are taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from . import names
from .mapping.request import MICROVERSION, RequestGroup, query, translate
from .model import ObservedProvider, PciAlias, PciAliasUsage, Trait
from .placement import Client

LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """What was asked for with one constraint less, how many devices that finds free, and why."""

    wish: str
    relaxed: str
    free: int
    meaning: str


@dataclass(frozen=True, slots=True)
class _Wish:
    """One part of a request, as a group for one device, and where such devices are free."""

    usage: PciAliasUsage
    group: RequestGroup
    free: Mapping[str, int]

    @property
    def roots(self) -> set[str]:
        """The nodes that have enough."""
        return {root for root, free in self.free.items() if free >= self.usage.count}


def explain(
    client: Client, usages: Sequence[PciAliasUsage], aliases: Sequence[PciAlias], exclusive: bool
) -> list[Finding]:
    """Say which constraint empties the answer to a request, or that nothing does.

    Only requests for one device are sent: on a wide node one for several can take Placement
    minutes, and how many are free on a node tells the same.
    """
    groups = [translate([usage], aliases, exclusive=exclusive)[0] for usage in usages]
    text = ",".join(map(str, usages))
    unknown = _unknown(client, groups)
    if unknown:
        meaning = f"no agent of this cloud has reported {', '.join(sorted(unknown))}"
        return [Finding(text, "nothing", 0, meaning)]
    pairs = zip(usages, groups, strict=True)
    wishes = [_Wish(usage, group, _free(client, group)) for usage, group in pairs]
    alone = [finding for wish in wishes for finding in _alone(client, wish, aliases)]
    return alone or [_combined(client, text, wishes)]


def _combined(client: Client, text: str, wishes: Sequence[_Wish]) -> Finding:
    """Each wish can be served somewhere: is there a node that has enough for all of them?"""
    roots = set.intersection(*(wish.roots for wish in wishes))
    for name in {wish.group.resource_class for wish in wishes}:
        same = [wish for wish in wishes if wish.group.resource_class == name]
        roots &= _with_enough(client, same)
    total = len(roots)
    if roots:
        return Finding(
            text, "nothing", total, f"nothing is in the way: it is free on {_nodes(total)}"
        )
    return Finding(text, "nothing", 0, "each wish fits on some node, but all of them on none")


def _nodes(count: int) -> str:
    return "1 node" if count == 1 else f"{count} nodes"


def _with_enough(client: Client, same: Sequence[_Wish]) -> set[str]:
    """The nodes that have enough of a class for several wishes that draw on it."""
    free = same[0].free
    if len(same) > 1:
        free = _free(client, replace(same[0].group, required=(), forbidden=()))
    asked = sum(wish.usage.count for wish in same)
    return {root for root, amount in free.items() if amount >= asked}


def _unknown(client: Client, groups: Sequence[RequestGroup]) -> frozenset[str]:
    classes = {name for group in groups for name in group.resources}
    traits = {trait for group in groups for trait in (*group.required, *group.forbidden)}
    return client.unknown_names(classes, traits)


def _free(client: Client, group: RequestGroup) -> dict[str, int]:
    return client.free_by_root(query([group]), group.resource_class, MICROVERSION)


def _alone(client: Client, wish: _Wish, aliases: Sequence[PciAlias]) -> Iterator[Finding]:
    """What stands in the way of one wish by itself; nothing where it could be served."""
    if wish.roots:
        return
    if wish.free:
        yield _too_many(client, wish)
        return
    relaxed = [finding for finding in _relaxed(client, wish) if finding.free]
    yield from relaxed or [_taken(client, wish, aliases)]


def _too_many(client: Client, wish: _Wish) -> Finding:
    """Some are free, but not as many on one node."""
    root, most = max(wish.free.items(), key=lambda pair: pair[1])
    total = sum(wish.free.values())
    where = f"{total} free on {_nodes(len(wish.free))}, {most} on {client.name_of(root)}"
    enough = total >= wish.usage.count
    meaning = f"enough in total, but on no single node: {where}" if enough else f"only {where}"
    return Finding(str(wish.usage), f"the count {wish.usage.count}", total, meaning)


def _relaxed(client: Client, wish: _Wish) -> Iterator[Finding]:
    """Leave out one constraint at a time."""
    group = wish.group
    for trait in group.required:
        rest = tuple(other for other in group.required if other != trait)
        less = replace(group, required=rest)
        yield _finding(client, wish, less, f"required {trait}", f"free devices lack {trait}")
    for trait in group.forbidden:
        rest = tuple(other for other in group.forbidden if other != trait)
        less = replace(group, forbidden=rest)
        yield _finding(client, wish, less, f"forbidden {trait}", f"free devices have {trait}")
    if group.slots:
        less = replace(group, slots=0)
        yield _finding(
            client, wish, less, names.SLOT, "the other kind of the card is in use or reserved"
        )


def _finding(
    client: Client, wish: _Wish, less: RequestGroup, relaxed: str, meaning: str
) -> Finding:
    return Finding(str(wish.usage), relaxed, sum(_free(client, less).values()), meaning)


def _taken(client: Client, wish: _Wish, aliases: Sequence[PciAlias]) -> Finding:
    """No constraint alone does it: look at the providers of the kind themselves."""
    known = _id_traits(wish.usage, aliases)
    if not known:
        meaning = f"no {wish.group.resource_class} is free; the alias has no ids to look them up by"
        return Finding(str(wish.usage), "nothing", 0, meaning)
    providers = client.providers_with(known, LOOKED_AT)
    having = [p for p in providers if wish.group.resource_class in p.inventories]
    return Finding(str(wish.usage), "nothing", 0, _state(having, wish.group))


def _id_traits(usage: PciAliasUsage, aliases: Sequence[PciAlias]) -> list[Trait]:
    return sorted(
        {
            names.id_trait(alias.vendor_id, alias.product_id)
            for alias in aliases
            if alias.name == usage.pci_alias_name and alias.vendor_id and alias.product_id
        }
    )


def _state(providers: Sequence[ObservedProvider], group: RequestGroup) -> str:
    name = group.resource_class
    if not providers:
        return f"no provider of this cloud has an inventory of {name}"
    total = sum(p.inventories[name].total for p in providers)
    used = sum(p.used.get(name, 0) for p in providers)
    reserved = sum(p.inventories[name].reserved for p in providers)
    draining = sum(p.inventories[name].total for p in providers if names.DRAINING in p.traits)
    return (
        f"of {total} {name} on {len(providers)} providers {used} are in use, {reserved} reserved "
        f"({draining} of them on providers that are draining)"
    )
