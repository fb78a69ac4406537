"""From a claim back to the devices that may serve it."""

from support.build import address

from pci_placement import identity, names
from pci_placement.mapping.claims import addresses, by_provider, counted
from pci_placement.model import Counted, InventoryKey, Provider, ProviderTree

ROOT = "8c7e2f3a-0d5c-4b52-9a0e-3a4a6d6b1f00"
CARD, FUNCTION = names.resource_class("card"), names.resource_class("function")
PF, FIRST, SECOND = map(address, ("0000:81:00.0", "0000:81:02.0", "0000:81:02.1"))
TREE = ProviderTree(
    (
        Provider("0000:81:00.0", addresses={SECOND: FUNCTION, PF: CARD, FIRST: FUNCTION}),
        Provider("0000:82:00.0"),
    )
)
UUID = identity.provider_uuid(ROOT, "0000:81:00.0")
EMPTY = identity.provider_uuid(ROOT, "0000:82:00.0")


def claim(uuid: str, **resources: int) -> dict:
    return {uuid: {"resources": resources}}


def test_a_claim_is_served_by_the_devices_of_its_class_in_order():
    assert addresses(claim(UUID, CUSTOM_FUNCTION=1), TREE, ROOT) == {UUID: (FIRST, SECOND)}
    assert addresses(claim(UUID, CUSTOM_CARD=1), TREE, ROOT) == {UUID: (PF,)}


def test_what_a_claim_holds_beside_devices_has_no_address():
    both = claim(UUID, CUSTOM_CARD=1, CUSTOM_PCI_SLOT=65536)
    assert addresses(both, TREE, ROOT) == {UUID: (PF,)}
    assert addresses(claim(UUID, CUSTOM_PCI_SLOT=1), TREE, ROOT) == {}


def test_the_providers_of_others_and_of_other_hosts_are_left_out():
    held = {**claim(ROOT, VCPU=2), **claim(EMPTY, CUSTOM_CARD=1)}
    assert addresses(held, TREE, ROOT) == {}
    assert addresses(claim(UUID, CUSTOM_CARD=1), TREE, EMPTY) == {}


def left(*devices, sure: bool = True) -> dict:
    key = InventoryKey("0000:81:00.0", FUNCTION)
    return {key: Counted(frozenset(devices), sure=sure)}


def test_what_the_last_pass_left_is_what_may_serve_a_claim():
    asked = claim(UUID, CUSTOM_FUNCTION=1)
    assert addresses(asked, TREE, ROOT, left(SECOND)) == {UUID: (SECOND,)}
    assert addresses(claim(UUID, CUSTOM_CARD=1), TREE, ROOT, left(SECOND)) == {UUID: (PF,)}


def test_of_what_nobody_remembers_the_host_tells_what_is_there():
    asked = claim(UUID, CUSTOM_FUNCTION=1)
    gone = address("0000:81:02.7")
    assert addresses(asked, TREE, ROOT, left(SECOND, gone, sure=False)) == {UUID: (SECOND,)}
    nothing = ProviderTree(())
    assert addresses(asked, nothing, ROOT, left(SECOND, sure=False)) == {UUID: (SECOND,)}


def test_claims_of_a_class_that_is_drained_and_of_the_one_that_came_for_it_have_the_same():
    old = names.resource_class("before")
    drained = {InventoryKey("0000:81:00.0", old): Counted(frozenset({FIRST, SECOND}))}
    for name in ("CUSTOM_BEFORE", "CUSTOM_FUNCTION"):
        found = addresses(claim(UUID, **{name: 1}), TREE, ROOT, drained)
        assert found == {UUID: (FIRST, SECOND)}


def test_a_provider_counts_what_its_inventories_count():
    assert by_provider(counted(TREE)) == {"0000:81:00.0": {PF, FIRST, SECOND}}
