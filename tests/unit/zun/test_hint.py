"""What a user may write after `--hint pci=`, and what JSON may stand there."""

import pytest

from pci_placement.errors import RequestError
from pci_placement.zun.hint import LONGEST, MOST_OF_A_CONTAINER, alternatives


def told(text: str) -> list[str]:
    return [",".join(map(str, usages)) for usages in alternatives({"pci": text})]


@pytest.mark.parametrize("hints", [None, {}, {"group": "a"}, {"resources1:CUSTOM_PCI_QAT": "1"}])
def test_no_hint_of_ours_asks_for_nothing(hints):
    assert alternatives(hints) == ()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("qat", ["qat:1"]),
        ("qat:2", ["qat:2"]),
        ("qat:2,nic@physnet1", ["qat:2,nic:1@physnet1"]),
        ("h100:2|a100:4", ["h100:2", "a100:4"]),
        (f"qat:{MOST_OF_A_CONTAINER}", [f"qat:{MOST_OF_A_CONTAINER}"]),
    ],
)
def test_a_hint_is_a_usage(text, meant):
    assert told(text) == meant


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (1, "a number"),
        (1.5, "a number"),
        (True, "a truth value"),
        (None, "nothing"),
        (["qat:1"], "a list"),
        ({"qat": 1}, "an object"),
    ],
)
def test_what_is_no_text_is_refused_with_what_it_is(value, kind):
    with pytest.raises(RequestError, match=f"QuickAssist:1, and not {kind}$"):
        alternatives({"pci": value})


@pytest.mark.parametrize("name", ["PCI", "Pci", " pci", "pci "])
def test_a_name_that_is_nearly_ours_is_not_ignored(name):
    with pytest.raises(RequestError, match="write pci="):
        alternatives({name: "qat:1"})


def test_a_long_text_is_refused_without_repeating_it():
    with pytest.raises(RequestError) as refused:
        alternatives({"pci": "q" * 10_000})
    assert str(refused.value) == f"the hint pci has 10000 characters, and {LONGEST} is the most"


@pytest.mark.parametrize("text", ["qat:17", "qat:16,nic:1", "qat:1|nic:17", "qat:1000"])
def test_more_devices_than_placement_should_permute_are_refused(text):
    with pytest.raises(RequestError, match=f"and {MOST_OF_A_CONTAINER} is the most"):
        alternatives({"pci": text})


@pytest.mark.parametrize("text", ["", " ", "qat:0", "qat:-1", "resources1:VCPU=9", "qat:1&limit=9"])
def test_what_is_no_usage_is_refused(text):
    with pytest.raises(RequestError):
        alternatives({"pci": text})
