"""What of the lists has no effect on this host is told, with the reason."""

import pytest
from support.build import address, alias, device, entry, pf, snapshot, vf, vfs

from pci_placement.mapping.lint_effect import (
    aliases_without_devices,
    cards_kept_back,
    entries_without_effect,
    nothing_listed,
)
from pci_placement.mapping.match import match_devices
from pci_placement.model import AddressGlob, DevType, Severity

PCI, PF, VF = DevType.PCI, DevType.PF, DevType.VF
WARNING, NOTE = Severity.WARNING, Severity.NOTE
CARD = pf(devnames=("ens1f0", "ens1f0d1"))
HOST = snapshot(device(), CARD, *vfs(2))


def entries(*whitelist) -> list[tuple[int, Severity, str]]:
    said = entries_without_effect(HOST, whitelist)
    return [(problem.source.entry, problem.severity, problem.problem) for problem in said]


def aliases(whitelist, *asked, host=HOST) -> list[tuple[int, Severity, str]]:
    matching = match_devices(host, whitelist, asked)
    said = aliases_without_devices(host, whitelist, asked, matching)
    return [(problem.source.entry, problem.severity, problem.problem) for problem in said]


# --- entries that decide about no device


def test_a_network_that_an_earlier_entry_loses_is_a_warning():
    wide, narrow = entry(1, vendor_id="8086"), entry(2, devname="ens1f0", physical_network="one")
    ((number, severity, told),) = entries(wide, narrow)
    assert (number, severity) == (2, WARNING)
    assert told == (
        "it decides about no device of this host: zun.conf: [pci] device_spec, entry 1 takes all "
        "that it selects, and comes first; what it says is lost: physical_network"
    )


@pytest.mark.parametrize(
    ("says", "lost"),
    [
        ({"physical_network": "one"}, "physical_network"),
        ({"trusted": True, "one_time_use": True}, "trusted, one_time_use"),
        ({"allow_host_use": True}, "allow_host_use"),
    ],
)
def test_each_word_that_is_lost_is_named(says, lost):
    ((_, severity, told),) = entries(entry(1, vendor_id="8086"), entry(2, devname="ens1f0", **says))
    assert (severity, told.rpartition(": ")[2]) == (WARNING, lost)


@pytest.mark.parametrize("says", [{}, {"device_type": VF}])
def test_where_nothing_is_lost_it_is_a_note(says):
    ((number, severity, told),) = entries(
        entry(1, vendor_id="8086"), entry(2, devname="ens1f0", **says)
    )
    assert (number, severity, "lost" in told) == (2, NOTE, False)


def test_nothing_is_lost_where_all_who_take_its_devices_say_the_same():
    one, other = AddressGlob(0, 0x81, 2, 0), AddressGlob(0, 0x81, 2, 1)
    whitelist = [
        entry(1, address=one, physical_network="one"),
        entry(2, address=other, physical_network="one"),
        entry(3, product_id="154c", physical_network="one"),
    ]
    assert [(number, severity) for number, severity, _ in entries(*whitelist)] == [(3, NOTE)]
    whitelist[1] = entry(2, address=other, physical_network="two")
    assert [(number, severity) for number, severity, _ in entries(*whitelist)] == [(3, WARNING)]


def test_two_names_of_one_function_are_one_device():
    first = entry(1, devname="ens1f0", physical_network="one")
    ((number, severity, _),) = entries(first, entry(2, devname="ens1f0d1", physical_network="two"))
    assert (number, severity) == (2, WARNING)


def test_what_is_shadowed_on_any_host_is_not_told_again():
    assert entries(entry(1, vendor_id="8086"), entry(2, vendor_id="8086", product_id="154c")) == []


def test_an_entry_that_decides_about_one_device_has_an_effect():
    assert entries(entry(1, devname="ens1f0"), entry(2, vendor_id="8086")) == []


# --- aliases


def test_a_device_of_its_ids_and_another_type_is_named():
    t4 = alias("t4", "8086:1572", device_type=PCI)
    ((_, severity, told),) = aliases([], t4)
    assert (severity, told) == (
        NOTE,
        "0000:81:00.0 has the ids of alias 't4' but is type-PF, and the alias means type-PCI",
    )


def test_an_alias_without_a_type_means_two():
    ((_, _, told),) = aliases([], alias("t4", "8086:1572"))
    assert told.endswith("but is type-PF, and the alias means type-PCI or type-VF")


def test_it_is_a_warning_where_that_device_is_offered_and_has_no_name():
    whole = entry(1, product_id="1572", device_type=PF)
    host = snapshot(CARD)
    ((_, severity, _),) = aliases([whole], alias("t4", "8086:1572"), host=host)
    assert severity is WARNING
    named = alias("pf", "8086:1572", device_type=PF, number=2)
    ((_, severity, _),) = aliases([whole], alias("t4", "8086:1572"), named, host=host)
    assert severity is NOTE


def test_what_became_of_its_devices_is_told_where_none_is_offered():
    whole = alias("whole", "8086:1572", device_type=PF)
    ((_, severity, told),) = aliases([entry(1, devname="ens1f0")], whole)
    assert (severity, told) == (
        NOTE,
        "no device of alias 'whole' is offered here; 0000:81:00.0: its VFs are offered instead of "
        "the whole card",
    )


def test_an_alternative_without_devices_is_not_told_where_another_serves():
    two = [alias("x", "8086:0443"), alias("x", "8086:154c", device_type=VF, number=2)]
    assert aliases([entry(1, product_id="0443")], *two) == []


def test_that_no_entry_can_list_it_is_told_without_a_host():
    assert aliases([entry(1, product_id="ffff")], alias("qat")) == []
    elsewhere = entry(1, address=AddressGlob(bus=0x99))
    ((_, _, told),) = aliases([elsewhere], alias("qat"))
    assert told.endswith("0000:3b:00.0: no whitelist entry matches")


def test_an_alias_of_a_class_is_told_where_no_entry_gives_it():
    assert len(aliases([entry(1)], alias("x", "", resource_class="CUSTOM_X"))) == 1
    assert (
        aliases([entry(1, resource_class="CUSTOM_X")], alias("x", "", resource_class="CUSTOM_X"))
        == []
    )


# --- cards


def test_a_card_that_is_kept_back_is_told_by_the_entry_that_lists_it():
    both = [
        entry(1, product_id="0443"),
        entry(2, product_id="1572", device_type=PF),
        entry(3, product_id="154c"),
    ]
    kept = match_devices(HOST, both, []).held
    ((told),) = cards_kept_back(HOST, both, kept)
    assert (told.source.entry, told.severity) == (2, WARNING)
    assert told.problem.startswith("0000:81:00.0 is not offered: the whole card (")


def test_a_card_of_which_only_a_vf_can_be_seen_is_told():
    alone = snapshot(vf())
    only = [entry(3, product_id="154c")]
    (told,) = cards_kept_back(alone, only, match_devices(alone, only, []).held)
    assert (told.source.entry, told.problem[:12]) == (3, "0000:81:00.0")


def test_a_card_that_cannot_be_read_is_told_without_an_entry():
    (told,) = cards_kept_back(HOST, [], {address("0000:99:00.0"): "it cannot be read"})
    assert (told.source, told.problem) == (None, "0000:99:00.0 is not offered: it cannot be read")


# --- nothing at all


def test_an_empty_whitelist_is_told_and_any_other_is_not():
    (told,) = nothing_listed([])
    assert (told.severity, "this host offers nothing" in told.problem) == (WARNING, True)
    assert list(nothing_listed([entry()])) == []
