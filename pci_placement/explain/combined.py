"""Each wish fits on some node by itself: is there one for all of them, and if not, why?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, combinations

from pci_placement.placement import Cloud
from pci_placement.text.counts import counted

from .pack import fits
from .wish import Finding, Wish

_NAMED = 3


def combined(cloud: Cloud, text: str, wishes: Sequence[Wish]) -> Finding:
    """Say on how many nodes all fit, or which wishes do not go together; up to three requests."""
    free_on = roots(wishes)
    if free_on:
        there = f"it is free on {counted(len(free_on), 'node')}"
        free = sum(_free(wishes, root) for root in free_on)
        return Finding(text, "nothing", free, f"nothing is in the way: {there}", fits=True)
    few = next(chosen for chosen in _choices(wishes) if not roots(chosen))
    return Finding(",".join(map(str, few)), "nothing", 0, _why(cloud, few))


def _choices(wishes: Sequence[Wish]) -> Iterator[Sequence[Wish]]:
    """Pairs and threes of wishes, then all of them: more would be too many to go through."""
    yield from chain(combinations(wishes, 2), combinations(wishes, 3), [wishes])


def _common(wishes: Sequence[Wish]) -> set[str]:
    return set.intersection(*(wish.roots for wish in wishes))


def roots(wishes: Sequence[Wish]) -> set[str]:
    """The nodes that have enough for all of them at once."""
    return {root for root in _common(wishes) if fits(wishes, root)}


def _why(cloud: Cloud, wishes: Sequence[Wish]) -> str:
    common = _common(wishes)
    if not common:
        return f"each fits on some node, but no node has all of them: {_where(cloud, wishes)}"
    root = max(sorted(common), key=lambda root: _free(wishes, root))
    return _shared(wishes, root, cloud.name_of(root))


def _where(cloud: Cloud, wishes: Sequence[Wish]) -> str:
    """On which nodes each of the wishes fits; of the first three, one node by name."""
    told = [f"{w} on {_nodes(cloud, w)}" for w in wishes[:_NAMED]]
    told += [f"{w} on {counted(len(w.roots), 'node')}" for w in wishes[_NAMED:]]
    return ", ".join(told)


def _nodes(cloud: Cloud, wish: Wish) -> str:
    first, *more = sorted(wish.roots)
    name = cloud.name_of(first)
    return f"{name} and {counted(len(more), 'other')}" if more else name


def _shared(wishes: Sequence[Wish], root: str, name: str) -> str:
    """Why wishes that fit on a node one by one do not fit there at once."""
    classes = {wish.group.resource_class for wish in wishes}
    asked, free = sum(wish.usage.count for wish in wishes), _free(wishes, root)
    if len(classes) == 1 and asked > free:
        return (
            f"all draw on the same {classes.pop()}: {asked} wanted, at most {free} free on one "
            f"node ({name})"
        )
    providers = _contested(wishes, root)
    if wishes[0].together:
        most = max(wish.on(p) for wish in wishes for p in wish.offers if p.uuid in providers)
        return (
            f"each must come from one provider: on {name} they contend for "
            f"{counted(len(providers), 'provider')} with at most {most} free"
        )
    if len(classes) > 1 and wishes[0].group.slots:
        cards = counted(len(providers), "card")
        return f"a card is given whole or by its VFs: on {name} they contend for {cards}"
    return "each wish fits on some node, but all of them on none"


def _free(wishes: Sequence[Wish], root: str) -> int:
    """How many devices of a node can serve some of the wishes."""
    offers = {p.uuid: w.on(p) for w in wishes for p in w.offers if p.root == root}
    return sum(offers.values())


def _contested(wishes: Sequence[Wish], root: str) -> set[str]:
    """The providers of a node that could serve more than one of the wishes."""
    seen = [p.uuid for w in wishes for p in w.offers if p.root == root]
    return {uuid for uuid in seen if seen.count(uuid) > 1}
