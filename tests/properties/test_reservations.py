"""What somebody reserved by hand is reserved still, whatever a pass drained in between."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from support.compute import device_classes
from support.examples import tried
from support.nodes import Node
from support.strategies import ELSEWHERE, View, view, views

from pci_placement.model import Pooling

ways = tried(100)


def reserve(node: Node, data) -> None:
    """Let somebody reserve any number of what is offered; one-time use has rules of its own."""
    for provider, name, have in list(node.offers()):
        if not provider.one_time_use:
            amount = data.draw(st.integers(0, have.inventories[name].total))
            node.placement.reserve(provider.key, name, amount)


def reserved(node: Node) -> dict:
    """What is reserved of each class of each of our providers."""
    return {
        uuid: {name: have.inventories[name].reserved for name in device_classes(have.inventories)}
        for uuid, have in node.placement.providers.items()
    }


def of_both(was: dict, now: dict) -> dict:
    """What was reserved of the classes that are still there."""
    return {
        uuid: {name: amount for name, amount in amounts.items() if name in now[uuid]}
        for uuid, amounts in was.items()
        if uuid in now
    }


def with_nothing_listed(seen: View) -> View:
    return view(seen.snapshot, replace(seen.config, whitelist=()))


def reported_elsewhere(seen: View) -> View:
    cards = {device.card_addr for device in seen.snapshot.devices}
    return view(seen.snapshot, replace(seen.config, elsewhere=dict.fromkeys(cards, ELSEWHERE)))


@ways
@given(views(), st.lists(st.sampled_from([with_nothing_listed, reported_elsewhere])), st.data())
def test_it_outlasts_our_drains(seen, away, data):
    node = Node()
    node.sync(seen)
    reserve(node, data)
    node.sync(seen)
    node.claim(data)
    was = reserved(node)
    once = {have.uuid for p, _, have in node.offers() if p.one_time_use}
    for now in (*(of(seen) for of in away), seen):
        # of a pool that is drained nobody else knows what it counted
        if seen.config.layout.pooling is Pooling.DEVICE and data.draw(st.booleans()):
            node.forget()
        node.sync(now)
        node.check_nothing_is_left_to_do()
        if now is not seen:
            # what nobody used went with its device
            was = of_both(was, reserved(node))
    # who holds what is on offer may not be known any more: all of it is there once they have ended
    node.release_all()
    node.sync(seen)
    now = of_both(reserved(node), was)
    assert {u: now[u] for u in was.keys() - once} == {u: was[u] for u in was.keys() - once}
