"""Who uses a provider, and which device each consumer holds where that is certain."""

from support.build import address, observed

from pci_placement import names
from pci_placement.mapping.users import User, of_device, users
from pci_placement.model import InventoryKey

NIC, GPU = names.resource_class("nic"), names.resource_class("gpu")
ONE, OTHER, THIRD = map(address, ("0000:81:02.0", "0000:81:02.1", "0000:3b:00.0"))
COUNTS = {InventoryKey("k", NIC): (ONE, OTHER), InventoryKey("k", GPU): (THIRD,)}


def test_of_a_single_device_it_is_certain_and_of_several_it_is_not():
    have = observed(consumers={"bob": {NIC: 2, GPU: 1}, "alice": {NIC: 1}})
    assert list(users(have, "k", COUNTS, {"alice": "CONTAINER"})) == [
        User("alice", "CONTAINER", NIC, 1, None),
        User("bob", None, GPU, 1, THIRD),
        User("bob", None, NIC, 2, None),
    ]


def test_who_was_given_a_device_has_that_one_and_of_more_nobody_knows():
    have = observed(consumers={"alice": {NIC: 1}, "bob": {NIC: 2}, "eve": {NIC: 1}})
    given = {"alice": frozenset({OTHER, THIRD}), "bob": frozenset({ONE})}
    assert list(users(have, "k", COUNTS, {}, given)) == [
        User("alice", None, NIC, 1, OTHER),
        User("bob", None, NIC, 1, ONE),
        User("bob", None, NIC, 1, None),
        User("eve", None, NIC, 1, None),
    ]


def test_a_claim_on_fewer_than_were_given_is_of_any_of_them():
    have = observed(consumers={"alice": {NIC: 1}})
    given = {"alice": frozenset({ONE, OTHER})}
    assert list(users(have, "k", COUNTS, {}, given)) == [User("alice", None, NIC, 1, None)]


def test_slots_are_no_devices_and_what_nobody_counts_has_no_address():
    have = observed(consumers={"bob": {names.SLOT: 65536, NIC: 1}})
    assert list(users(have, "other", COUNTS, {})) == [User("bob", None, NIC, 1, None)]


def test_nobody_uses_what_nobody_asked_about():
    assert list(users(observed(), "k", COUNTS, {})) == []


def test_a_device_is_perhaps_held_by_who_may_hold_any_of_several():
    unsure, other = (User(n, None, NIC, 1, a) for n, a in (("b", None), ("c", OTHER)))
    assert of_device([unsure, other], ONE) == [unsure]


def test_a_device_that_somebody_surely_holds_nobody_else_may():
    sure, unsure = (User(n, None, NIC, 1, a) for n, a in (("a", ONE), ("b", None)))
    assert of_device([sure, unsure], ONE) == [sure]
    assert of_device([sure, unsure], OTHER) == [unsure]
