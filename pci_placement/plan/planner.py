"""From what this host wants and what Placement has to the writes that lead from one to the other.

The order is what keeps live workloads safe: names first, then parents before children and traits
before inventories (nothing can be claimed before it is qualified), then drains, then deletions
from the leaves up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from pci_placement import identity
from pci_placement.model import (
    Action,
    LastPass,
    Move,
    ObservedTree,
    Plan,
    ProviderAction,
    ProviderKey,
    ProviderTree,
    ProviderUuid,
    Root,
)

from .compare import Comparison, compare, is_as_left, used_since, uses_unknown
from .given import emptied
from .handover import Handover, hand_over, turns_exclusive
from .in_question import in_question
from .inventories import OurProviders
from .ledger import as_it_is, ledger_after
from .moves import KeyMove, after_moves, arrivals, find_moves
from .order import ensure, in_order, with_parents
from .provider import actions_for, newborn
from .removal import let_go, remove
from .reservations import drops_slots, is_all_reserved
from .reshape import Ends

NOTHING = LastPass()


def needs_consumers(
    desired: ProviderTree, observed: ObservedTree, last_pass: LastPass = NOTHING
) -> set[ProviderUuid]:
    """Which providers of ours the plan must know the consumers of."""
    compared = compare(desired, observed, last_pass)
    ours, wanted = compared.ours, compared.wanted
    asked = in_question(compared.present, compared.targets, compared.changeable)
    turning = {key for key in wanted.keys() & ours if turns_exclusive(wanted[key], ours[key])}
    slots = {k for k in wanted.keys() & ours if drops_slots(ours[k], wanted[k].inventories)}
    unknown = uses_unknown(compared, last_pass)
    taken = {key for key in compared.taken if not is_all_reserved(ours[key].inventories)}
    return {
        ours[key].uuid
        for key in asked | turning | slots | unknown | taken | compared.replaced.keys()
    }


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
    there = after_moves(_with_new(compared, moves), moves)
    left = {(move.source, move.source_class) for move in moves}
    present = [now for now in compared.present if now.key not in left]
    # where a claim follows a device that is known, others may get the rest of what was counted
    followed = [emptied(now) for now in compared.present if now.key in left and now.told]
    handover = hand_over(
        compared.wanted,
        compared.ours,
        [*present, *followed],
        compared.targets,
        arrivals(compared.present, moves),
    )
    shaping = _shaping(compared, handover, there, last_pass)
    removal = remove([there[key] for key in compared.gone], observed.listed, retiring)
    actions = [
        *_let_go(compared, last_pass),
        *_ordered(shaping, removal, moves, compared, there, handover, observed),
    ]
    blocked = {**compared.blocked, **handover.held_back}
    return Plan(
        actions=(*ensure(actions, observed.providers.values()), *actions),
        generations={have.uuid: have.generation for have in compared.ours.values()},
        blocked={identity.provider_name(observed.root.name, k): why for k, why in blocked.items()},
        as_is=as_it_is(compared.present),
        ledger=ledger_after(
            compared, present, observed.keys.values(), last_pass.ledger, handover.kept
        ),
    )


def _let_go(compared: Comparison, last_pass: LastPass) -> Iterator[ProviderAction]:
    """What becomes of that which is not ours to give any more."""
    for key, why in compared.taken.items():
        have = compared.ours[key]
        yield from let_go(have, why, as_left=is_as_left(have, last_pass))


def _moves(compared: Comparison) -> tuple[KeyMove, ...]:
    return find_moves(compared.present, compared.targets, compared.wanted, compared.ours)


def _with_new(compared: Comparison, moves: Iterable[KeyMove]) -> OurProviders:
    """What is there, and what is made for claims to move to."""
    new = {move.target for move in moves} - compared.ours.keys()
    made = {key: newborn(compared.wanted[key], compared.root) for key in new}
    return {**compared.ours, **made}


def _shaping(
    compared: Comparison, handover: Handover, there: OurProviders, last_pass: LastPass
) -> list[ProviderAction]:
    """What becomes of each provider that is wanted."""
    root, ours = compared.root, compared.ours
    return [
        *(
            action
            for key, provider in handover.wanted.items()
            for action in actions_for(
                provider,
                there[key] if key in ours else None,
                root,
                _uuids(root, handover.givers[key]),
                last_pass.traits,
                key in handover.used or (key in ours and used_since(ours[key], last_pass)),
                compared.hardware.get(key),
            )
        ),
        *(
            action
            for key, provider in compared.replaced.items()
            for action in actions_for(provider, ours[key], root, counts=compared.hardware[key])
        ),
    ]


def _uuids(root: Root, keys: Collection[ProviderKey]) -> tuple[ProviderUuid, ...]:
    return tuple(sorted(identity.provider_uuid(root.uuid, key) for key in keys))


def _ordered(
    shaping: list[ProviderAction],
    removal: list[ProviderAction],
    moves: Collection[KeyMove],
    compared: Comparison,
    there: OurProviders,
    handover: Handover,
    observed: ObservedTree,
) -> list[Action]:
    """All actions in the safe order, those on what claims move between as one request."""
    first = frozenset(_uuids(compared.root, handover.first))
    if not moves:
        return in_order(shaping, removal, first)
    ends = _ends(moves, compared, there, handover)
    one = ends.staged((*shaping, *removal))
    late = with_parents(ends.moved, observed.listed) - {observed.root.uuid}
    return in_order(
        one.before(shaping),
        one.left(removal),
        first - ends.moved.keys(),
        one.actions(removal),
        late,
    )


def _ends(
    moves: Collection[KeyMove], compared: Comparison, there: OurProviders, handover: Handover
) -> Ends:
    """The providers between which claims move, under the names that Placement has for them."""
    root, ours = compared.root, compared.ours
    keys = {key for move in moves for key in (move.source, move.target)}
    uuids = {key: there[key].uuid for key in keys}
    named = handover.wanted.keys() & keys
    givers = {giver for key in named for giver in handover.givers[key]}
    return Ends(
        moves=tuple(
            Move(uuids[m.source], m.source_class, uuids[m.target], m.target_class) for m in moves
        ),
        before={uuids[key]: ours[key] for key in keys & ours.keys()},
        moved={uuids[key]: there[key] for key in sorted(keys, key=uuids.__getitem__)},
        names={uuids[key]: there[key].name for key in keys}
        | {uuids[key]: identity.provider_name(root.name, key) for key in named},
        rests_on=_uuids(root, givers - keys),
    )
