"""What a line of a report says of providers of which more or less is known."""

import pytest
from support.build import traits
from support.cloud import CARD, PLAIN, SLOT, SLOTS, VFS, amounts, reserved

from pci_placement.identity import provider_name
from pci_placement.placement.summaries import Summary, capacity_of
from pci_placement.plan.reservations import (
    NO_LONGER_OFFERED,
    OUT_OF_SERVICE,
    RESERVED_BY_HAND,
    USED_ONCE,
)
from pci_placement.report.make import NOBODY_ASKED, SOME_RESERVED, make_report
from pci_placement.report.nouns import Found
from pci_placement.report.words import caveat, totals

GPU, NIC, WHOLE = "CUSTOM_PCI_GPU", "CUSTOM_PCI_NIC", "CUSTOM_PCI_CARD"
POOL = f"{GPU}:numa0:0123abcd"


def found(key, inventories, used=None, marks=(), node="node", read=False) -> Found:
    """A provider as candidates show it, and with its inventories where it was read."""
    has = amounts(inventories)
    capacity = {name: capacity_of(each) for name, each in has.items()}
    told = Summary(traits(*marks), capacity, dict.fromkeys(has, 0) | (used or {}))
    return Found(node, provider_name(node, key), told, has if read else None)


def numbers(*providers: Found) -> dict:
    return {
        (line.node, line.resource_class): (
            line.total,
            line.used,
            line.reserved,
            line.free,
            line.draining,
        )
        for line in make_report(providers).lines
    }


def marks(*providers: Found) -> tuple[str, ...]:
    (line,) = make_report(providers).lines
    return line.marks


def test_of_a_plain_device_all_is_known_unread():
    assert numbers(found(PLAIN, {GPU: 1})) == {("node", GPU): (1, 0, 0, 1, 0)}
    assert numbers(found(PLAIN, {GPU: reserved(1)})) == {("node", GPU): (1, 0, 1, 0, 0)}


@pytest.mark.parametrize("key", [VFS, POOL])
def test_of_several_nothing_is_said_of_what_is_reserved(key):
    assert numbers(found(key, {GPU: reserved(4, 1)})) == {("node", GPU): (3, 0, None, 3, 0)}
    assert numbers(found(key, {GPU: reserved(4)})) == {("node", GPU): (None, 0, None, 0, 0)}


def test_what_was_read_is_told():
    read = found(VFS, {GPU: reserved(4, 1)}, {GPU: 2}, read=True)
    assert numbers(read) == {("node", GPU): (4, 2, 1, 1, 0)}
    assert marks(read) == (SOME_RESERVED,)


def test_more_in_use_than_there_is_leaves_nothing_free():
    assert numbers(found(VFS, {GPU: 2}, {GPU: 5}, read=True))["node", GPU] == (2, 5, 0, 0, 0)


def test_a_node_is_the_sum_of_its_providers_as_far_as_they_are_known():
    some = found(PLAIN, {GPU: 1}), found("0000:3c:00.0", {GPU: 1}, {GPU: 1})
    assert numbers(*some) == {("node", GPU): (2, 1, 0, 1, 0)}
    assert numbers(*some, found(POOL, {GPU: 4})) == {("node", GPU): (6, 1, None, 5, 0)}


@pytest.mark.parametrize(
    ("carried", "why"),
    [
        (["CUSTOM_PCI_DRAINING"], NO_LONGER_OFFERED),
        (["CUSTOM_PCI_DRAINED"], OUT_OF_SERVICE),
        (["HW_PCI_ONE_TIME_USE"], USED_ONCE),
        ([], RESERVED_BY_HAND),
    ],
    ids=["draining", "drained", "used", "by hand"],
)
def test_it_says_as_the_node_does_why_nothing_can_be_claimed(carried, why):
    assert marks(found(VFS, {GPU: reserved(4)}, marks=carried)) == (why,)
    assert marks(found(VFS, {GPU: 4}, marks=carried)) == ()


def test_what_drains_is_counted_where_it_is_known():
    drains = found(VFS, {GPU: reserved(4)}, {GPU: 1}, ["CUSTOM_PCI_DRAINING"], read=True)
    assert numbers(drains) == {("node", GPU): (4, 1, 4, 0, 4)}


def test_of_whom_nothing_is_told_the_node_is():
    unknown = Found("node", "node:pci:x")
    (line,) = make_report([unknown]).lines
    assert (line.resource_class, line.total, line.free, line.marks) == (
        None,
        None,
        None,
        (NOBODY_ASKED,),
    )


def test_what_has_no_inventory_is_no_line():
    report = make_report([found(CARD, {})])
    assert (report.lines, report.providers, report.uncertain) == ((), 1, 0)


@pytest.mark.parametrize(
    ("used", "free"),
    [
        ({}, {WHOLE: 1, NIC: 4}),
        ({NIC: 1, SLOT: 1}, {WHOLE: 0, NIC: 3}),
        ({WHOLE: 1, SLOT: SLOTS}, {WHOLE: 0, NIC: 0}),
    ],
    ids=["nobody", "a VF", "the card"],
)
def test_a_card_is_free_as_a_whole_or_through_its_vfs(used, free):
    card = found(CARD, {WHOLE: 1, NIC: 4, SLOT: SLOTS}, used)
    lines = make_report([card]).lines
    assert {line.resource_class: line.free for line in lines} == free


def test_slots_are_no_devices():
    plain = found(PLAIN, {GPU: 1, SLOT: SLOTS}, {GPU: 1, SLOT: 1})
    assert numbers(plain) == {("node", GPU): (1, 1, None, 0, 0)}


def test_totals_say_at_least_where_not_all_is_known():
    report = make_report([found(PLAIN, {GPU: 1}), found(VFS, {GPU: 4}, node="other")])
    (total,) = totals(report)
    assert (total.resource_class, total.nodes, total.amounts) == (
        GPU,
        2,
        ("5", "0", "≥ 0", "5", "0"),
    )


def test_the_caveat_says_how_to_know_more():
    report = make_report([found(VFS, {GPU: 4}), found(PLAIN, {GPU: 1})])
    assert "1 provider what is reserved" in caveat(report, 100)
    assert "--read 101" in caveat(report, 100)
    assert caveat(make_report([found(PLAIN, {GPU: 1})]), 100) == ""
