"""Where the devices of a wish are, when none is free: in use, reserved, draining or not there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest

from pci_placement import names
from pci_placement.model import PciAlias, ResourceClass, Trait
from pci_placement.placement import ClassUsage, Cloud
from pci_placement.text.counts import counted

from .wish import Finding, Wish

LOOKED_AT = 20
"""How many providers, and how many kinds of device, are looked at for one wish."""

ASK_THE_NODE = "{} of its kind, such as {}: on its node `device show` or `plan` says why"
_KIND = "CUSTOM_PCI_ID_"


@dataclass(frozen=True, slots=True)
class _Search:
    """Providers of some kinds of device that carry what a wish asks for, and what they have.

    cut_off: there are more than were looked at; first is one of them.
    """

    listed: int
    usages: Sequence[ClassUsage]
    cut_off: bool
    first: str = ""


def taken(cloud: Cloud, wish: Wish, aliases: Sequence[PciAlias]) -> Iterator[Finding]:
    """Say what became of the devices that could serve a wish; nothing where it does not matter."""
    named = [alias for alias in aliases if alias.name == wish.usage.pci_alias_name]
    found = _by_ids(cloud, wish, named)
    if not found.usages and any(alias.resource_class for alias in named):
        other = _by_class(cloud, wish)
        found = other if other.usages or not found.listed else found
    meaning = _state(wish, found) if found.usages else _absent(cloud, wish, found)
    if meaning:
        yield Finding(str(wish), "nothing", 0, meaning)


def _by_ids(cloud: Cloud, wish: Wish, named: Sequence[PciAlias]) -> _Search:
    kinds = {
        names.id_trait(alias.vendor_id, alias.product_id)
        for alias in named
        if alias.vendor_id and alias.product_id
    }
    known = kinds - cloud.unknown_traits(kinds) if kinds else kinds
    return _read(cloud, wish, _carriers(cloud, wish, sorted(known)[:LOOKED_AT]))


def _by_class(cloud: Cloud, wish: Wish) -> _Search:
    """Find out which kinds of device are counted in a class.

    Placement tells who has a class free, not who has it. But all devices carry the trait of their
    kind, of which a cloud has few, and one kind mostly has one class.
    """
    kinds = cloud.carried_traits(_KIND)
    carriers = {kind: _carriers(cloud, wish, [kind]) for kind in kinds[:LOOKED_AT]}
    looked_at = {
        uuid: wish.group.resource_class in cloud.classes(uuid)
        for uuid in islice(_in_turn(carriers.values()), LOOKED_AT)
    }
    first = [uuid for uuid, has in looked_at.items() if has]
    if not first:
        not_all = len(kinds) > LOOKED_AT or set(looked_at) < set(chain(*carriers.values()))
        return _Search(0, [], cut_off=not_all)
    having = [uuids for uuids in carriers.values() if any(map(looked_at.get, uuids))]
    return _read(cloud, wish, list(dict.fromkeys([*first, *chain(*having)])))


def _in_turn(lists: Iterable[Sequence[str]]) -> Iterator[str]:
    """The first of each, the second of each, and so on."""
    rounds = chain(*zip_longest(*lists))
    return iter(dict.fromkeys(uuid for uuid in rounds if uuid))


def _carriers(cloud: Cloud, wish: Wish, kinds: Iterable[Trait]) -> list[str]:
    group = wish.group
    found = [cloud.carriers([kind, *group.required], group.forbidden) for kind in kinds]
    return list(dict.fromkeys(chain(*found)))


def _read(cloud: Cloud, wish: Wish, uuids: Sequence[str]) -> _Search:
    read = [cloud.class_usage(uuid, wish.group.resource_class) for uuid in uuids[:LOOKED_AT]]
    found, cut_off = [usage for usage in read if usage], len(uuids) > LOOKED_AT
    return _Search(len(uuids), found, cut_off, first=uuids[0] if uuids else "")


def _absent(cloud: Cloud, wish: Wish, found: _Search) -> str:
    what = _what(wish.group.resource_class, wish)
    who = (
        f"of the {LOOKED_AT} providers looked at none"
        if found.cut_off
        else "no provider of this cloud"
    )
    text = f"{who} has an inventory of {what}"
    if found.listed:
        such_as = cloud.name_of(found.first)
        text += "; " + ASK_THE_NODE.format(counted(found.listed, "provider"), such_as)
    return text


def _what(name: ResourceClass, wish: Wish) -> str:
    parts = {"with": wish.group.required, "without": wish.group.forbidden}
    told = [f" {word} {' '.join(traits)}" for word, traits in parts.items() if traits]
    return name + "".join(told)


def _state(wish: Wish, found: _Search) -> str:
    """What is not free; "" where all of it is, so that something else is in the way."""
    parts = [f"{number} {what}" for what, number in _shares(found.usages) if number]
    if not parts:
        return ""
    total = sum(usage.total for usage in found.usages)
    where = counted(len(found.usages), "provider")
    if found.cut_off:
        where = f"the first {LOOKED_AT} of {found.listed} providers"
    what = _what(wish.group.resource_class, wish)
    return f"of {total} {what} on {where}: {', '.join(parts)}"


def _shares(usages: Iterable[ClassUsage]) -> Iterator[tuple[str, int]]:
    usages = list(usages)
    draining = [usage for usage in usages if _drains(usage)]
    others = [usage for usage in usages if not _drains(usage)]
    yield "in use", sum(usage.used for usage in others)
    yield "reserved", sum(map(_reserved, others))
    yield "draining and still in use", sum(usage.used for usage in draining)
    yield (
        "draining and free",
        sum(max(0, usage.total - usage.used) for usage in draining),
    )


def _drains(usage: ClassUsage) -> bool:
    return names.DRAINING in usage.traits and usage.reserved >= usage.total


def _reserved(usage: ClassUsage) -> int:
    """What is reserved and not in use; what is both counts as in use."""
    return max(0, min(usage.reserved, usage.total - usage.used))
