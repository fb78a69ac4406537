"""What to write for a device that is not offered, and which entry came nearest."""

from dataclasses import dataclass

import pytest
from support.build import address, alias, device, entry, pf, snapshot, vf, vfs

from pci_placement.mapping.match import match_devices
from pci_placement.mapping.nearest import how_to_offer
from pci_placement.model import AddressGlob, DevType, Matching, Refusal


@dataclass(frozen=True)
class Judged:
    matching: Matching
    kept: dict


def hint(where: str, devices: list, whitelist: list, aliases=(), kept=None, **more) -> str:
    host = snapshot(*devices)

    def judge(entries) -> Judged:
        return Judged(match_devices(host, entries, aliases, **more), kept or {})

    refusal = judge(whitelist).matching.verdicts[address(where)]
    assert isinstance(refusal, Refusal), refusal
    return how_to_offer(refusal, host, whitelist, judge)


PLAIN, CARD, VF = "0000:3b:00.0", "0000:81:00.0", "0000:81:02.0"
OWN_LINE = 'device_spec = {"vendor_id": "8086", "product_id": "0443"}'


def test_a_bridge_is_never_offered():
    assert hint(PLAIN, [device(PLAIN, class_code="060400")], [entry(vendor_id="8086")]) == ""


def test_without_a_list_it_is_the_line():
    assert hint(PLAIN, [device(PLAIN)], []) == f"this line offers it: {OWN_LINE}"


def test_the_nearest_asks_for_least_else():
    lists = [
        entry(1, vendor_id="10de", product_id="0443"),
        entry(2, vendor_id="8086", product_id="0442", device_type=DevType.VF),
        entry(3, vendor_id="8086", product_id="0444"),
        entry(4, product_id="0444"),
    ]
    told = hint(PLAIN, [device(PLAIN)], lists)
    assert told == (
        "nearest is zun.conf: [pci] device_spec, entry 1: it asks for vendor_id 10de, and this is "
        f"8086; this line offers it: {OWN_LINE}"
    )


def test_an_entry_that_has_nothing_in_common_is_not_near():
    assert hint(PLAIN, [device(PLAIN)], [entry(vendor_id="10de")]).startswith("this line")


@pytest.mark.parametrize(
    ("asks", "told"),
    [
        ({"product_id": "0442"}, "product_id 0442, and this is 0443"),
        ({"device_type": DevType.VF}, "device_type type-VF, and this is type-PCI"),
        ({"address": AddressGlob(bus=0x99)}, "another address"),
        ({"devname": "ens1"}, "another devname"),
    ],
    ids=["product", "type", "address", "devname"],
)
def test_it_says_what_an_entry_asks_for(asks, told):
    assert f"it asks for {told};" in hint(PLAIN, [device(PLAIN)], [entry(vendor_id="8086", **asks)])


def test_all_that_differs_is_told():
    lists = [entry(vendor_id="8086", product_id="0442", devname="ens1")]
    told = hint(PLAIN, [device(PLAIN)], lists)
    assert "product_id 0442, and this is 0443 and another devname" in told


def test_a_card_given_by_its_vfs_can_be_given_whole_in_their_place():
    host = [pf(CARD, devnames=("ens1",)), *vfs(2)]
    told = hint(CARD, host, [entry(devname="ens1")])
    assert told == (
        "this line offers it, in place of zun.conf: [pci] device_spec, entry 1: "
        'device_spec = {"address": "0000:81:00.0", "device_type": "type-PF"}'
    )


def test_a_vf_of_a_card_that_is_given_whole_takes_its_place():
    host = [pf(CARD), *vfs(1)]
    told = hint(VF, host, [entry(product_id="1572")])
    assert "in place of zun.conf: [pci] device_spec, entry 1: device_spec = " in told
    assert '"product_id": "154c", "device_type": "type-VF"' in told


def test_where_the_line_is_not_enough_it_says_what_is_in_the_way():
    used = {address(PLAIN): "the host has / mounted from it"}
    host = snapshot(device(PLAIN), in_use=used)

    def judge(entries) -> Judged:
        return Judged(match_devices(host, entries, ()), {})

    refusal = judge([]).matching.verdicts[address(PLAIN)]
    told = how_to_offer(refusal, host, [], judge)
    assert told.startswith(f"this line lists it: {OWN_LINE}; but then: the host has / mounted")


def test_a_card_that_is_held_is_not_offered_by_a_line():
    told = hint(PLAIN, [device(PLAIN)], [], kept={address(PLAIN): "two classes"})
    assert told.endswith("; but then: two classes")


def test_what_is_listed_and_refused_names_its_entry():
    told = hint(VF, [vf(VF)], [entry(product_id="154c")])
    assert told == "it is listed by zun.conf: [pci] device_spec, entry 1"


@pytest.mark.parametrize(
    ("what", "line"),
    [
        (device(PLAIN), '{"name": "pci-8086-0443", "vendor_id": "8086", "product_id": "0443"}'),
        (
            pf(PLAIN),
            '{"name": "pci-8086-1572", "vendor_id": "8086", "product_id": "1572", '
            '"device_type": "type-PF"}',
        ),
    ],
    ids=["plain", "PF"],
)
def test_what_no_alias_names_needs_one(what, line):
    lists, others = [entry(vendor_id="8086")], [alias("other", "10de:20b0")]
    told = hint(PLAIN, [what], lists, others, offer_unaliased=False)
    assert told == f"this line names it: alias = {line}"
