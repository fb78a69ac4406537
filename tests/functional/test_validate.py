"""`config validate` finds what looks right and is not, and says where it stands."""

import pytest
from support.cloud import CARD, FILE, LISTS, OF_ZUN, configure
from support.command import by_token, script

NOTHING_LISTED = "this host offers nothing: no file that was read has a device_spec"
MISTYPED = LISTS.replace("device_spec", "device_specs")
BOTH = """
[pci]
device_spec = {"devname": "ens1f0", "device_type": "type-PF"}
device_spec = {"devname": "ens1f0", "device_type": "type-VF"}
"""


@pytest.fixture
def found(run):
    """What is found, as (severity, problem)."""

    def found(*words: str, code: int = 0, **more) -> list[tuple[str, str]]:
        done = run("config validate -f json", *words, **more)
        assert done.code == code, done.err
        return [(row["severity"], row["problem"]) for row in done.json]

    return found


def test_a_mistyped_list_is_not_an_empty_one(run, placement):
    """Nothing would be read, and all that is on offer drained."""
    placement.create_compute_node("node")
    rows = run("config validate -f json", lists=MISTYPED).json
    mistyped = [row for row in rows if row["problem"] == "there is no such option"]
    assert [row["suggestion"] for row in mistyped] == ["write [pci] device_spec"]
    assert NOTHING_LISTED in [row["problem"] for row in rows]
    done = run("sync", lists=MISTYPED)
    assert (
        "[pci] device_specs, entry 1: there is no such option; write [pci] device_spec" in done.err
    )
    assert NOTHING_LISTED in done.err


def test_it_says_in_which_line_an_entry_stands_and_how_it_reads(run, tmp_path):
    lists = '[pci]\n# two\ndevice_spec = [{"vendor_id": "8086"},\n  {"device_id": "0443"}]\n'
    done = run("config validate -f json", lists=lists)
    (row,) = [row for row in done.json if row["severity"] == "error"]
    lines = (tmp_path / FILE).read_text().splitlines()
    assert lines[row["line"] - 1] == '  {"device_id": "0443"}]'
    assert (row["text"], row["entry"]) == ('{"device_id": "0443"}', 2)
    assert (
        f"/{FILE}:{row['line']}: [pci] device_spec, entry 2: unknown key"
        in run("plan", lists=lists).err
    )


def test_nothing_configured_at_all_is_not_in_order(found, call, sysfs, tmp_path):
    (tmp_path / "empty.conf").write_text("")
    done = call("--sysfs", sysfs, "--config-file", tmp_path / "empty.conf", "config", "validate")
    assert NOTHING_LISTED in done.out.replace("\n", " ")
    assert ("warning", NOTHING_LISTED) in found(lists="")


def test_aliases_alone_are_what_a_scheduler_needs(found):
    only = '[pci]\nalias = {"name": "qat", "vendor_id": "8086", "product_id": "0443"}\n'
    assert ("note", NOTHING_LISTED) in found(lists=only)


def test_a_card_that_is_listed_twice_over_is_told_with_its_entry(run):
    rows = run("config validate -f json", lists=BOTH).json
    (row,) = [row for row in rows if "is not offered" in row["problem"]]
    assert row["problem"].startswith(f"{CARD} is not offered: the whole card (")
    assert (row["option"], row["entry"], row["severity"]) == ("[pci] device_spec", 1, "warning")


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ("", "it is not said how to reach Placement; write the section [placement]"),
        ("auth_type = pasword", "cannot log in to Placement: "),
        ("auth_type = password", "cannot log in to Placement: "),
        ("auth_section = nobody", "it is not said how to reach Placement"),
    ],
)
def test_a_login_that_cannot_work_is_told_and_nothing_is_sent(found, placement, section, told):
    placement.requests.clear()
    assert [s for s, problem in found(section=section) if problem.startswith(told)] == ["warning"]
    assert placement.requests == []


@pytest.mark.usefixtures("nowhere")
def test_with_a_cloud_the_section_does_not_matter(sysfs, tmp_path):
    clouds = "clouds: {lab: {auth_type: admin_token, auth: {endpoint: http://x, token: y}}}"
    (tmp_path / "clouds.yaml").write_text(clouds)
    cloud = {"OS_CLIENT_CONFIG_FILE": str(tmp_path / "clouds.yaml")}
    options = ["--sysfs", sysfs, "--config-file", configure(tmp_path, LISTS, "")]
    line = ["--os-cloud", "lab", *options, "config", "validate", "-f", "json"]
    done = script(*line, **cloud)
    assert done.code == 0, done.err
    assert not [row for row in done.json if "Placement:" in row["problem"]]


def test_strict_takes_warnings_for_errors_and_leaves_notes(found):
    mild = found(lists=MISTYPED)
    strict = found("--strict", code=2, lists=MISTYPED)
    assert [p for _, p in strict] == [p for _, p in mild]
    assert {s for s, _ in strict} == {"error", "note"}
    assert {s for s, _ in mild} == {"warning", "note"}


def test_strict_has_nothing_against_what_is_in_order(found, placement):
    lists = '[pci]\ndevice_spec = {"vendor_id": "8086"}\n'
    assert found("--strict", lists=lists, section=by_token(placement.url)) == []


def test_a_neighbour_is_told_at_the_first_pass_alone(run, placement):
    placement.create_compute_node("node")
    told = "zun-compute gives VFs of physical_network"
    assert [told in run("sync", lists=OF_ZUN).err for _ in range(2)] == [True, False]
