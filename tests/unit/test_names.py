"""Names that Placement accepts, and identities that nobody may change."""

import re
from uuid import UUID

import os_traits
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.build import address
from support.examples import tried

from pci_placement import identity, names

ROOT = "8c7e2f3a-0d5c-4b52-9a0e-3a4a6d6b1f00"
LONG = "x" * 300


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("gpu", "CUSTOM_GPU", id="lower case"),
        pytest.param("CUSTOM_GPU", "CUSTOM_GPU", id="prefix"),
        pytest.param("custom_gpu", "CUSTOM_GPU", id="prefix in lower case"),
        pytest.param("  gpu ", "CUSTOM_GPU", id="blanks around it"),
        pytest.param("CUSTOM_FOO-BAR", "CUSTOM_FOO_BAR", id="dash"),
        pytest.param("custom-gpu", "CUSTOM_CUSTOM_GPU", id="a dash makes no prefix"),
        pytest.param("CUSTOM_A__B", "CUSTOM_A__B", id="valid as it is"),
        pytest.param("custom_a__b_", "CUSTOM_A__B_", id="valid but for its case"),
        pytest.param("a__b", "CUSTOM_A_B", id="two underscores without the prefix"),
        pytest.param("a!@#$b123X", "CUSTOM_A_B123X", id="a run of signs is one underscore"),
        pytest.param("a100 (80 GB)", "CUSTOM_A100_80_GB_", id="punctuation"),
        pytest.param("größe", "CUSTOM_GR_E", id="letters beyond ASCII"),
        pytest.param("MY_CUSTOM_GPU", "CUSTOM_MY_CUSTOM_GPU", id="prefix further on"),
        pytest.param("x" * 248, "CUSTOM_" + "X" * 248, id="255 characters"),
    ],
)
def test_names_that_are_not_standard_become_custom_ones(text, name):
    assert names.resource_class(text) == name
    assert names.trait(text) == name


@pytest.mark.parametrize("text", ["VGPU", "vgpu", " Pci_Device "])
def test_standard_resource_classes_are_known_in_any_case(text):
    assert names.resource_class(text) == text.strip().upper()


@pytest.mark.parametrize("text", ["HW_CPU_X86_AVX", "hw_cpu_x86_avx", " Hw_Nic_Sriov "])
def test_standard_traits_are_known_in_any_case(text):
    assert names.trait(text) == text.strip().upper()


NAME_MAKERS = [
    names.resource_class,
    names.trait,
    names.alias_resource_class,
    names.alias_trait,
    names.physnet_trait,
]


@pytest.mark.parametrize("make", NAME_MAKERS)
@pytest.mark.parametrize("text", ["", "-", "_", "…", "ü", "٣"])
def test_a_name_needs_a_letter_or_digit_of_ascii(make, text):
    with pytest.raises(ValueError, match=f"^{text!r} has no letter or digit to make a name from"):
        make(text)


@pytest.mark.parametrize("text", ["CUSTOM_", "custom_", "CUSTOM_-"])
def test_the_prefix_alone_is_no_name(text):
    with pytest.raises(ValueError, match="has no letter or digit"):
        names.trait(text)


@pytest.mark.parametrize("make", NAME_MAKERS)
def test_a_name_that_placement_would_not_take_is_too_long(make):
    room = 255 - len(make("x")) + 1
    assert len(make("x" * room)) == 255
    with pytest.raises(
        ValueError, match=r"^CUSTOM_.*X… is 256 characters long; Placement takes 255$"
    ):
        make("x" * (room + 1))


@given(st.text())
@tried(100)
def test_every_name_that_is_made_is_one_that_placement_takes(text):
    for make in NAME_MAKERS:
        try:
            name = make(text)
        except ValueError:
            continue
        assert re.fullmatch("[A-Z0-9_]{1,255}", name)


@pytest.mark.parametrize(
    "physnet",
    ["physnet1", "Phys-Net.2", "_net", "-.-net", " net", "näh", "net…", "1", "a\nb", "CUSTOM_A"],
)
def test_a_physical_network_is_spelled_as_neutron_spells_it(physnet):
    assert names.physnet_trait(physnet) == os_traits.normalize_name("PHYSNET_" + physnet)


def test_a_physical_network_is_a_trait():
    assert names.physnet_trait("physnet1") == "CUSTOM_PHYSNET_PHYSNET1"


def test_an_alias_names_a_class_and_a_trait():
    assert names.alias_resource_class("QuickAssist") == "CUSTOM_PCI_QUICKASSIST"
    assert names.alias_trait("Quick Assist") == "CUSTOM_PCI_ALIAS_QUICK_ASSIST"


def test_ids_name_a_class_and_a_trait():
    assert names.id_resource_class("8086", "10fb") == "CUSTOM_PCI_8086_10FB"
    assert names.id_trait("8086", "10fb") == "CUSTOM_PCI_ID_8086_10FB"


def test_a_numa_node_is_a_trait():
    assert names.numa_trait(1) == "CUSTOM_PCI_NUMA_1"


def test_the_names_that_other_agents_and_schedulers_know_never_change():
    assert names.MANAGED == "CUSTOM_PCI_PLACEMENT_MANAGED"
    assert names.DRAINING == "CUSTOM_PCI_DRAINING"
    assert names.SLOT == "CUSTOM_PCI_SLOT"


LONG_CLASS = names.read_resource_class("CUSTOM_" + "X" * 248)


@pytest.mark.parametrize("name", ["CUSTOM_PCI_QAT", "VGPU", LONG_CLASS])
def test_what_was_reserved_of_a_class_is_a_trait(name):
    found = names.reserved_trait(12, names.read_resource_class(name))
    assert names.is_reserved_trait(found)
    assert len(found) <= 255
    other = names.reserved_trait(3, names.read_resource_class("CUSTOM_PCI_QAT2"))
    assert names.reserved_of(frozenset({found, other, names.MANAGED}), name) == 12
    assert names.reserved_of(frozenset({other, names.MANAGED}), name) == 0


@pytest.mark.parametrize(
    "odd", ["", "X", "1", "1_OF_", "-1_OF_VGPU", "9" * 40 + "_OF_VGPU", "01_OF_VGPU"]
)
def test_what_somebody_else_made_of_such_a_trait_says_nothing(odd):
    made = names.read_trait(f"CUSTOM_PCI_RESERVED_{odd}")
    assert names.reserved_of(frozenset({made}), names.read_resource_class("VGPU")) == 0


def test_the_trait_of_a_reservation_never_changes():
    assert names.reserved_trait(1, names.read_resource_class("CUSTOM_PCI_QAT")) == (
        "CUSTOM_PCI_RESERVED_1_OF_CUSTOM_PCI_QAT"
    )


def test_names_that_placement_sent_are_taken_as_they_are():
    assert names.read_resource_class("CUSTOM_X") == "CUSTOM_X"
    assert names.read_trait("COMPUTE_FROM_THE_FUTURE") == "COMPUTE_FROM_THE_FUTURE"


def test_only_names_without_the_prefix_are_standard():
    assert names.is_standard(names.NIC_SRIOV)
    assert not names.is_standard(names.MANAGED)


@pytest.mark.parametrize(
    ("trait", "ours"),
    [
        ("CUSTOM_PCI_ID_8086_0443", True),
        ("CUSTOM_PHYSNET_PHYSNET1", True),
        ("HW_NIC_SRIOV", True),
        ("HW_NIC_SRIOV_TRUSTED", True),
        ("HW_PCI_LIVE_MIGRATABLE", True),
        ("HW_PCI_ONE_TIME_USE", True),
        ("HW_NIC_SRIOV_QOS_TX", False),
        ("CUSTOM_RACK_7", False),
        ("CUSTOM_PCIE_GEN5", False),
    ],
)
def test_our_traits_are_those_that_speak_of_pci(trait, ours):
    assert names.is_our_trait(names.read_trait(trait)) is ours


@pytest.mark.parametrize(
    ("trait", "tells"),
    [
        (names.NIC_SRIOV, True),
        (names.id_trait("8086", "0443"), True),
        (names.alias_trait("gpu"), True),
        (names.NIC_SRIOV_TRUSTED, False),
        (names.numa_trait(0), False),
        (names.physnet_trait("physnet1"), False),
        (names.MANAGED, False),
    ],
)
def test_some_traits_tell_what_kind_of_device_it_is(trait, tells):
    assert names.tells_kind(trait) is tells


PF = address("0000:81:00.0")


def test_the_key_of_a_vf_provider_tells_trait_sets_apart_where_there_are_several():
    one, other = names.numa_trait(0), names.numa_trait(1)
    assert identity.vf_key(PF, None) == "0000:81:00.0:vf"
    assert identity.vf_key(PF, [one, other]) == identity.vf_key(PF, [other, one])
    assert len({identity.vf_key(PF, traits) for traits in (None, [], [one], [one, other])}) == 4


def test_the_digest_in_a_key_is_pinned():
    traits = [names.read_trait("CUSTOM_B"), names.read_trait("CUSTOM_A")]
    assert identity.vf_key(PF, traits) == "0000:81:00.0:vf:b82d5f5d"


def test_the_key_of_a_pool_is_its_class_its_numa_node_and_its_traits():
    gpu = names.resource_class("gpu")
    both = [names.read_trait("CUSTOM_B"), names.read_trait("CUSTOM_A")]
    assert identity.pool_key(gpu, 0, both) == "CUSTOM_GPU:numa0:b82d5f5d"
    assert identity.pool_key(gpu, None, both[::-1]) == "CUSTOM_GPU:nonuma:b82d5f5d"
    assert identity.pool_key(gpu, 0, both) != identity.pool_key(gpu, 0, both[:1])


@pytest.mark.parametrize(
    ("key", "card"),
    [
        pytest.param("0000:3b:00.0", "0000:3b:00.0", id="whole"),
        pytest.param("0000:81:00.0:vf", "0000:81:00.0", id="VFs"),
        pytest.param("10000:81:00.0:vf:0a1b2c3d", "10000:81:00.0", id="VFs of one trait set"),
        pytest.param("CUSTOM_PCI_GPU:numa0", None, id="pool"),
        pytest.param("CUSTOM_PCI_GPU:nonuma:0a1b2c3d", None, id="pool of one trait set"),
        pytest.param("", None, id="empty"),
    ],
)
def test_a_key_speaks_of_a_card_unless_it_is_a_pool(key, card):
    assert identity.card_of_key(key) == (address(card) if card else None)


@pytest.mark.parametrize(
    ("key", "uuid"),
    [
        ("0000:3b:00.0", "18ee8248-d71f-551a-b397-22ec80f49b5a"),
        ("0000:81:00.0:vf", "79ae0da2-406b-5f7a-beb7-f32f83fc2d9c"),
    ],
)
def test_the_uuid_of_a_provider_never_changes(key, uuid):
    assert identity.provider_uuid(ROOT, key) == uuid


def test_two_roots_have_different_providers_at_one_address():
    other = str(UUID(int=1))
    uuids = {identity.provider_uuid(root, "0000:3b:00.0") for root in (ROOT, other)}
    assert len(uuids) == 2


KEYS = ["0000:3b:00.0", "10000:81:00.0:vf:0a1b2c3d", "CUSTOM_PCI_GPU:numa0"]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("root", ["node", "node.example.org", "a:pci:b", LONG])
def test_a_provider_name_ends_with_its_key(root, key):
    name = identity.provider_name(root, key)
    assert len(name) <= 200
    assert identity.key_in_name(name) == key


def test_a_provider_name_begins_with_its_root():
    assert identity.provider_name("node", "0000:3b:00.0") == "node:pci:0000:3b:00.0"


def test_a_name_of_200_characters_is_left_whole_and_a_longer_one_is_not():
    key = "0000:3b:00.0"
    fits = "x" * (200 - len(":pci:" + key))
    assert identity.provider_name(fits, key) == f"{fits}:pci:{key}"
    assert "~" in identity.provider_name(fits + "x", key)


@pytest.mark.parametrize("room", [1, 2, 100])
def test_a_long_root_is_shortened_as_far_as_the_key_needs(room):
    key = "k" * (200 - room - len("~01234567:pci:"))
    name = identity.provider_name(LONG, key)
    assert re.fullmatch(f"x{{{room}}}~[0-9a-f]{{8}}:pci:{key}", name)


@pytest.mark.parametrize(
    ("root", "key", "name"),
    [
        pytest.param("node", "k" * 250, "node:pci:k{182}", id="a long key"),
        pytest.param(LONG, "k" * 186, "x{191}", id="a long root too, and no room for it"),
    ],
)
def test_where_there_is_no_room_for_the_whole_key_the_name_is_cut(root, key, name):
    assert re.fullmatch(f"{name}~[0-9a-f]{{8}}", identity.provider_name(root, key))


LONG_KEYS = [f"CUSTOM_{'K' * length}:numa0:0a1b2c3d" for length in (160, 165, 170, 200, 240)]


def test_long_roots_and_long_keys_have_short_names_that_differ():
    roots = ["node", LONG, LONG + "y"]
    made = [identity.provider_name(root, key) for root in roots for key in KEYS + LONG_KEYS]
    assert len(set(made)) == len(roots) * len(KEYS + LONG_KEYS)
    assert max(map(len, made)) == 200


@pytest.mark.parametrize("name", ["", "node", "node:pci:", "node_0000:3b:00.0"])
def test_other_names_hold_no_key(name):
    assert identity.key_in_name(name) is None
