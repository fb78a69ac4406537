"""What is reserved by hand goes, in number, where the devices go that a provider does not keep."""

from dataclasses import replace

import pytest
from support.cloud import (
    BLUE,
    CARD,
    ID,
    NIC,
    POOL,
    POOLED,
    QAT,
    RED,
    VF,
    addresses,
    have,
    left,
    observe,
    reserved,
    tree,
    want,
    with_room,
)

from pci_placement import names
from pci_placement.model import Begun, Counted, InventoryKey
from pci_placement.plan.carried import carried
from pci_placement.plan.compare import compare

OTHER_ID = names.id_trait("10de", "20b0")
FIRST, SECOND = POOLED[:2]


def single(key, inv=1, *traits):
    return have(key, {QAT: inv}, ID, *traits)


def pool(of_it=0, *traits):
    return have(POOL, {QAT: reserved(2, of_it)}, ID, *traits)


SINGLE = [want(FIRST, {QAT: 1}, ID), want(SECOND, {QAT: 1}, ID)]
POOLING = [want(POOL, {QAT: 2}, ID, at={QAT: POOLED[:2]})]
RESERVED = reserved(1)


def found(wanted, there, last_pass):
    keys = {p.key for p in wanted} | last_pass.keys
    more = carried(compare(tree(*wanted), observe(*there, keys=keys), last_pass), last_pass)
    return {key: of for key, of in more.items() if any(of.values())}


@pytest.mark.parametrize(
    ("inventory", "traits", "more"),
    [
        pytest.param(RESERVED, (), 1, id="reserved"),
        pytest.param(with_room(1, 0), (), 1, id="but for claims that were to move"),
        pytest.param(reserved(1, 0), (), 0, id="not reserved"),
        pytest.param(RESERVED, (names.DRAINED,), 0, id="out of service, which stays where it is"),
        pytest.param(RESERVED, (names.DRAINING,), 0, id="by us"),
    ],
)
def test_what_becomes_a_part_of_a_pool_is_reserved_there(inventory, traits, more):
    there = [single(FIRST), single(SECOND, inventory, *traits)]
    expected = {POOL: {QAT: more}} if more else {}
    assert found(POOLING, there, left(SINGLE, there)) == expected


def test_of_several_sources_all_of_them():
    there = [single(FIRST, RESERVED), single(SECOND, RESERVED)]
    assert found(POOLING, there, left(SINGLE, there)) == {POOL: {QAT: 2}}


def test_of_a_pool_as_many_devices_as_were_reserved():
    assert found(SINGLE, [pool(1)], left(POOLING, [pool(1)])) == {FIRST: {QAT: 1}}
    both = {FIRST: {QAT: 1}, SECOND: {QAT: 1}}
    assert found(SINGLE, [pool(2)], left(POOLING, [pool(2)])) == both


def test_what_is_reserved_there_already_is_not_reserved_twice():
    there = [pool(1), single(FIRST, RESERVED)]
    last = left(POOLING, [pool(1)])
    again = InventoryKey(FIRST, QAT), Counted(addresses(FIRST))
    last = replace(last, ledger={**last.ledger, **dict([again])})
    assert found(SINGLE, there, last) == {}


def test_other_hardware_takes_nothing_over():
    there = [single(FIRST, RESERVED)]
    wanted = [want(POOL, {QAT: 1}, OTHER_ID, at={QAT: [FIRST]})]
    assert found(wanted, there, left(SINGLE, there)) == {}


def group(key, number, *devices):
    return want(key, {NIC: number}, ID, at={NIC: devices})


@pytest.mark.parametrize(("of_it", "more"), [(2, 0), (3, 1), (4, 2)])
def test_a_provider_keeps_as_many_reserved_as_it_keeps_devices(of_it, more):
    there = [have(CARD), have(RED, {NIC: reserved(4, of_it)}, ID)]
    before = [want(CARD), group(RED, 4, *VF[:4])]
    wanted = [want(CARD), group(RED, 2, *VF[:2]), group(BLUE, 2, *VF[2:4])]
    expected = {BLUE: {NIC: more}} if more else {}
    assert found(wanted, there, left(before, there)) == expected


def test_where_a_pass_was_cut_off_what_was_there_before_it_tells():
    there = [single(FIRST), single(SECOND, RESERVED)]
    last = left(SINGLE, there)
    assert found(POOLING, [], last) == {}  # somebody deleted them
    last = replace(last, begun={InventoryKey(POOL, QAT): Begun(2, Counted(addresses(FIRST)))})
    assert found(POOLING, [], last) == {POOL: {QAT: 1}}
    assert found(POOLING, there, last) == {POOL: {QAT: 1}}


def test_where_nobody_remembers_what_was_counted_the_number_tells_what_comes():
    there = [single(FIRST, RESERVED), have(POOL, {QAT: 1}, ID)]
    last = replace(left(SINGLE, there), ledger={})
    assert found(POOLING, there, last) == {POOL: {QAT: 1}}


def of_both(*there):
    """What is remembered where a pool and single devices count the same ones."""
    keys = [(POOL, POOLED[:2]), (FIRST, [FIRST]), (SECOND, [SECOND])]
    ledger = {InventoryKey(key, QAT): Counted(addresses(*devices)) for key, devices in keys}
    return replace(left(POOLING, list(there)), ledger=ledger)


def test_what_was_drained_for_a_pool_gets_it_back_with_the_devices():
    there = [pool(1), single(FIRST, RESERVED, names.DRAINING), single(SECOND)]
    assert found(SINGLE, there, of_both(*there)) == {FIRST: {QAT: 1}}


def test_what_an_operator_took_out_of_service_is_among_the_reserved():
    out = single(FIRST, RESERVED, names.DRAINED)
    assert found(SINGLE, [pool(1), out], of_both(pool(1), out)) == {}
    assert found(SINGLE, [pool(2), out], of_both(pool(2), out)) == {SECOND: {QAT: 1}}


@pytest.mark.parametrize("ids", [ID, OTHER_ID])
def test_what_is_reserved_where_another_card_came_or_nobody_lists_one_is_not_of_the_pool(ids):
    there = [pool(1), single(FIRST, RESERVED)]
    wanted = SINGLE[1:] if ids == ID else [want(FIRST, {QAT: 1}, OTHER_ID), SINGLE[1]]
    assert found(wanted, there, of_both(*there)) == {SECOND: {QAT: 1}}


def half_swapped(key, *there):
    """What is left of a pass that was to write other hardware, and wrote its traits alone."""
    counts = Begun(1, Counted(addresses(key)))
    return replace(of_both(*there), begun={InventoryKey(key, NIC): counts})


def test_nor_where_the_pass_that_found_the_other_card_was_cut_off():
    before, half = (have(FIRST, {QAT: RESERVED}, ids) for ids in (ID, OTHER_ID))
    wanted = [want(FIRST, {NIC: 1}, OTHER_ID), SINGLE[1]]
    there = [pool(1), half]
    last = half_swapped(FIRST, pool(1), before)
    assert found(wanted, there, last) == {SECOND: {QAT: 1}}


def test_what_was_reserved_of_a_card_does_not_go_to_a_pool_of_the_one_that_came():
    before, half = (have(FIRST, {QAT: RESERVED}, ids) for ids in (ID, OTHER_ID))
    wanted = [want(POOL, {QAT: 1}, OTHER_ID, at={QAT: [FIRST]})]
    assert found(wanted, [half], half_swapped(FIRST, before)) == {}
    assert found(wanted, [half], of_both(half)) == {POOL: {QAT: 1}}


def test_two_that_tell_of_the_same_devices_bring_one_reservation():
    another = want("CUSTOM_PCI_QAT:numa1", {QAT: 2}, ID, at={QAT: POOLED[:2]})
    there = [pool(1), single(FIRST, RESERVED)]
    assert found([another], there, of_both(*there)) == {another.key: {QAT: 1}}


def test_what_one_keeps_of_devices_that_two_tell_of_is_not_brought_by_the_other():
    shared, alone, third = VF[:2], VF[2:4], "0000:3b:00.0:vf:c"
    there = [have(CARD), have(RED, {NIC: reserved(2)}, ID), have(BLUE, {NIC: reserved(4, 2)}, ID)]
    before = [want(CARD), group(RED, 2, *shared), group(BLUE, 4, *shared, *alone)]
    wanted = [want(CARD), group(RED, 1, *shared[:1]), group(third, 3, *shared[1:], *alone)]
    assert found(wanted, there, left(before, there)) == {third: {NIC: 1}}
