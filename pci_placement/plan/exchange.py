"""What changes hands: claims that follow their devices, and devices that another provider gets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from pci_placement import identity
from pci_placement.model import LastPass

from .carried import Carried, carried
from .compare import Comparison
from .given import emptied
from .handover import ByHand, Handover, hand_over
from .inventories import ObservedInventory, OurProviders
from .moves import KeyMove, after_moves, arrivals, find_moves
from .provider import is_another_card, newborn
from .reservations import reserved_by_hand


class Exchange(NamedTuple):
    """What changes hands: claims that move, and devices that one provider gives to another.

    there is what is ours once the claims have moved, stays what is counted where they do not.
    carried is how much more stays reserved of what is wanted, of devices that come from elsewhere.
    """

    compared: Comparison
    moves: tuple[KeyMove, ...]
    there: OurProviders
    stays: list[ObservedInventory]
    handover: Handover
    carried: Carried

    @property
    def held_back(self) -> dict[str, str]:
        """What is not done, by the names of the providers, and why."""
        root = self.compared.root.name
        why = {**self.compared.blocked, **self.handover.held_back}
        return {identity.provider_name(root, key): reason for key, reason in why.items()}


def make_exchange(compared: Comparison, last_pass: LastPass) -> Exchange:
    """Let claims follow their devices, and each card give before it takes."""
    moves = _moves(compared) if last_pass.may_reshape else ()
    left = {(move.source, move.source_class) for move in moves}
    stays = [now for now in compared.present if now.key not in left]
    # where a claim follows a device that is known, others may get the rest of what was counted
    followed = [emptied(now) for now in compared.present if now.key in left and now.told]
    more = carried(compared, last_pass)
    handover = hand_over(
        compared.wanted,
        compared.ours,
        [*stays, *followed],
        compared.targets,
        arrivals(compared.present, moves),
        _by_hand(compared, more),
    )
    there = after_moves(_with_new(compared, moves), moves)
    # who holds a device has had it, also where it was for any use until now
    had = {m.target for m in moves if compared.wanted[m.target].one_time_use}
    handover = replace(handover, used=handover.used | had)
    return Exchange(compared, moves, there, stays, handover, more)


def _moves(compared: Comparison) -> tuple[KeyMove, ...]:
    return find_moves(compared.present, compared.targets, compared.wanted, compared.ours)


def _with_new(compared: Comparison, moves: Iterable[KeyMove]) -> OurProviders:
    """What is there, and what is made for claims to move to."""
    new = {move.target for move in moves} - compared.ours.keys()
    made = {key: newborn(compared.wanted[key], compared.root) for key in new}
    return {**compared.ours, **made}


def _by_hand(compared: Comparison, more: Carried) -> ByHand:
    """What an operator reserved of what is wanted, there or where its devices come from."""
    there = _by_hand_there(compared)
    return {
        key: {n: there.get(key, {}).get(n, 0) + more.get(key, {}).get(n, 0) for n in names}
        for key in there.keys() | more.keys()
        if (names := there.get(key, {}).keys() | more.get(key, {}).keys())
    }


def _by_hand_there(compared: Comparison) -> ByHand:
    """What an operator reserved of what is wanted and there, if it is the same hardware."""
    ours, wanted = compared.ours, compared.wanted
    there = {k: have for k, have in ours.items() if k in wanted and have.reserves}
    return {
        key: reserved_by_hand(wanted[key], have)
        for key, have in there.items()
        if not is_another_card(wanted[key], compared.hardware[key])
    }
