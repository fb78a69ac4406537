"""From what this host wants and what Placement has to the writes that lead from one to the other.

The order is what keeps live workloads safe: names first, then parents before children and traits
before inventories (nothing can be claimed before it is qualified), then drains, then deletions
from the leaves up.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping

from .contest import Settled, in_question, settle, turns_exclusive
from .model import (
    Action,
    Counted,
    DeleteProvider,
    Ledger,
    ListedProvider,
    Move,
    ObservedProvider,
    ObservedTree,
    Plan,
    ProviderTree,
    Remembered,
    SetInventories,
)
from .names import DRAINING
from .order import ensure, in_order, with_parents
from .reservations import is_kept, kept_drained, reserved
from .reshape import Staged, reshape, stage
from .scene import Scene, set_scene, unread, worn
from .shape import drained, shape
from .sites import functions_of, joined, within
from .stock import Lot, Stock
from .transfer import Parties, after_moves, arrivals, find_moves

GONE = "no offered device belongs to it any more"
KEPT = "no offered device belongs to it any more; it stays reserved until an operator lifts that"
NOTHING = Remembered()


def needs_consumers(
    desired: ProviderTree, observed: ObservedTree, remembered: Remembered = NOTHING
) -> set[str]:
    """Which providers of ours the plan must know the consumers of."""
    scene = set_scene(desired, observed, remembered)
    replaced = {want.uuid for want in scene.replaced}
    asked = in_question(scene.stocks, scene.lots, scene.changeable)
    ours = scene.ours
    turning = {w.uuid for w in scene.wanted if w.uuid in ours and turns_exclusive(w, ours[w.uuid])}
    return asked | replaced | turning | unread(scene, remembered)


def make_plan(
    desired: ProviderTree,
    observed: ObservedTree,
    remembered: Remembered = NOTHING,
    *,
    spare_kept: bool = True,
) -> Plan:
    """Work out what to write; an empty plan means that Placement is true to the host.

    `observed` has the consumers of all that `needs_consumers` names. Without spare_kept also what
    is out of service is removed, where nobody uses it.
    """
    scene = set_scene(desired, observed, remembered)
    moves = _moves(scene) if remembered.may_reshape else ()
    there = after_moves(scene.ours, moves, {want.uuid: want for want in scene.wanted})
    left = {(move.source, move.source_class) for move in moves}
    stocks = [stock for stock in scene.stocks if stock.place not in left]
    arriving = arrivals(scene.stocks, moves)
    settled = settle(scene.wanted, scene.ours.values(), stocks, scene.lots, arriving)
    shaping = _shaping(scene, settled, there, remembered)
    removal = _remove([there[uuid] for uuid in scene.gone], observed.listed, spare_kept)
    actions = (
        _reshaping(moves, scene, there, (shaping, removal), settled, observed)
        if moves
        else in_order(shaping, removal, settled.first)
    )
    return Plan(
        actions=(*ensure(actions, observed.providers.values()), *actions),
        generations={uuid: have.generation for uuid, have in scene.ours.items()},
        blocked={**scene.blocked, **settled.withheld},
        as_is={(stock.key, stock.resource_class): _as_is(stock) for stock in scene.stocks},
        ledger=_ledger(scene, stocks, observed.keys, remembered.ledger),
    )


def _moves(scene: Scene) -> tuple[Move, ...]:
    wanted = {want.uuid: want for want in scene.wanted}
    return find_moves(scene.stocks, scene.lots, Parties(wanted, scene.ours))


def _shaping(
    scene: Scene,
    settled: Settled,
    there: Mapping[str, ObservedProvider],
    remembered: Remembered,
) -> list[Action]:
    """What becomes of each provider that is wanted."""
    used = worn(scene, remembered)
    pairs = [(want, scene.ours.get(want.uuid) and there[want.uuid]) for want in settled.wanted]
    return [
        *(a for want, have in pairs for a in shape(want, have, remembered.traits, used)),
        *(a for want in scene.replaced for a in shape(want, scene.ours[want.uuid])),
    ]


def _reshaping(
    moves: Collection[Move],
    scene: Scene,
    there: Mapping[str, ObservedProvider],
    actions: tuple[list[Action], list[Action]],
    settled: Settled,
    observed: ObservedTree,
) -> list[Action]:
    """The actions in order, those on inventories between which claims move as one request."""
    ends = {uuid for move in moves for uuid in (move.source, move.target)}
    staged = {uuid: _staged(uuid, actions, scene, there) for uuid in sorted(ends)}
    called = {want.uuid: want for want in settled.wanted}
    waits = [uuid for end in ends & set(called) for uuid in called[end].only_after]
    names = {end: called[end].name if end in called else there[end].name for end in ends}
    one = reshape(tuple(moves), staged, scene.ours, names, waits)
    after = [action for each in staged.values() for action in each.after]
    shaping = _replaced(actions[0], {uuid: each.before for uuid, each in staged.items()})
    removal = [a for a in actions[1] if a.uuid not in ends or a in after]
    rest = [action for action in after if action not in removal]
    late = with_parents(ends, observed.listed) - {observed.root.uuid}
    return in_order(shaping, removal, set(settled.first) - ends, [one, *rest], late)


def _staged(
    uuid: str,
    actions: tuple[list[Action], list[Action]],
    scene: Scene,
    there: Mapping[str, ObservedProvider],
) -> Staged:
    own = [action for several in actions for action in several if action.uuid == uuid]
    return stage(own, scene.ours.get(uuid), there[uuid])


def _replaced(
    actions: Iterable[Action], by_provider: Mapping[str, Iterable[Action]]
) -> list[Action]:
    """The actions, with those of some providers replaced, each where its first one stood."""
    found: list[Action] = []
    for uuid, own in itertools.groupby(actions, lambda action: action.uuid):
        found += by_provider.get(uuid, own)
    return found


def _remove(
    gone: Iterable[ObservedProvider], listed: Iterable[ListedProvider], spare_kept: bool
) -> list[Action]:
    """Delete what is free, from the leaves up, and drain what is used."""
    children: dict[str, set[str]] = {}
    for provider in listed:
        children.setdefault(provider.parent or "", set()).add(provider.uuid)
    deleted: set[str] = set()
    actions: list[Action] = []
    for have in sorted(gone, key=lambda p: (_height(p.uuid, children), p.name)):
        if spare_kept and is_kept(have) and have.inventories:
            marked = have.traits | {DRAINING}
            actions += drained(have, marked, reserved(have.inventories), KEPT)
        elif children.get(have.uuid, set()) <= deleted and not have.used:
            deleted.add(have.uuid)
            actions.append(DeleteProvider(have.uuid, have.name, GONE, bool(have.inventories)))
        else:
            actions += _retire(have)
    return actions


def _height(uuid: str, children: Mapping[str, set[str]]) -> int:
    """How many levels of providers stand below one."""
    return 1 + max((_height(child, children) for child in children.get(uuid, ())), default=0)


def _retire(have: ObservedProvider) -> list[Action]:
    """Keep a provider that cannot be deleted, but offer nothing on it."""
    inventories = kept_drained(have, ())
    if inventories:
        return drained(have, have.traits | {DRAINING}, inventories, GONE)
    if have.inventories:
        return [SetInventories(have.uuid, have.name, {}, have.inventories, GONE)]
    return []


def _ledger(
    scene: Scene, stocks: Iterable[Stock], keys: Mapping[str, str], before: Ledger
) -> Ledger:
    """What each inventory counts once the plan is carried out."""
    there = {stock.place: stock for stock in stocks}
    known = {have.uuid: keys[have.uuid] for have in scene.changeable}
    known |= {want.uuid: want.provider.key for want in scene.wanted}
    held = set(keys.values()) - set(known.values())
    return {
        **{place: entry for place, entry in before.items() if place[0] in held},
        **{(s.key, s.resource_class): _left(s) for s in there.values()},
        **{
            (known[lot.uuid], lot.resource_class): _counted(
                lot, there.get((lot.uuid, lot.resource_class))
            )
            for lot in scene.lots
        },
    }


def _left(stock: Stock) -> Counted:
    """What is no longer wanted counts all that its claims may hold, until they end."""
    return Counted(functions_of(joined(stock.devices, stock.held)), sure=stock.known)


def _as_is(stock: Stock) -> Counted:
    devices, held = functions_of(stock.devices), functions_of(stock.held)
    return Counted(devices, held if stock.old else frozenset(), dict(stock.old), stock.known)


def _counted(lot: Lot, stock: Stock | None) -> Counted:
    """What a lot counts, with the claims of before that may hold something else."""
    devices = functions_of(lot.sites)
    if stock is None or not stock.old or within(stock.held, lot.sites):
        return Counted(devices)
    return Counted(devices, functions_of(stock.held), dict(stock.old), stock.known)
