"""Where the devices of a wish are, when none is free: in use, reserved, draining or not there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest

from pci_placement import names
from pci_placement.model import PciAlias, ResourceClass, Trait
from pci_placement.placement import Cloud, Stock

from .wish import Finding, Wish, counted

LOOKED_AT = 20
"""How many providers, and how many kinds of device, are looked at for one wish."""

_KIND = "CUSTOM_PCI_ID_"


@dataclass(frozen=True, slots=True)
class _Search:
    """Providers of some kinds of device that carry what a wish asks for, and their stock.

    cut_off: there are more than were looked at.
    """

    listed: int
    stocks: Sequence[Stock]
    cut_off: bool


def taken(cloud: Cloud, wish: Wish, aliases: Sequence[PciAlias]) -> Iterator[Finding]:
    """Say what became of the devices that could serve a wish; nothing where it does not matter."""
    named = [alias for alias in aliases if alias.name == wish.usage.pci_alias_name]
    found = _by_ids(cloud, wish, named)
    if not found.stocks and any(alias.resource_class for alias in named):
        other = _by_class(cloud, wish)
        found = other if other.stocks or not found.listed else found
    meaning = _state(wish, found) if found.stocks else _absent(wish, found)
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
    read = [cloud.stock(uuid, wish.group.resource_class) for uuid in uuids[:LOOKED_AT]]
    return _Search(len(uuids), [stock for stock in read if stock], len(uuids) > LOOKED_AT)


def _absent(wish: Wish, found: _Search) -> str:
    what = _what(wish.group.resource_class, wish)
    who = (
        f"of the {LOOKED_AT} providers looked at none"
        if found.cut_off
        else "no provider of this cloud"
    )
    text = f"{who} has an inventory of {what}"
    if found.listed:
        text += f"; {counted(found.listed, 'provider')} of its kind: `plan` on the node says why"
    return text


def _what(name: ResourceClass, wish: Wish) -> str:
    parts = {"with": wish.group.required, "without": wish.group.forbidden}
    told = [f" {word} {' '.join(traits)}" for word, traits in parts.items() if traits]
    return name + "".join(told)


def _state(wish: Wish, found: _Search) -> str:
    """What is not free; "" where all of it is, so that something else is in the way."""
    parts = [f"{number} {what}" for what, number in _shares(found.stocks) if number]
    if not parts:
        return ""
    total = sum(stock.total for stock in found.stocks)
    where = counted(len(found.stocks), "provider")
    if found.cut_off:
        where = f"the first {LOOKED_AT} of {found.listed} providers"
    what = _what(wish.group.resource_class, wish)
    return f"of {total} {what} on {where}: {', '.join(parts)}"


def _shares(stocks: Iterable[Stock]) -> Iterator[tuple[str, int]]:
    stocks = list(stocks)
    draining = [stock for stock in stocks if _drains(stock)]
    others = [stock for stock in stocks if not _drains(stock)]
    yield "in use", sum(stock.used for stock in others)
    yield "reserved", sum(map(_reserved, others))
    yield "draining and still in use", sum(stock.used for stock in draining)
    yield "draining and free", sum(max(0, stock.total - stock.used) for stock in draining)


def _drains(stock: Stock) -> bool:
    return names.DRAINING in stock.traits and stock.reserved >= stock.total


def _reserved(stock: Stock) -> int:
    """What is reserved and not in use; what is both counts as in use."""
    return max(0, min(stock.reserved, stock.total - stock.used))
