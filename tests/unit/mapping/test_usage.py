"""What one writes to ask for devices, and how it is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.examples import tried

from pci_placement.errors import RequestError
from pci_placement.mapping.usage import (
    MOST_ALTERNATIVES,
    MOST_DEVICES,
    parse_alternatives,
    parse_usage,
)
from pci_placement.model import PciAliasUsage


def told(text: str) -> str:
    with pytest.raises(RequestError) as raised:
        parse_alternatives(text)
    return str(raised.value)


@pytest.mark.parametrize(
    ("text", "usages"),
    [
        pytest.param("gpu", [PciAliasUsage("gpu", 1)], id="no count"),
        pytest.param("gpu:2", [PciAliasUsage("gpu", 2)], id="count"),
        pytest.param("gpu:1000", [PciAliasUsage("gpu", 1000)], id="most"),
        pytest.param("nic@physnet1", [PciAliasUsage("nic", 1, "physnet1")], id="network"),
        pytest.param("nic:2@net", [PciAliasUsage("nic", 2, "net")], id="count and network"),
        pytest.param("a:2,b", [PciAliasUsage("a", 2), PciAliasUsage("b")], id="several"),
        pytest.param(" a : 2 , b ", [PciAliasUsage("a", 2), PciAliasUsage("b")], id="blanks"),
        pytest.param("Tesla V100:1", [PciAliasUsage("Tesla V100")], id="blank in the name"),
    ],
)
def test_a_request_is_names_with_counts_and_networks(text, usages):
    assert parse_usage(text) == tuple(usages)


@pytest.mark.parametrize(
    "text",
    [
        *["", " ", ",", "gpu:1,", ":2", "@net", "gpu@", "gpu:1:2", "gpu@net:2", "gpu@a@b"],
        *["|", "gpu|", "|gpu", "gpu||nic", "gpu:1|,nic", "gpu|:2"],
    ],
)
def test_anything_else_is_not_a_request(text):
    with pytest.raises(RequestError, match="is not a request: write ALIAS:COUNT"):
        parse_usage(text)


@pytest.mark.parametrize(
    "count", ["", "0", "-1", "+1", "1_0", "1.0", "0x1", "two", "1001", "9" * 5000, "٣", "²"]
)
def test_a_count_is_a_positive_number(count):
    with pytest.raises(RequestError, match=f"the count must be 1 to {MOST_DEVICES}, not"):
        parse_usage(f"gpu:{count}")


@given(
    st.builds(
        PciAliasUsage,
        st.text("ab-. 7", min_size=1).map(str.strip).filter(bool),
        st.integers(1, MOST_DEVICES),
        st.none() | st.text("ab7", min_size=1),
    )
)
@tried(50)
def test_a_usage_is_what_its_text_is_read_as(usage):
    assert parse_usage(str(usage)) == (usage,)


@pytest.mark.parametrize("text", ["gpu@-", "gpu:1@ ", f"gpu@{'x' * 300}"])
def test_a_network_that_no_trait_can_name_is_an_error_of_the_request(text):
    with pytest.raises(RequestError):
        parse_usage(text)


def test_blanks_around_a_network_do_not_belong_to_it():
    assert parse_usage("gpu@ net ") == (PciAliasUsage("gpu", 1, "net"),)


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("gpu:2", ["gpu:2"]),
        ("h100:2|a100:4", ["h100:2", "a100:4"]),
        ("h100|a100:4@net , nic@net", ["h100:1,nic:1@net", "a100:4@net,nic:1@net"]),
        ("a|b,c|d", ["a:1,c:1", "a:1,d:1", "b:1,c:1", "b:1,d:1"]),
        ("a|b|a:1", ["a:1", "b:1"]),
        ("nic@one|nic@two", ["nic:1@one", "nic:1@two"]),
    ],
)
def test_alternatives_are_choices_of_one_a_wish_and_the_first_wish_weighs_most(text, choices):
    assert [",".join(map(str, usages)) for usages in parse_alternatives(text)] == choices


@pytest.mark.parametrize("text", ["gpu", "a:2,b@net"])
def test_without_alternatives_there_is_one_choice(text):
    assert parse_alternatives(text) == (parse_usage(text),)


def test_one_query_cannot_have_alternatives():
    with pytest.raises(RequestError, match=r"^'a\|b,c' has alternatives, and one query has none"):
        parse_usage("a|b,c")


def test_there_may_be_so_many_choices():
    assert len(parse_alternatives("a|b,c|d,e|f,g|h")) == MOST_ALTERNATIVES
    message = told("a|b,c|d,e|f,g|h|i")
    assert message.startswith("'a|b,c|d,e|f,g|h|i' comes to 24 choices of one alternative a wish")
    assert message.endswith("16 is the most: write fewer alternatives, or several requests")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gpu:x", "'gpu:x': the count must be 1 to 1000, not 'x'; write, for example, gpu:2"),
        ("a,gpu:0", "at character 3: 'gpu:0': the count must be 1 to 1000, not '0'"),
        ("a:2| gpu: ,b", "at character 6: 'gpu:': the count must be 1 to 1000, not ''"),
        ("a,b|,c", "at character 5: '' is not a request: write ALIAS:COUNT[@PHYSNET]"),
        ("a,b@-", "at character 3: 'b@-': physical network: "),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text, message):
    assert told(text).startswith(message)


def test_what_to_write_for_a_network_is_told():
    assert told("nic:2@-").endswith("; write, for example, nic@physnet1")
