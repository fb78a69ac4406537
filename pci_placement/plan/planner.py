"""From what this host wants and what Placement has to the writes that lead from one to the other.

The order is what keeps live workloads safe: names first, then parents before children and traits
before inventories (nothing can be claimed before it is qualified), then drains, then deletions
from the leaves up.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping

from pci_placement.model import (
    Action,
    Move,
    ObservedProvider,
    ObservedTree,
    Plan,
    ProviderTree,
    Remembered,
)

from .compare import Scene, set_scene, unread, worn
from .handover import Settled, in_question, settle, turns_exclusive
from .ledger import as_it_is, ledger_after
from .moves import Parties, after_moves, arrivals, find_moves
from .order import ensure, in_order, with_parents
from .provider import shape
from .removal import remove
from .reshape import Staged, reshape, stage

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
    removal = remove([there[uuid] for uuid in scene.gone], observed.listed, spare_kept)
    actions = (
        _reshaping(moves, scene, there, (shaping, removal), settled, observed)
        if moves
        else in_order(shaping, removal, settled.first)
    )
    return Plan(
        actions=(*ensure(actions, observed.providers.values()), *actions),
        generations={uuid: have.generation for uuid, have in scene.ours.items()},
        blocked={**scene.blocked, **settled.withheld},
        as_is={(stock.key, stock.resource_class): as_it_is(stock) for stock in scene.stocks},
        ledger=ledger_after(scene, stocks, observed.keys, remembered.ledger),
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
