"""Lists as operators write them: each text means one thing, or is refused with a reason."""

import json
from dataclasses import replace

import pytest
from support.build import alias, device, entry, pf, snapshot, vf

from pci_placement import names
from pci_placement.conf.json_objects import OptionValue
from pci_placement.discovery.whitelist import parse_whitelist
from pci_placement.mapping.alias import parse_aliases, wants_vfs_of
from pci_placement.mapping.match import NO_PF, VFS_MEANT, match_devices
from pci_placement.model import DevType, Severity, Source, State
from pci_placement.settings import ConfigError, ConfigPath
from pci_placement.settings import read as read_settings

SOURCE = Source("zun.conf", "[pci] device_spec", 1)


def errors(parse, *contents):
    values = [
        OptionValue(SOURCE, text if isinstance(text, str) else json.dumps(text))
        for text in contents
    ]
    return [p.problem for p in parse(values)[1] if p.severity is Severity.ERROR]


@pytest.mark.parametrize(
    "content",
    [
        {"address": {"bus": f"a{{{'9' * 5000}}}"}},
        '{"vendor_id": ' + "[" * 990 + "]" * 990 + "}",
        '{"physical_network": "a\\ud800"}',
        {"traits": "OWNER_NOVA"},
        {"traits": "COMPUTE_MANAGED_PCI_DEVICE"},
        {"traits": "CUSTOM_PCI_RESERVED_1_OF_VGPU"},
        {"traits": ["CUSTOM_PCI_PLACEMENT_MANAGED"]},
        {"traits": "pci_draining"},
        {"resource_class": "pci_slot"},
    ],
    ids=lambda content: str(content)[:40],
)
def test_an_entry_is_refused(content):
    assert errors(parse_whitelist, content)


@pytest.mark.parametrize(
    "contents",
    [
        [{"name": "x" * 240, "vendor_id": "8086", "product_id": "0443"}],
        [
            {"name": "gpu", "vendor_id": "8086", "product_id": "0443"},
            {"name": "any", "resource_class": "CUSTOM_PCI_GPU"},
        ],
        [{"name": "a", "resource_class": "x", "traits": "HW_PCI_LIVE_MIGRATABLE",
          "live_migratable": False}],
    ],
    ids=["its trait would be too long", "somebody else's class", "wanted and not wanted"],
)  # fmt: skip
def test_aliases_are_refused(contents):
    assert errors(parse_aliases, *contents)


def test_names_of_a_list_are_separated_by_commas_too():
    ((only,), _) = parse_whitelist([OptionValue(SOURCE, '{"traits": ["A,B", "C"]}')])
    assert only.tags.traits == {names.trait("A"), names.trait("B"), names.trait("C")}


def test_only_ascii_letters_make_a_standard_name():
    assert names.resource_class("dısk_gb") == "CUSTOM_D_SK_GB"


def test_one_id_beside_a_class_is_told_to_be_useless():
    _, problems = parse_aliases(
        [OptionValue(SOURCE, '{"name": "a", "resource_class": "x", "vendor_id": "8086"}')]
    )
    assert [p.severity for p in problems] == [Severity.WARNING]


def test_what_python_doubts_about_an_expression_is_a_warning():
    _, problems = parse_whitelist([OptionValue(SOURCE, '{"address": {"bus": "[[a]"}}')])
    assert [p.severity for p in problems] == [Severity.WARNING]


@pytest.mark.parametrize("text", ["(.)\\\\1", "(?>.*)z", "(?:" * 99 + "a" + ")?" * 99])
def test_an_expression_that_may_never_end_is_an_error_at_its_place(text):
    value = f'[{{}}, {{"address": {{"slot": "{text}"}}}}]'
    _, (problem,) = parse_whitelist([OptionValue(SOURCE, value)])
    assert (problem.severity, problem.source) == (Severity.ERROR, replace(SOURCE, entry=2))
    assert problem.problem.startswith("address slot ")
    assert " may take for ever to match: it " in problem.problem


def test_an_unknown_kind_of_vf_is_awaited_by_nobody():
    card = pf(sriov_vf_device=None)
    wanting = alias("vf", "8086:", device_type=DevType.VF, resource_class="CUSTOM_X")
    assert not wants_vfs_of(card, [wanting])


def test_a_vf_of_something_that_is_no_pf_is_held_with_it():
    host = snapshot(device("0000:81:00.0"), vf())
    verdicts = match_devices(host, [entry()], []).verdicts.values()
    assert [v.state for v in verdicts] == [State.HELD, State.HELD]
    assert {v.reason for v in verdicts} == {NO_PF.format("0000:81:00.0")}


def test_a_pf_whose_vfs_are_meant_and_not_offered_says_so():
    card = pf()
    aliases = [alias("card", "8086:1572", device_type=DevType.PF)]
    host = snapshot(card, vf())
    verdict = match_devices(host, [entry()], aliases, offer_unaliased=False).verdicts
    assert verdict[card.address].reason == VFS_MEANT


@pytest.mark.parametrize(
    "text",
    ['alias = {"name": "$alias"}', 'device_spec = {"devname": "^8$foo"}',
     'device_spec = {"devname": "$foo.bar"}', 'device_spec = {"devname": "$pci"}'],
)  # fmt: skip
def test_a_word_after_a_dollar_sign_is_explained(tmp_path, text):
    file = tmp_path / "zun.conf"
    file.write_text(f"[pci]\n{text}\n")
    with pytest.raises(ConfigError, match=r"write \$\$"):
        read_settings([ConfigPath(str(file))])


def test_the_environment_is_no_configuration(tmp_path, monkeypatch):
    monkeypatch.setenv("OS_PCI__DEVICE_SPEC", "{}")
    file = tmp_path / "zun.conf"
    file.write_text("[pci]\n")
    assert read_settings([ConfigPath(str(file))]).whitelist == ()


def test_options_of_ours_are_checked_like_the_lists_and_with_them(tmp_path):
    file = tmp_path / "zun.conf"
    file.write_text(
        "[pci_placement]\nunaliased = maybe\nroot_provider_uuid = foo\nsettle_time = nan\n"
        'state_dir =\n[pci]\ndevice_spec = {"vendorid": "8086"}\n'
    )
    problems = read_settings([ConfigPath(str(file))]).problems
    options = [p.source.option for p in problems]
    assert options == [
        "[pci_placement] root_provider_uuid",
        "[pci_placement] state_dir",
        "[pci_placement] unaliased",
        "[pci_placement] settle_time",
        "[pci] device_spec",
    ]
    assert not any("LocationInfo" in str(problem) for problem in problems)


def test_sections_may_be_spelled_differently_in_one_file(tmp_path):
    file = tmp_path / "zun.conf"
    lines = [f'device_spec = {{"devname": "n{n}"}}' for n in range(3)]
    file.write_text(f"[pci]\n{lines[0]}\n[PCI]\n{lines[1]}\n[pci]\n{lines[2]}\n")
    read = read_settings([ConfigPath(str(file))]).whitelist
    assert [(e.devname, e.source.option) for e in read] == [
        ("n0", "[pci] device_spec"),
        ("n1", "[PCI] device_spec"),
        ("n2", "[pci] device_spec"),
    ]


def test_a_byte_order_mark_is_named(tmp_path):
    file = tmp_path / "zun.conf"
    file.write_bytes("\ufeff[pci]\n".encode())
    with pytest.raises(ConfigError, match="byte order mark"):
        read_settings([ConfigPath(str(file))])
