"""From a claim back to the devices that may serve it."""

import pytest
from support.build import address, device, observed, traits

from pci_placement import identity, names
from pci_placement.errors import ClaimRefused
from pci_placement.mapping.claims import Seen, addresses, by_provider, counted
from pci_placement.model import Counted, InventoryKey, LastPass, Provider, ProviderTree

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


class TestACardThatWasSwapped:
    """Between the swap and the next pass the ledger counts what is no longer there."""

    POOL = "CUSTOM_FUNCTION:numa0:74a1946d"
    UUID = identity.provider_uuid(ROOT, POOL)
    KEY = InventoryKey(POOL, FUNCTION)
    TREE = ProviderTree((Provider(POOL, addresses={FIRST: FUNCTION, SECOND: FUNCTION}),))

    def found(self, *there, amount: int = 1, consumer="alice", given=(), old=()) -> list:
        left = observed(uuid=self.UUID, traits=traits("CUSTOM_PCI_ID_8086_0443"))
        devices = frozenset({FIRST, SECOND})
        last = LastPass(
            providers={self.UUID: left},
            ledger={self.KEY: Counted(devices - {*old}, frozenset(old), {"alice": 1})},
            given={"alice": frozenset(given)},
        )
        seen = Seen(last, {each.address: each for each in there}, consumer)
        claimed = claim(self.UUID, CUSTOM_FUNCTION=amount)
        return [*addresses(claimed, self.TREE, ROOT, last.ledger, seen)[self.UUID]]

    AS_BEFORE, SWAPPED = device(str(FIRST)), device(str(SECOND), "10de:20b0")

    def test_is_not_named_for_a_claim_of_the_one_before(self):
        assert self.found(self.AS_BEFORE, self.SWAPPED) == [FIRST]
        assert self.found(self.AS_BEFORE) == [FIRST, SECOND]  # one that is gone may come back

    def test_and_the_claim_is_refused_where_too_few_are_left(self):
        for there, amount in (([self.SWAPPED], 2), ([self.AS_BEFORE, self.SWAPPED], 2)):
            with pytest.raises(ClaimRefused, match=f"{SECOND}: another device is there than was"):
                self.found(*there, amount=amount)

    def test_who_was_given_a_device_has_that_one(self):
        assert self.found(self.AS_BEFORE, given=[SECOND]) == [SECOND]
        assert self.found(self.AS_BEFORE, given=[SECOND], consumer=None) == [FIRST, SECOND]

    @pytest.mark.parametrize("old", [(), (SECOND,)], ids=["before-a-pass", "after-a-pass"])
    def test_and_is_refused_the_card_that_came_for_it(self, old):
        with pytest.raises(ClaimRefused, match=f"{SECOND}: another device is there than was"):
            self.found(self.AS_BEFORE, self.SWAPPED, given=[SECOND], old=old)

    def test_of_a_provider_that_nobody_remembers_nothing_is_known_to_be_another(self):
        seen = Seen(devices={FIRST: self.SWAPPED}, consumer="alice")
        claimed = claim(self.UUID, CUSTOM_FUNCTION=1)
        assert addresses(claimed, self.TREE, ROOT, seen=seen) == {self.UUID: (FIRST, SECOND)}
