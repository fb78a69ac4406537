"""Our groups among extra specs of others."""

import pytest
from support.build import alias

from pci_placement.mapping.questions import questions
from pci_placement.mapping.usage import parse_alternatives
from pci_placement.zun.groups import is_asked, needs_a_look, with_groups

ALIASES = (alias("qat", "8086:0443"), alias("gpu", "10de:20b0"))
QAT, GPU = "CUSTOM_PCI_QAT", "CUSTOM_PCI_GPU"


def asked(text: str):
    return questions(parse_alternatives(text), ALIASES)


def added(specs: dict, text: str) -> dict:
    after = with_groups(specs, asked(text)[-1])
    assert is_asked(after)
    return {key: value for key, value in after.items() if not key.startswith("pci_placement:")}


def test_one_device_is_the_first_group_and_needs_no_policy():
    assert added({}, "qat") == {f"resources1:{QAT}": "1"}


def test_what_zun_put_there_stays_and_is_not_changed_in_place():
    specs = {"trait:CUSTOM_X": "forbidden", "hints": {"pci": "qat"}, "requested_host": None}
    before = dict(specs)
    assert added(specs, "qat") == {**before, f"resources1:{QAT}": "1"}
    assert specs == before
    assert not is_asked(specs)


@pytest.mark.parametrize(
    "key", ["resources1:VCPU", "trait1:CUSTOM_X", "resources1:CUSTOM_\nX", "resources1::"]
)
def test_numbers_in_use_are_left_to_who_uses_them(key):
    specs = {key: "1"}
    assert added(specs, "qat") == {**specs, f"resources2:{QAT}": "1", "group_policy": "none"}


def test_numbers_go_on_after_the_greatest():
    specs = {"resources9:VCPU": "1", "trait12:CUSTOM_X": "required", "resources:VCPU": "1"}
    assert set(added(specs, "qat,gpu")) - set(specs) == {
        f"resources13:{QAT}",
        f"resources14:{GPU}",
        "group_policy",
    }


@pytest.mark.parametrize("key", ["resources01:X", "resources0:X", "resources1", "xresources1:X"])
def test_what_zun_does_not_read_as_a_number_is_none(key):
    assert f"resources1:{QAT}" in added({key: "1"}, "qat")


def test_a_policy_of_somebody_stays():
    assert added({"group_policy": "isolate"}, "qat:2")["group_policy"] == "isolate"


@pytest.mark.parametrize(
    ("text", "needed"),
    [("qat", False), ("qat:2", False), ("qat,gpu", False), ("qat:3", True), ("qat|gpu", True)],
)
def test_who_must_look_first(text, needed):
    assert needs_a_look(asked(text)) is needed
