"""From what this host wants and what Placement has to the writes that lead from one to the other.

The order is what keeps live workloads safe: names first, then parents before children and traits
before inventories (nothing can be claimed before it is qualified), then drains, then deletions
from the leaves up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from pci_placement import identity
from pci_placement.model import (
    Action,
    LastPass,
    Move,
    ObservedTree,
    Plan,
    Provider,
    ProviderAction,
    ProviderKey,
    ProviderTree,
    ProviderUuid,
    Root,
)

from .compare import Comparison, compare, is_as_left, used_since, uses_unknown
from .exchange import Exchange, make_exchange
from .handover import turns_exclusive
from .in_question import in_question
from .ledger import as_it_is, ledger_after
from .order import ensure, in_order, with_parents
from .provider import actions_for
from .removal import let_go, remove
from .reservations import drops_slots, nothing_is_free
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
    taken = {key for key in compared.taken if not nothing_is_free(ours[key].inventories)}
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
    exchange = make_exchange(compared, last_pass)
    shaping = list(_shaping(exchange, last_pass))
    gone = [exchange.there[key] for key in compared.gone]
    hardware = {exchange.there[key].uuid: compared.hardware[key] for key in compared.gone}
    removal = remove(gone, observed.listed, retiring, hardware)
    ordered = _ordered(shaping, removal, exchange, observed)
    actions = [*_let_go(compared, last_pass), *ordered]
    return Plan(
        actions=(*ensure(actions, observed.providers.values()), *actions),
        generations={have.uuid: have.generation for have in compared.ours.values()},
        blocked=exchange.held_back,
        as_is=as_it_is(compared.present),
        ledger=ledger_after(
            compared,
            exchange.stays,
            observed.keys.values(),
            last_pass.ledger,
            exchange.handover.kept,
        ),
    )


def _let_go(compared: Comparison, last_pass: LastPass) -> Iterator[ProviderAction]:
    """What becomes of that which is not ours to give any more."""
    for key, why in compared.taken.items():
        have = compared.ours[key]
        as_left = is_as_left(have, last_pass)
        yield from let_go(have, why, compared.hardware[key], as_left=as_left)


def _shaping(exchange: Exchange, last_pass: LastPass) -> Iterator[ProviderAction]:
    """What becomes of each provider that is wanted."""
    # what an entry gives now is not somebody else's either, where nobody remembers that one did
    given = last_pass.traits.union(*(want.traits for want in exchange.compared.wanted.values()))
    last_pass = replace(last_pass, traits=given)
    for key, want in exchange.handover.wanted.items():
        yield from _shaped(key, want, exchange, last_pass)
    for key, want in exchange.compared.replaced.items():
        yield from _renewed(key, want, exchange.compared)


def _shaped(
    key: ProviderKey, want: Provider, exchange: Exchange, last_pass: LastPass
) -> Iterable[ProviderAction]:
    """What becomes of a provider, which may have to be made first."""
    compared, handover = exchange.compared, exchange.handover
    have = compared.ours.get(key)
    return actions_for(
        want,
        exchange.there[key] if have else None,
        compared.root,
        _uuids(compared.root, handover.givers[key]),
        last_pass.traits,
        key in handover.used or (have is not None and used_since(have, last_pass)),
        compared.hardware.get(key),
        exchange.carried.get(key, {}),
    )


def _renewed(key: ProviderKey, want: Provider, compared: Comparison) -> Iterable[ProviderAction]:
    """What becomes of a provider whose card was replaced."""
    return actions_for(want, compared.ours[key], compared.root, counts=compared.hardware[key])


def _uuids(root: Root, keys: Collection[ProviderKey]) -> tuple[ProviderUuid, ...]:
    return tuple(sorted(identity.provider_uuid(root.uuid, key) for key in keys))


def _ordered(
    shaping: list[ProviderAction],
    removal: list[ProviderAction],
    exchange: Exchange,
    observed: ObservedTree,
) -> list[Action]:
    """All actions in the safe order, those on what claims move between as one request."""
    first = frozenset(_uuids(exchange.compared.root, exchange.handover.first))
    if not exchange.moves:
        return in_order(shaping, removal, first)
    ends = _ends(exchange)
    one = ends.staged((*shaping, *removal))
    late = with_parents(ends.moved, observed.listed) - {observed.root.uuid}
    return in_order(
        one.before(shaping),
        one.left(removal),
        first - ends.moved.keys(),
        one.actions(removal),
        late,
    )


def _ends(exchange: Exchange) -> Ends:
    """The providers between which claims move, under the names that Placement has for them."""
    compared, moves, there, _, handover, _ = exchange
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
