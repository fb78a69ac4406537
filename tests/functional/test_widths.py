"""A row is a line: of every table, at 80 and at 120 columns."""

import contextlib
import io
import json

import pytest
from cliff.display import DisplayCommandBase
from cliff.lister import Lister
from support.cloud import LISTS, PLAIN, VFS
from support.placements import consumer_uuid
from support.terminals import on_terminal

from pci_placement.cli.beneath import few
from pci_placement.cli.commands import Commands
from pci_placement.cli.main import main

NIC = "CUSTOM_PCI_NIC"
SOMEBODY, OTHER = "a container with a name", "another one"
MUCH = f"""{LISTS}
device_spec = {{"vendor_id": "8086", "product_id": "0443", "physical_network": "a-long-name"}}
alias = {{"name": "quick-assist-of-last-year", "vendor_id": "8086", "product_id": "0444"}}
"""
CALLED = {
    "alias list": "",
    "claim list": "",
    "claim show": consumer_uuid(SOMEBODY),
    "config validate": "",
    "device drain": PLAIN,
    "device list": "--all --flat",
    "device show": "0000:81:00.0",
    "device undrain": PLAIN,
    "doctor": "",
    "plan": "",
    "provider list": "--desired",
    "report": "",
    "request candidates": "nic",
    "request explain": "nic:9@a-network-that-is-not-there",
    "request show": "nic:2,qat",
    "retire": "--dry-run",
    "sync": "--dry-run --force",
}
"""Every command that prints a table, and how it is called; what it writes it can write again."""

NO_ROWS = [f"device drain {PLAIN}", "plan", "sync --dry-run --force"]
"""What has nothing to do on that host."""

AS_OTHERS = {"claim set": "claim show"}
"""What cannot be said twice has the table of another."""

OTHERWISE = [
    "device list",
    "device list --all",
    "plan --offline",
    "provider list",
    "report --node node",
]
WIDTHS = pytest.mark.parametrize("width", [80, 120])


@pytest.fixture
def here(run, real, sysfs, tmp_path):
    """A host with everything that a table may have to say."""
    assert run("sync").code == 0
    real.claim(SOMEBODY, {VFS: {NIC: 2}})
    real.claim(OTHER, {VFS: {NIC: 1}})
    assert run(f"claim show {consumer_uuid(SOMEBODY)}").code == 0
    assert run(f"device drain {PLAIN}").code == 0
    run("config validate", lists=MUCH)
    return ["--sysfs", sysfs, "--config-file", tmp_path / "pci-placement.conf"]


@pytest.fixture
def shown(here):
    """What a person sees of a command on a screen of some width."""

    def shown(width: int, line: str) -> list[str]:
        screen = io.StringIO()
        screen.columns = width
        with contextlib.redirect_stdout(screen):
            main([*map(str, here), *line.split()])
        return screen.getvalue().splitlines()

    return shown


def tables() -> dict[str, type]:
    """The commands that print a table."""
    every = {name: found.load() for name, found in Commands("pci_placement.cli")}
    return {name: k for name, k in every.items() if issubclass(k, DisplayCommandBase)}


def test_no_table_is_forgotten():
    known = tables()
    assert {*CALLED, *AS_OTHERS} == set(known)
    assert all(known[name].brief == known[other].brief for name, other in AS_OTHERS.items())


def fits(line: str, width: int) -> bool:
    """Below a table a word is never broken, such as a path: it stands alone where it is long."""
    return len(line) <= width or (line[0] not in "|+" and len(line.split()) == 1)


def rows_of(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith("|")][1:]


@WIDTHS
def test_a_row_is_a_line(shown, width):
    listers = [name for name, kind in tables().items() if issubclass(kind, Lister)]
    for line in [*(f"{name} {CALLED[name]}" for name in listers if name in CALLED), *OTHERWISE]:
        lines = shown(width, line)
        assert bool(lines) is (line.strip() not in NO_ROWS), line
        assert all(fits(each, width) for each in lines), lines
        # what goes on in a second line has nothing in its first column
        assert all(row[2] != " " for row in rows_of(lines)), lines


@WIDTHS
def test_a_field_is_a_line_or_a_line_an_item(shown, width):
    for line in ("request show nic:2,qat", "device show 0000:81:00.0"):
        lines = shown(width, line)
        assert max(len(row) for row in lines if row[0] in "|+") <= width, line
    assert "  resources1=CUSTOM_PCI_NIC:2&resources2=CUSTOM_PCI_QAT:1&group_policy=none" in shown(
        80, "request show nic:2,qat"
    )


def test_a_sentence_without_room_is_told_below_the_table(shown, call, here):
    lines = shown(80, "config validate")
    problems = json.loads(call(*here, "config", "validate", "-f", "json").out)
    below = " ".join(" ".join(lines[len(rows_of(lines)) + 4 :]).split())
    assert len(problems) > 1
    for each in problems:
        place = f": {each['source']}:{each['line']}: {each['option']}, entry {each['entry']}"
        assert f"{each['severity']}{place if each['source'] else ''}: {each['problem']}" in below
        assert (each["text"] or "") in below
        assert (each["suggestion"] or "") in below


@WIDTHS
def test_a_claim_of_several_devices_is_one_row_until_it_was_given_them(shown, real, width):
    real.claim("a third one", {VFS: {NIC: 1}})
    third = [consumer_uuid("a third one"), "1 device", "unassigned"]
    rows = [row.split("|") for row in rows_of(shown(width, "claim list"))]
    assert third in [[row[1].strip(), row[2].strip(), row[-2].strip()] for row in rows]
    assert not any("…" in cell for row in rows for cell in (row[1], row[2], row[-2]))


def test_of_two_devices_that_are_not_given_the_row_says_so(shown, real):
    real.release(OTHER)
    real.claim("a third one", {VFS: {NIC: 2}})
    assert [row for row in rows_of(shown(80, "claim list")) if " 2 devices " in row]


def below(lines: list[str]) -> str:
    """What stands below a table, in one line."""
    return " ".join(" ".join(line for line in lines if line[0] not in "|+").split())


@WIDTHS
def test_why_a_device_on_offer_cannot_be_claimed_is_told_at_any_width(shown, width):
    for line in ("device list", "provider list", "report", "report --node node"):
        lines = shown(width, line)
        assert "an operator drained it" in below(lines) or "an operator drained it" in str(lines)
    assert "by device_spec" not in "".join(shown(width, "device list"))
    assert "by device_spec" in "".join(shown(width, "device list --fit-width"))


@WIDTHS
def test_who_uses_a_provider_is_never_cut(shown, width):
    told = below(shown(width, "provider list"))
    assert f"{consumer_uuid(SOMEBODY)} (2)" in told
    assert consumer_uuid(OTHER) in told


def test_of_many_consumers_the_first_are_named():
    assert few("\n".join("abcdefgh")) == "\n".join("abcdefgh")
    assert few("\n".join("abcdefghij")) == "\n".join([*"abcdefgh", "… +2"])


def test_who_holds_what_is_to_go_is_named(shown):
    below = "\n".join(shown(80, "retire --dry-run"))
    assert consumer_uuid(SOMEBODY) in below
    assert consumer_uuid(OTHER) in below


def test_what_somebody_asks_for_is_not_cut(shown):
    assert "an operator drained it" in "".join(shown(80, "provider list -c state"))
    for how in ("--fit-width", "-f json", "-f csv", "-f value", "-f yaml"):
        assert "…" not in "".join(shown(80, f"provider list {how}"))
        assert "…" not in "".join(shown(80, f"config validate {how}"))


def test_a_real_terminal_is_asked_how_wide_it_is(here):
    lines = on_terminal(80, *here, "config", "validate")
    assert all(fits(each, 80) for each in lines)
    assert [row for row in rows_of(lines) if "…" in row]


@pytest.mark.usefixtures("real")
def test_where_there_is_nothing_no_line_is_written(run):
    assert run("sync").code == 0
    assert run("retire --undo").out == ""
    assert run("claim list").out == ""
    assert run("claim list -f json").out == "[]\n"
    assert run("claim list --print-empty").out.startswith("+--")


def test_of_a_claim_that_is_shown_no_address_is_cut(shown):
    rows = rows_of(shown(80, f"claim show {consumer_uuid(SOMEBODY)}"))
    assert [row.split("|")[1].strip() for row in rows] == ["0000:81:10.0", "0000:81:10.2"]
