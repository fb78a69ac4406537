"""What goes wrong on the command line: one line, the right code, and nothing on stdout."""

import re

import pytest
from support.cloud import FILE, OF_ZUN, PLAIN, configure
from support.command import by_token, writes
from support.ports import kept_port

from pci_placement.placement import Client

BAD_JSON = '[pci]\ndevice_spec = {"vendor_id": 8086,}\nalias = {"name": "a"}\n'

NEEDS_PLACEMENT = [
    "plan",
    "sync",
    "sync --dry-run",
    "provider list",
    "request candidates qat",
    "request explain qat",
    f"device drain {PLAIN}",
    f"device undrain {PLAIN}",
    "retire --yes",
    "retire --dry-run",
]
NEEDS_NONE = [
    "alias list",
    "config validate",
    "device list",
    f"device show {PLAIN}",
    "provider list --desired",
    "request show qat",
    "retire --undo",
]


@pytest.fixture
def url():
    """Where nothing listens."""
    with kept_port() as port:
        yield f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("line", NEEDS_PLACEMENT)
def test_without_a_placement_the_url_is_named(run, url, line):
    done = run(line, section=by_token(url) + "\nconnect_retry_delay = 0.01")
    assert done.code == 75
    assert url in done.error


@pytest.mark.parametrize("line", NEEDS_PLACEMENT)
@pytest.mark.usefixtures("real")
def test_a_wrong_token_is_refused_and_not_repeated(run, placement, line):
    done = run(line, section=by_token(placement.url, "wr0ng"))
    assert done.code == 1
    assert "role service" in done.error
    assert "wr0ng" not in done.err


@pytest.mark.parametrize("line", NEEDS_PLACEMENT)
def test_without_a_section_placement_it_says_where_to_get_one(run, line):
    done = run(line, section="")
    assert done.code == 1
    assert "write the section [placement]" in done.error


@pytest.mark.parametrize("line", ["plan", "sync", "provider list", "retire --yes"])
def test_a_missing_root_is_told_with_near_names(run, placement, line):
    placement.create_compute_node("node01")
    done = run(line)
    assert done.code == 75
    assert "'node' is not in Placement; near names: node01" in done.error


@pytest.mark.parametrize(
    "line", ["plan", "sync", "provider list --desired", "device list", f"device show {PLAIN}"]
)
@pytest.mark.parametrize("folder", ["missing", "empty"])
def test_without_pci_devices_the_place_is_named(run, placement, tmp_path, line, folder):
    (tmp_path / "empty/bus/pci/devices").mkdir(parents=True)
    placement.create_compute_node("node")
    placement.requests.clear()
    done = run(line, sysfs=tmp_path / folder)
    assert done.code == 1
    assert f"cannot list PCI devices at {tmp_path}/{folder}/bus/pci/devices: " in done.error
    assert writes(placement) == []


@pytest.mark.parametrize("line", ["alias list", "config validate"])
def test_a_host_of_a_scheduler_needs_no_pci_devices(run, tmp_path, line):
    done = run(f"{line} -f json", sysfs=tmp_path / "missing")
    assert done.code == 0
    assert "cannot list PCI devices" in done.err


@pytest.mark.parametrize("line", [*NEEDS_PLACEMENT, *NEEDS_NONE])
def test_with_errors_in_the_lists_all_are_told_and_nothing_is_sent(run, placement, line):
    done = run(line, lists=BAD_JSON)
    assert done.code == 2
    assert placement.requests == []
    if line != "config validate":
        errors = done.err.splitlines()
        assert done.out == ""
        assert any(
            re.search(rf"{FILE}:\d+: \[pci\] device_spec, entry 1: not JSON", e) for e in errors
        )
        assert any(
            re.search(rf"{FILE}:\d+: \[pci\] alias, entry 1: an alias needs", e) for e in errors
        )


@pytest.mark.parametrize("line", NEEDS_NONE)
def test_what_needs_no_placement_works_without(run, placement, line):
    assert run(line, section="").code == 0
    assert placement.requests == []


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--config-file", "missing.conf"], "missing.conf"),
        (["--config-file", "."], "use --config-dir for folders"),
        (["--config-dir", "missing"], "missing is not a folder"),
        (["--config-file", "bytes.conf"], "not UTF-8"),
        (["--config-file", "odd.conf"], "odd.conf"),
        (["--config-file", "number.conf"], "settle_time"),
    ],
)
@pytest.mark.parametrize("line", ["plan", "device list"])
def test_a_configuration_that_cannot_be_read_is_named(call, tmp_path, arguments, part, line):
    (tmp_path / "bytes.conf").write_bytes(b"[pci]\nalias = \xff\xfe\n")
    (tmp_path / "odd.conf").write_text("no section\n")
    (tmp_path / "number.conf").write_text("[pci_placement]\nsettle_time = soon\n")
    done = call(*arguments, *line.split())
    assert done.code == 2
    assert part in done.error


@pytest.mark.parametrize(
    "line", ["plan", "sync", "sync --dry-run", "retire --yes", f"device drain {PLAIN}"]
)
def test_without_any_configuration_nothing_is_taken_back(call, sysfs, line):
    done = call("--sysfs", sysfs, *line.split())
    assert done.code == 2
    assert "no configuration file; give --config-file FILE" in done.error


def test_the_usual_places_are_read(call, sysfs, tmp_path):
    (tmp_path / ".pci-placement").mkdir()
    configure(tmp_path / ".pci-placement")
    assert len(call("--sysfs", sysfs, "device", "list", "-f", "json").json) == 5


def test_files_of_a_folder_are_read_in_order_and_later_ones_win(call, sysfs, tmp_path):
    folder = tmp_path / "conf.d"
    folder.mkdir()
    configure(folder).rename(folder / "10-lists.conf")
    (folder / "20-name.conf").write_text("[pci_placement]\nroot_provider_name = other\n")
    (folder / "30-not.txt").write_text("[pci_placement]\nroot_provider_name = unread\n")
    line = ["provider", "list", "--desired", "-f", "json"]
    assert call("--sysfs", sysfs, "--config-dir", folder, *line).json[0]["parent"] == "other"


@pytest.mark.parametrize(
    "arguments", [["plan", "--force-it"], ["device", "show"], ["request", "show", "a", "b"]]
)
def test_a_wrong_usage_has_the_code_of_its_own(call, arguments):
    done = call(*arguments)
    assert (done.code, done.out) == (2, "")
    assert "usage:" not in done.err
    assert re.fullmatch(r"(\S+ [a-z ]+): .*; see \1 --help\n", done.err)


def test_a_traceback_is_for_those_who_ask_for_it(run, call, tmp_path):
    run("request show gpu")
    done = call("--debug", "--config-file", tmp_path / FILE, "request", "show", "gpu")
    assert done.code == 2
    assert "Traceback" in done.err
    assert done.err.splitlines()[-1].startswith("pci-placement: unknown alias 'gpu'")


def test_an_error_that_nobody_foresaw_is_one_line_too(run, monkeypatch):
    def odd(*_: object) -> None:
        raise RuntimeError("odd")

    monkeypatch.setattr(Client, "send", odd)
    done = run("plan")
    assert done.code == 1
    assert "RuntimeError: odd" in done.error


@pytest.mark.usefixtures("real")
def test_quiet_is_quiet_but_for_warnings_and_errors(call, run, placement, tmp_path):
    run("sync --dry-run", lists=OF_ZUN)
    quiet = ["-q", "--sysfs", tmp_path / "sys", "--config-file", tmp_path / FILE]
    done = call(*quiet, "sync", "-f", "json")
    assert (done.code, len(done.json) > 0) == (0, True)
    (warning,) = done.err.splitlines()
    assert warning.startswith("warning: ")
    placement.reset()
    done = call(*quiet, "sync", "-f", "json")
    assert (done.code, "is not in Placement" in done.error) == (75, True)


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize("kind", ["", "-q"])
def test_a_folder_for_state_that_cannot_be_written_is_a_warning(call, run, tmp_path, kind):
    (tmp_path / "a-file").write_text("")
    run("config validate", state_dir=tmp_path / "a-file/below")
    options = [kind] if kind else []
    arguments = ["--sysfs", tmp_path / "sys", "--config-file", tmp_path / FILE, "sync"]
    done = call(*options, *arguments, "-f", "json")
    assert done.code == 0
    assert {row["result"] for row in done.json} == {"done"}
    warnings = [line for line in done.err.splitlines() if "cannot keep state" in line]
    (warning,) = warnings
    assert f"cannot keep state in {tmp_path}/a-file/below" in warning
    assert "going on without a cache" in warning
