"""What an operator drains stays out of service, is moved whole, and comes back whole."""

import contextlib

from hypothesis import assume, given
from hypothesis import strategies as st
from support.examples import tried
from support.nodes import Node
from support.strategies import View, counted, regrouped

from pci_placement.errors import RequestError
from pci_placement.model import PciAddress

ways = tried(300)


def cards_of(seen: View) -> list[PciAddress]:
    return sorted({device.card_addr for device in seen.snapshot.devices})


def listed(seen: View) -> dict[str, dict]:
    return {p.key: dict(p.inventories) for p in seen.tree.providers}


def drained_by(node: Node, data) -> list[PciAddress]:
    """The cards that the operator drains; those of a pool cannot be drained."""
    found = []
    for card in cards_of(node.seen):
        if data.draw(st.sampled_from([True, True, False])):
            with contextlib.suppress(RequestError):
                node.set_drained(card, True)
                found.append(card)
    return found


def take_back(node: Node, cards: list[PciAddress]) -> None:
    for card in cards:
        with contextlib.suppress(RequestError):  # its last provider went with what it had
            node.set_drained(card, False)


def counted_on(seen: View, cards: list[PciAddress]) -> set[PciAddress]:
    """The devices that are counted on some cards."""
    devices = seen.snapshot.by_address()
    return {a for a in counted(seen.tree) if devices[a].card_addr in cards}


def claimable_of(node: Node, devices: set[PciAddress]) -> dict[str, int]:
    """What can be claimed of providers that count nothing but some devices."""
    return {
        provider.key: have.inventories[name].total - have.inventories[name].reserved
        for provider, name, have in node.offers()
        if devices.issuperset(provider.addresses)
    }


@ways
@given(regrouped(st.sampled_from([False, False, True])), st.data())
def test_what_is_drained_stays_so_and_comes_back_whole(chain, data):
    assume(not chain[-1].aside)
    node = Node()
    node.sync(chain[0])
    cards = drained_by(node, data)
    drained = counted_on(chain[0], cards)
    for seen in chain[1:]:
        # what is on no list while all is forgotten is told apart by nobody
        if drained <= set(counted(seen.tree)) and data.draw(st.booleans()):
            node.forget()
        node.sync(seen)
        node.check_nothing_is_left_to_do()
        assert not any(claimable_of(node, drained).values())
        node.check_all_is_there()
    take_back(node, cards)
    node.check_all_is_there()
    node.sync(chain[-1])
    node.sync(chain[-1])
    assert node.inventories() == listed(chain[-1])
