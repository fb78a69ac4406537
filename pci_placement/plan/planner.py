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
    LastPass,
    Move,
    ObservedProvider,
    ObservedTree,
    Plan,
    ProviderAction,
    ProviderTree,
)

from .compare import Comparison, compare, used_since, uses_unknown
from .handover import Handover, hand_over, in_question, turns_exclusive
from .ledger import as_it_is, ledger_after
from .moves import after_moves, arrivals, find_moves
from .order import ensure, in_order, with_parents
from .provider import shape
from .removal import remove
from .reshape import Staged, reshape, stage

NOTHING = LastPass()


def needs_consumers(
    desired: ProviderTree, observed: ObservedTree, last_pass: LastPass = NOTHING
) -> set[str]:
    """Which providers of ours the plan must know the consumers of."""
    compared = compare(desired, observed, last_pass)
    replaced = {want.uuid for want in compared.replaced}
    asked = in_question(compared.present, compared.targets, compared.changeable)
    ours = compared.ours
    turning = {
        w.uuid for w in compared.wanted if w.uuid in ours and turns_exclusive(w, ours[w.uuid])
    }
    return asked | replaced | turning | uses_unknown(compared, last_pass)


def make_plan(
    desired: ProviderTree,
    observed: ObservedTree,
    last_pass: LastPass = NOTHING,
    *,
    retiring: bool = False,
) -> Plan:
    """Work out what to write; an empty plan means that Placement is true to the host.

    `observed` has the consumers of all that `needs_consumers` names. Of a node that is retiring
    also what is out of service is removed, where nobody uses it.
    """
    compared = compare(desired, observed, last_pass)
    moves = _moves(compared) if last_pass.may_reshape else ()
    there = after_moves(compared.ours, moves, {want.uuid: want for want in compared.wanted})
    left = {(move.source, move.source_class) for move in moves}
    present = [now for now in compared.present if now.place not in left]
    arriving = arrivals(compared.present, moves)
    handover = hand_over(
        compared.wanted, compared.ours.values(), present, compared.targets, arriving
    )
    shaping = _shaping(compared, handover, there, last_pass)
    removal = remove([there[uuid] for uuid in compared.gone], observed.listed, retiring)
    actions = (
        _reshaping(moves, compared, there, (shaping, removal), handover, observed)
        if moves
        else in_order(shaping, removal, handover.first)
    )
    return Plan(
        actions=(*ensure(actions, observed.providers.values()), *actions),
        generations={uuid: have.generation for uuid, have in compared.ours.items()},
        blocked={**compared.blocked, **handover.held_back},
        as_is={(now.key, now.resource_class): as_it_is(now) for now in compared.present},
        ledger=ledger_after(compared, present, observed.keys, last_pass.ledger),
    )


def _moves(compared: Comparison) -> tuple[Move, ...]:
    wanted = {want.uuid: want for want in compared.wanted}
    return find_moves(compared.present, compared.targets, wanted, compared.ours)


def _shaping(
    compared: Comparison,
    handover: Handover,
    there: Mapping[str, ObservedProvider],
    last_pass: LastPass,
) -> list[ProviderAction]:
    """What becomes of each provider that is wanted."""
    used = used_since(compared, last_pass)
    pairs = [(want, compared.ours.get(want.uuid) and there[want.uuid]) for want in handover.wanted]
    return [
        *(a for want, have in pairs for a in shape(want, have, last_pass.traits, used)),
        *(a for want in compared.replaced for a in shape(want, compared.ours[want.uuid])),
    ]


def _reshaping(
    moves: Collection[Move],
    compared: Comparison,
    there: Mapping[str, ObservedProvider],
    actions: tuple[list[ProviderAction], list[ProviderAction]],
    handover: Handover,
    observed: ObservedTree,
) -> list[Action]:
    """The actions in order, those on inventories between which claims move as one request."""
    ends = {uuid for move in moves for uuid in (move.source, move.target)}
    staged = {uuid: _staged(uuid, actions, compared, there) for uuid in sorted(ends)}
    called = {want.uuid: want for want in handover.wanted}
    waits = [uuid for end in ends & set(called) for uuid in called[end].rests_on]
    names = {end: called[end].name if end in called else there[end].name for end in ends}
    one = reshape(tuple(moves), staged, compared.ours, names, waits)
    after = [action for each in staged.values() for action in each.after]
    shaping = _replaced(actions[0], {uuid: each.before for uuid, each in staged.items()})
    removal = [a for a in actions[1] if a.uuid not in ends or a in after]
    rest = [action for action in after if action not in removal]
    late = with_parents(ends, observed.listed) - {observed.root.uuid}
    return in_order(shaping, removal, set(handover.first) - ends, [one, *rest], late)


def _staged(
    uuid: str,
    actions: tuple[list[ProviderAction], list[ProviderAction]],
    compared: Comparison,
    there: Mapping[str, ObservedProvider],
) -> Staged:
    own = [action for several in actions for action in several if action.uuid == uuid]
    return stage(own, compared.ours.get(uuid), there[uuid])


def _replaced(
    actions: Iterable[ProviderAction], by_provider: Mapping[str, Iterable[ProviderAction]]
) -> list[ProviderAction]:
    """The actions, with those of some providers replaced, each where its first one stood."""
    found: list[ProviderAction] = []
    for uuid, own in itertools.groupby(actions, lambda action: action.uuid):
        found += by_provider.get(uuid, own)
    return found
