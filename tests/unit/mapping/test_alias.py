"""Aliases: what a definition may say, and which devices satisfy it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.build import alias, device, pf, source, traits, values, vf
from support.examples import tried

from pci_placement.mapping.alias import (
    alias_names,
    by_name,
    kind_of,
    kinds_of,
    parse_aliases,
    wants_vfs_of,
)
from pci_placement.model import DevType, PciAlias, Severity

QAT = {"name": "QuickAssist", "vendor_id": "8086", "product_id": "0443"}


def parse(**content) -> PciAlias:
    """Read one definition without problems."""
    (found,), problems = parse_aliases(values(content))
    assert problems == ()
    return found


def wrong(text) -> list[str]:
    """What is wrong with one value that gives no definition."""
    aliases, problems = parse_aliases(values(text))
    assert aliases == ()
    assert {problem.source for problem in problems} == {source()}
    return [problem.problem for problem in problems]


def test_an_alias_needs_a_name_and_two_ids():
    assert parse(**QAT) == PciAlias(source(), "QuickAssist", "8086", "0443")


def test_every_key_is_read():
    found = parse(
        name=" gpu ",
        vendor_id="10DE",
        product_id="20B0",
        device_type="type-PF",
        resource_class="gpu",
        traits="fast,HW_GPU_API_VULKAN",
        numa_policy="socket",
        live_migratable="yes",
        capability_type="pci",
    )
    assert found == PciAlias(
        source(),
        name="gpu",
        vendor_id="10de",
        product_id="20b0",
        device_type=DevType.PF,
        resource_class="CUSTOM_GPU",
        traits=traits("CUSTOM_FAST", "HW_GPU_API_VULKAN"),
        numa_policy="socket",
        live_migratable=True,
    )


@pytest.mark.parametrize("ids", [{}, {"vendor_id": "", "product_id": ""}], ids=["absent", "empty"])
def test_ids_may_be_left_out_where_a_resource_class_is_given(ids):
    found = parse(name="gpu", resource_class="CUSTOM_GPU", **ids)
    assert (found.vendor_id, found.product_id) == (None, None)


def test_an_empty_resource_class_counts_as_absent():
    assert parse(**QAT, resource_class="").resource_class is None


@pytest.mark.parametrize("policy", ["required", "preferred", "socket", "legacy"])
def test_the_numa_policies_are_novas(policy):
    assert parse(**QAT, numa_policy=policy).numa_policy == policy


INCOMPLETE = "an alias needs vendor_id and product_id, or resource_class"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ({**QAT, "product": "0443"}, "unknown key 'product'"),
        ({**QAT, "capability_type": "usb"}, "capability_type must be 'pci'"),
        ({**QAT, "capability_type": None}, "capability_type must be 'pci'"),
        ({**QAT, "numa_policy": "strict"}, "numa_policy: 'strict' is not one of required, "),
        ({**QAT, "device_type": "type-NIC"}, "device_type 'type-NIC' is not a device type"),
        ({**QAT, "live_migratable": "maybe"}, "live_migratable must be true or false"),
        ({**QAT, "traits": 7}, "traits must be a string or a list of strings, not 7"),
        ({**QAT, "traits": "fast,-"}, "traits: '-' has no letter or digit"),
        ({**QAT, "resource_class": "-"}, "resource_class: '-' has no letter or digit"),
        ({**QAT, "resource_class": None}, "resource_class must be a string that is not empty"),
        ({**QAT, "vendor_id": " 8086"}, "vendor_id ' 8086' has blanks around it"),
        ({**QAT, "product_id": "0443\n"}, "product_id '0443\\n' has blanks around it"),
        ({"name": "gpu", "vendor_id": "", "product_id": "", "resource_class": ""}, INCOMPLETE),
        ({**QAT, "vendor_id": 8086}, "vendor_id must be a string that is not empty, not 8086"),
        ({**QAT, "vendor_id": "*"}, "vendor_id: '*' is not four hexadecimal digits"),
        ({**QAT, "vendor_id": "086"}, "vendor_id: '086' is not four hexadecimal digits"),
        ({**QAT, "product_id": "00443"}, "product_id: '00443' is not four hexadecimal digits"),
        ({**QAT, "product_id": "٠٤٤٣"}, "is not four hexadecimal digits"),
        ({**QAT, "vendor_id": ""}, INCOMPLETE),
        ({"name": "gpu", "product_id": "0443"}, INCOMPLETE),
        ({"name": "gpu", "vendor_id": "8086"}, INCOMPLETE),
        ({**QAT, "name": ""}, "name must be a string that is not empty"),
        ({**QAT, "name": "…"}, "name: '…' has no letter or digit to make a name from"),
        ({**QAT, "name": "a:b"}, "name: 'a:b' contains one of : , @"),
        ({**QAT, "name": "a,b"}, "name: 'a,b' contains one of : , @"),
        ({**QAT, "name": "a@b"}, "name: 'a@b' contains one of : , @"),
        ({**QAT, "name": "a|b"}, "name: 'a|b' contains |, which separates"),
        ({**QAT, "name": "slot"}, "name: 'slot' "),
        ({**QAT, "name": "Slot"}, "name: 'Slot' "),
        ({**QAT, "name": "8086_0443"}, "name: '8086_0443' would become CUSTOM_PCI_8086_0443"),
        ({**QAT, "name": "10de-20B0"}, "name: '10de-20B0' would become CUSTOM_PCI_10DE_20B0"),
        ({**QAT, "name": "x" * 245}, "is 256 characters long; Placement takes 255"),
        ({"vendor_id": "8086", "product_id": "0443"}, "an alias needs a name"),
    ],
    ids=lambda value: json.dumps(value)[:60] if isinstance(value, dict) else "",
)
def test_a_wrong_definition_is_none(content, problem):
    (said,) = wrong(content)
    assert problem in said


def test_an_alias_that_is_wrong_anyway_is_not_also_called_incomplete():
    assert len(wrong({"name": "gpu", "vendor_id": 8086})) == 1


def test_short_device_types_leave_an_alias_usable():
    (found,), (problem,) = parse_aliases(values({**QAT, "device_type": "VF"}))
    assert found.device_type is DevType.VF
    assert problem.severity is Severity.WARNING


def test_the_good_definitions_are_kept_and_all_problems_told():
    aliases, problems = parse_aliases(values([QAT, {"name": "x"}], "{", {**QAT, "name": "y"}))
    assert [found.name for found in aliases] == ["QuickAssist", "y"]
    assert [problem.source.entry for problem in problems] == [3, 2]


def test_definitions_are_grouped_by_name_in_the_order_of_first_mention():
    b1, a, b2 = alias("b"), alias("a"), alias("b", "8086:37c9")
    groups = by_name([b1, a, b2])
    assert list(groups.items()) == [("b", [b1, b2]), ("a", [a])]


def test_the_same_name_again_adds_an_alternative():
    other = {**QAT, "product_id": "37c9", "device_type": "type-VF"}
    aliases, problems = parse_aliases(values(QAT, other))
    assert [found.product_id for found in aliases] == ["0443", "37c9"]
    assert problems == ()


CLASS = {"resource_class": "CUSTOM_GPU"}


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        ({}, {"device_type": "type-PF"}, "type-PF with other device types"),
        ({"numa_policy": "required"}, {}, "different numa_policy values"),
        (CLASS, {"resource_class": "CUSTOM_NIC"}, "different resource_class values"),
        ({"live_migratable": True}, {"live_migratable": "no"}, "live_migratable true and false"),
        (
            {"traits": "hw_pci_live_migratable"},
            {"live_migratable": False},
            "live_migratable true and false",
        ),
    ],
    ids=["type", "numa policy", "class", "live migratable", "live migratable as a trait"],
)
def test_alternatives_must_be_able_to_serve_one_request(one, other, what):
    again = {**QAT, "product_id": "37c9", **other}
    _, (problem,) = parse_aliases(values({**QAT, "name": "z"}, {**QAT, **one}, again))
    assert problem.problem == f"the alternatives of alias 'QuickAssist' mix {what}"
    assert problem.source == source(3)
    assert problem.severity is Severity.ERROR


@pytest.mark.parametrize(
    "more",
    [
        CLASS,
        {"numa_policy": "legacy"},
        {"live_migratable": False},
        {"traits": "fast"},
        {"device_type": "type-VF"},
    ],
    ids=json.dumps,
)
def test_an_alternative_may_leave_to_another_what_they_have_in_common(more):
    aliases, problems = parse_aliases(values(QAT, {**QAT, "product_id": "37c9", **more}))
    assert len(aliases) == 2
    assert problems == ()


def test_names_that_come_out_as_one_class_are_an_error():
    other = {**QAT, "product_id": "37c9"}
    listed = [{**QAT, "name": "gpu-1"}, {**other, "name": "gpu_1"}, {**other, "name": "GPU 2"}]
    _, (problem,) = parse_aliases(values(listed))
    assert problem.problem == (
        "the alias names 'gpu-1' and 'gpu_1' both come out as CUSTOM_PCI_GPU_1"
    )
    assert problem.source == source(2)
    assert problem.severity is Severity.ERROR


def test_names_that_come_out_alike_are_fine_where_they_do_not_make_the_class():
    listed = [{**QAT, "name": "gpu-1"}, {**QAT, **CLASS, "name": "gpu_1"}]
    assert parse_aliases(values(listed))[1] == ()


@pytest.mark.parametrize(
    ("found", "of", "satisfied"),
    [
        pytest.param(device(), alias(), True, id="plain"),
        pytest.param(vf(), alias(ids="8086:154c"), True, id="VF, no type"),
        pytest.param(pf(), alias(ids="8086:1572"), False, id="PF, no type"),
        pytest.param(pf(), alias(ids="8086:1572", device_type=DevType.PF), True, id="PF"),
        pytest.param(vf(), alias(ids="8086:154c", device_type=DevType.PCI), False, id="VF as PCI"),
        pytest.param(device(), alias(ids="10de:0443"), False, id="other vendor"),
        pytest.param(device(), alias(ids="8086:0442"), False, id="other product"),
        pytest.param(device(), alias(ids="", resource_class="CUSTOM_X"), False, id="no ids"),
    ],
)
def test_a_device_satisfies_an_alias_of_its_ids_and_type(found, of, satisfied):
    assert (kind_of(found) in kinds_of(of)) is satisfied


def test_a_device_has_the_names_of_all_aliases_that_it_satisfies_once_and_sorted():
    aliases = [alias("z"), alias("a"), alias("other", "8086:37c9"), alias("z")]
    assert alias_names(aliases)(device()) == ("a", "z")


@pytest.mark.parametrize(
    ("of", "wants"),
    [
        pytest.param(alias(ids="8086:154c", device_type=DevType.VF), True, id="its VFs"),
        pytest.param(alias(ids="8086:154c"), False, id="no type"),
        pytest.param(alias(ids="8086:1572", device_type=DevType.VF), False, id="other product"),
        pytest.param(alias(ids="10de:154c", device_type=DevType.VF), False, id="other vendor"),
    ],
)
def test_only_an_alias_of_type_vf_waits_for_vfs(of, wants):
    assert wants_vfs_of(pf(), [alias(), of]) is wants


KEYS = st.sampled_from(
    """name vendor_id product_id device_type resource_class traits numa_policy live_migratable
    capability_type nam""".split()
)
WORDS = st.sampled_from(["", "gpu", "8086", "type-PF", "VF", "yes", "a:b", "pci", "x" * 260])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=8)
OBJECTS = st.dictionaries(KEYS, SCALARS | st.lists(SCALARS, max_size=3), max_size=6)
TEXTS = (OBJECTS | st.builds(dict, st.just(QAT), traits=SCALARS)).map(json.dumps)


@given(TEXTS | st.text(max_size=20))
@tried(200)
def test_no_text_raises_and_a_definition_with_an_error_is_never_usable(text):
    aliases, problems = parse_aliases(values(text))
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    assert bool(aliases) is not bool(errors)
