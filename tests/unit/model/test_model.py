"""The nouns: what little they can do."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.build import address, alias, device, entry, observed, pf, snapshot, source, totals, vf
from support.examples import tried

from pci_placement import model, names
from pci_placement.model import (
    AddressGlob,
    AddressRegex,
    CreateProvider,
    DeleteProvider,
    DevType,
    Drain,
    EnsureResourceClass,
    EnsureTrait,
    Expression,
    Inventory,
    Match,
    Matching,
    MoveProvider,
    PciAddress,
    PciAliasUsage,
    Plan,
    Pooling,
    Problem,
    Provider,
    ProviderTree,
    Refusal,
    RenameProvider,
    SetInventories,
    SetTraits,
    Severity,
    State,
    Tags,
    Undrain,
    Unreadable,
)

VALUES = [noun for name in model.__all__ if dataclasses.is_dataclass(noun := getattr(model, name))]


@pytest.mark.parametrize("noun", VALUES)
def test_a_noun_is_a_frozen_value_with_nothing_but_its_fields(noun):
    assert noun.__dataclass_params__.frozen
    assert "__dict__" not in vars(noun)


@pytest.mark.parametrize(
    ("words", "texts"),
    [
        (DevType, ["type-PCI", "type-PF", "type-VF"]),
        (State, ["offered", "ignored", "held", "unreadable", "not ours to give"]),
        (Severity, ["error", "warning", "note"]),
        (Pooling, ["device", "numa"]),
    ],
)
def test_the_words_are_those_that_other_programs_read(words, texts):
    assert [str(word) for word in words] == texts


def test_what_is_not_said_of_a_device_does_not_hold():
    assert not any(dataclasses.astuple(Tags()))
    assert not any(dataclasses.astuple(device())[5:])


EVERY_ADDRESS = st.builds(
    PciAddress,
    st.integers(0, 0xFFFFFFFF),
    st.integers(0, 0xFF),
    st.integers(0, 0x1F),
    st.integers(0, 7),
)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        pytest.param("0000:81:00.0", (0, 0x81, 0, 0), id="as sysfs writes it"),
        pytest.param("0000:AB:0c.1", (0, 0xAB, 0xC, 1), id="capitals"),
        pytest.param("10000:e1:1f.7", (0x10000, 0xE1, 0x1F, 7), id="a domain of VMD"),
        pytest.param("ffffffff:ff:1f.7", (0xFFFFFFFF, 0xFF, 0x1F, 7), id="the greatest"),
    ],
)
def test_an_address_is_read_field_by_field(text, fields):
    assert address(text) == PciAddress(*fields)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("0000:81:00.0\n", id="trailing newline"),
        pytest.param(" 0000:81:00.0", id="leading blank"),
        pytest.param("0000:81:00x1", id="no dot"),
        pytest.param("0000:81:00", id="no function"),
        pytest.param("81:00.0", id="no domain"),
        pytest.param("000:81:00.0", id="domain of 3 digits"),
        pytest.param("000000000:81:00.0", id="domain of 9 digits"),
        pytest.param("0000:8:00.0", id="bus of 1 digit"),
        pytest.param("0000:181:00.0", id="bus of 3 digits"),
        pytest.param("0000:81:20.0", id="slot 0x20"),
        pytest.param("0000:81:00.8", id="function 8"),
        pytest.param("0000:81:00.00", id="function of 2 digits"),
        pytest.param("0000:8g:00.0", id="not hexadecimal"),
        pytest.param("٠٠٠٠:81:00.0", id="Arabic digits"),
        pytest.param("0000:81:00.\uff10", id="fullwidth digit"),
        pytest.param("0x00:81:00.0", id="prefix"),
        pytest.param("*:81:00.0", id="glob"),
    ],
)
def test_anything_else_is_not_an_address(text):
    with pytest.raises(ValueError, match="is not a PCI address such as 0000:81:00"):
        address(text)


@given(EVERY_ADDRESS)
@tried(50)
def test_an_address_is_what_its_text_is_read_as(given_address):
    assert address(str(given_address)) == given_address
    assert str(given_address) == str(given_address).lower()


def test_addresses_order_as_lspci_lists_them():
    texts = ["0000:0a:00.0", "0000:81:00.0", "0000:81:00.1", "0000:81:02.0", "10000:01:00.0"]
    assert sorted(map(address, reversed(texts))) == [address(text) for text in texts]


@pytest.mark.parametrize(
    ("glob", "matches"),
    [
        pytest.param(AddressGlob(), True, id="any"),
        pytest.param(AddressGlob(0, 0x81, 2, 1), True, id="exact"),
        pytest.param(AddressGlob(bus=0x81), True, id="bus"),
        pytest.param(AddressGlob(domain=1), False, id="other domain"),
        pytest.param(AddressGlob(bus=0x80), False, id="other bus"),
        pytest.param(AddressGlob(slot=0), False, id="other slot"),
        pytest.param(AddressGlob(function=0), False, id="other function"),
    ],
)
def test_a_glob_matches_on_each_field_that_it_gives(glob, matches):
    assert glob.matches(address("0000:81:02.1")) is matches


@pytest.mark.parametrize("open_field", [0, 1, 2, 3])
def test_a_glob_with_an_open_field_is_not_exact(open_field):
    fields = [0, 0, 0, 0]
    assert AddressGlob(*fields).is_exact
    fields[open_field] = None
    assert not AddressGlob(*fields).is_exact


def regex(domain=".*", bus=".*", slot=".*", function=".*"):
    return AddressRegex(*map(Expression, (domain, bus, slot, function)))


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        pytest.param(regex(), True, id="any"),
        pytest.param(regex("0000", "0a", "1f", "7"), True, id="every field in sysfs's digits"),
        pytest.param(regex(bus="0"), True, id="only the start counts"),
        pytest.param(regex(domain="00000"), False, id="domain"),
        pytest.param(regex(bus="a"), False, id="bus"),
        pytest.param(regex(slot="f"), False, id="slot"),
        pytest.param(regex(function="[0-6]"), False, id="function"),
    ],
)
def test_regular_expressions_match_the_start_of_each_field(pattern, matches):
    assert pattern.matches(address("0000:0a:1f.7")) is matches


@pytest.mark.parametrize(
    ("pattern", "exact"),
    [
        pytest.param(regex("0000", "0a", "1f", "7"), True, id="plain hex"),
        pytest.param(regex("0000", "0A", "1f", "7"), False, id="not as /sys spells it"),
        pytest.param(regex("0", "a", "1f", "7"), False, id="not at full width"),
        pytest.param(regex("0000", "0a", "1f"), False, id="a field left out"),
        pytest.param(regex("0000", "0[ab]", "1f", "7"), False, id="an expression"),
        pytest.param(regex("0000", "٠", "1f", "7"), False, id="Arabic digit"),
        pytest.param(regex("0000", "0a\n", "1f", "7"), False, id="trailing newline"),
    ],
)
def test_regular_expressions_are_exact_where_all_are_plain_hex(pattern, exact):
    assert pattern.is_exact is exact


@pytest.mark.parametrize(
    ("class_code", "bridge", "network"),
    [
        ("060400", True, False),
        ("060000", True, False),
        ("060a00", True, False),
        ("068000", False, False),  # an NVSwitch
        ("020000", False, True),
        ("0b4000", False, False),
    ],
)
def test_a_device_knows_its_class(class_code, bridge, network):
    found = device(class_code=class_code)
    assert (found.is_bridge, found.is_network) == (bridge, network)


def test_what_carries_a_bus_is_a_bridge_whatever_its_class():
    assert device(class_code="068000", carries_bus=True).is_bridge


def test_the_card_of_a_vf_is_its_pf_and_of_all_others_the_device_itself():
    assert vf("0000:81:02.3", parent="0000:81:00.0").card_addr == address("0000:81:00.0")
    assert pf("0000:81:00.0").card_addr == address("0000:81:00.0")


def test_what_cannot_be_read_makes_its_card_unsure():
    unreadable = {
        address("0000:3b:00.0"): Unreadable("no vendor"),
        address("0000:81:02.1"): Unreadable("no device", address("0000:81:00.0")),
    }
    assert snapshot(unreadable=unreadable).unsure == {
        address("0000:3b:00.0"): "0000:3b:00.0 cannot be read: no vendor",
        address("0000:81:00.0"): "0000:81:02.1 cannot be read: no device",
    }


def test_a_snapshot_finds_its_devices_by_address():
    card, function = pf(), vf()
    assert snapshot(card, function).by_address() == {
        card.address: card,
        function.address: function,
    }
    assert snapshot().unsure == {}


def test_a_provider_tree_finds_its_providers_by_key():
    provider = Provider("0000:3b:00.0")
    assert ProviderTree((provider,)).by_key() == {"0000:3b:00.0": provider}


GPU, NIC = names.resource_class("gpu"), names.resource_class("nic")


@pytest.mark.parametrize(
    ("consumers", "used"),
    [
        pytest.param(None, {}, id="nobody asked"),
        pytest.param({}, {}, id="nobody"),
        pytest.param({"c1": {GPU: 1}, "c2": {GPU: 2, NIC: 4}}, {GPU: 3, NIC: 4}, id="added up"),
    ],
)
def test_what_is_used_of_a_provider_is_what_its_consumers_hold(consumers, used):
    assert observed(consumers=consumers).used == used


NONE = frozenset()
LESS, SAME, MORE = totals(gpu=1), totals(gpu=2), totals(gpu=3, nic=1)


@pytest.mark.parametrize(
    ("action", "takes_away"),
    [
        pytest.param(EnsureResourceClass(GPU), False, id="resource class"),
        pytest.param(EnsureTrait(names.MANAGED), False, id="trait"),
        pytest.param(CreateProvider("u", "n", "p", "pn", "why"), False, id="create"),
        pytest.param(RenameProvider("u", "n", "old", "p", "why"), False, id="rename"),
        pytest.param(MoveProvider("u", "n", "p", "pn", "why"), False, id="move"),
        pytest.param(SetTraits("u", "n", NONE, NONE, NONE, "why"), False, id="traits"),
        pytest.param(SetInventories("u", "n", SAME, {}, "why"), False, id="first inventory"),
        pytest.param(SetInventories("u", "n", MORE, SAME, "why"), False, id="more"),
        pytest.param(SetInventories("u", "n", LESS, SAME, "why"), True, id="less"),
        pytest.param(SetInventories("u", "n", {}, SAME, "why"), True, id="class dropped"),
        pytest.param(Undrain("u", "n", NONE, SAME, SAME, "why"), False, id="undrain all"),
        pytest.param(Undrain("u", "n", NONE, LESS, SAME, "why"), True, id="undrain a part"),
        pytest.param(Drain("u", "n", NONE, SAME, SAME, "why"), True, id="drain"),
        pytest.param(DeleteProvider("u", "n", "why"), True, id="delete"),
    ],
)
def test_a_plan_takes_away_where_an_action_lessens_what_is_offered(action, takes_away):
    harmless = EnsureTrait(names.MANAGED)
    assert Plan((harmless, action)).takes_away is takes_away


def test_an_empty_plan_takes_nothing_away():
    assert not Plan(()).takes_away


def test_actions_about_a_name_speak_of_no_provider():
    action = EnsureResourceClass(GPU)
    assert (action.uuid, action.name) == ("", "")


def test_an_inventory_is_given_out_one_by_one_unless_it_says_otherwise():
    assert Inventory(4) == Inventory(4, 0, 1, 1, 1, 1.0)


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        pytest.param(Problem("wrong"), "wrong", id="bare"),
        pytest.param(Problem("wrong", "do right"), "wrong; do right", id="suggestion"),
        pytest.param(
            Problem("wrong", "do right", source(3)),
            "zun.conf: [pci] device_spec, entry 3: wrong; do right",
            id="source",
        ),
    ],
)
def test_a_problem_says_where_and_what_to_write_instead(problem, text):
    assert str(problem) == text
    assert problem.severity is Severity.ERROR


def test_an_entry_gives_its_physical_network_directly():
    assert entry(physical_network="physnet1").physical_network == "physnet1"
    assert entry().physical_network is None


@pytest.mark.parametrize(
    ("device_type", "kinds"),
    [
        (None, (DevType.PCI, DevType.VF)),
        (DevType.PF, (DevType.PF,)),
        (DevType.VF, (DevType.VF,)),
    ],
)
def test_an_alias_without_a_type_never_stands_for_a_pf(device_type, kinds):
    assert alias(device_type=device_type).device_types == kinds


@pytest.mark.parametrize(
    ("usage", "text"),
    [
        (PciAliasUsage("gpu"), "gpu:1"),
        (PciAliasUsage("nic", 2, "physnet1"), "nic:2@physnet1"),
    ],
)
def test_a_usage_is_written_as_one_asks_for_it(usage, text):
    assert str(usage) == text


def test_a_matching_tells_what_is_offered_from_the_cards_that_are_held():
    offered = Match(device(), entry())
    held, ignored = vf(), device("0000:3c:00.0")
    matching = Matching(
        {
            offered.device.address: offered,
            ignored.address: Refusal(ignored, State.IGNORED, "not listed"),
            held.address: Refusal(held, State.HELD, "conflict"),
        }
    )
    assert matching.matches == (offered,)
    assert matching.held == {held.parent_addr: "conflict"}
