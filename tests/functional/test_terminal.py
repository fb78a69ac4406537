"""No text from elsewhere reaches a terminal as an order: not from /sys, the files or Placement."""

import csv
import io
import json
import logging
import os
import subprocess
import sys

import pytest
import yaml
from support.cloud import CARD, PLAIN, configure
from support.command import SCRIPT, Run, by_token
from support.hostile import VERSIONS, hostile, whole
from support.placements import ROOT

from pci_placement.cli.output import checked
from pci_placement.text.visible import visible

EVIL = "e\x1b[2J\x07\x08\x7f\x9b1m\u202e\u2066\u200b\xad\ufeff\u2028\U000e0041\x00il"
NAME = EVIL.replace("\x00", "")
"""As no file, link or provider can hold a NUL."""
NO_TEXT = "\udcff"
"""A byte of a file name that is no UTF-8."""
IN_JSON = json.dumps(EVIL + "\nnext")
LISTS = f"""
[pci]
alias = {{"name": {IN_JSON}, "vendor_id": "8086", "product_id": "0443"}}
alias = {{"name": "nobody", "vendor_id": "8086", "product_id": "ffff"}}
device_spec = {{"vendor_id": "8086", "product_id": "0443"}}
device_spec = {{"devname": "ens1f0", "physical_network": {IN_JSON}}}
device_spec = {{"devname": {IN_JSON}}}
"""
WRONG = f"""
[pci]
alias = {{"name": "a", {IN_JSON}: 1, "device_type": {IN_JSON}, "traits": {IN_JSON}}}
device_spec = {{{IN_JSON}: 1, "address": {IN_JSON}, "resource_class": {IN_JSON}}}
device_spec = {{"address": {{"bus": {IN_JSON[:-1]}("}}, "managed": {IN_JSON}}}
device_spec = {NAME}
"""
COMMANDS = [
    "alias list",
    "config validate",
    "device list --all",
    f"device show {PLAIN}",
    f"device show {CARD}",
    "provider list --desired",
    "plan",
    "sync",
    "provider list",
    "request show nobody",
    "request candidates nobody",
    "request explain nobody",
    f"device drain {PLAIN}",
    f"device undrain {PLAIN}",
    "report",
    "retire --dry-run",
    "retire --yes",
    "retire --undo",
]


def orders(text: str) -> list[str]:
    """What a terminal would not simply print."""
    return [c for c in text if c != "\n" and not c.isprintable()]


def clean(done):
    assert not orders(done.out)
    assert not orders(done.err)
    return done


@pytest.fixture
def sysfs(sysfs):
    """The host, with names that nobody should trust."""
    device = sysfs / "bus/pci/devices" / PLAIN
    name = f"{NAME}{NO_TEXT}\nnext"
    (device / "net" / name).mkdir(parents=True)
    (sysfs / "class/net" / name).symlink_to(os.path.relpath(device / "net" / name, sysfs / "x/y"))
    uevent = (device / "uevent").read_text()
    (device / "uevent").write_text(f"DRIVER={NAME}\n{uevent}")
    odd = sysfs / "bus/pci/devices/0000:99:00.0"
    odd.mkdir()
    (odd / "uevent").write_text(f"PCI_CLASS={NAME}\nPCI_ID=8086:0443\n")
    return sysfs


@pytest.fixture
def root(placement):
    """A compute node that somebody gave a name."""
    placement.create_compute_node(f"n{NAME}", ROOT.uuid)
    return f"n{NAME}"


@pytest.fixture
def hear(run, root):
    """Run a command on such a host, and look at what came of it."""

    def hear(*words: str, lists: str = LISTS, **more):
        return clean(run(words[0], *words[1:], lists=lists, **{"root_provider_name": root, **more}))

    return hear


@pytest.mark.parametrize("shape", ["table", "json", "yaml", "value"])
def test_whatever_is_shown_is_clean(hear, shape):
    for line in COMMANDS:
        hear(f"-v {line} -f {shape}")


def test_so_it_is_in_the_formats_of_some(hear):
    for line in ("device list --all", "provider list --desired", "sync", "provider list"):
        hear(f"{line} -f csv")
    hear(f"device show {PLAIN} -f shell")


def test_names_that_placement_keeps_are_shown(hear, root):
    assert hear("sync").code == 5  # one device is unreadable
    assert f"| {visible(root)}:pci:{PLAIN}" in hear("provider list").out


def test_so_is_a_report_about_the_files(hear):
    for shape in ("table", "json", "value"):
        assert hear(f"config validate -f {shape}", lists=WRONG).code == 2
    assert hear("--debug plan", lists=WRONG).code == 2
    assert hear(f"--config-file {NAME.replace(chr(0x2028), '')} plan").code == 2


def test_what_machines_read_loses_nothing(hear):
    shown = hear(f"device show {PLAIN} -f json").json
    assert f"{NAME}{NO_TEXT}\nnext" in shown["devname"]
    assert shown["alias"] == [EVIL + "\nnext"]
    (listed,) = yaml.safe_load(hear("device list -f yaml -c alias -c address").out)[:1]
    assert listed == {"alias": [EVIL + "\nnext"], "address": PLAIN}


def test_a_line_break_makes_no_row(hear):
    rows = hear("alias list -f value -c name").out.splitlines()
    assert rows == [visible(EVIL + "\nnext"), "nobody"]
    table = csv.reader(
        io.StringIO(hear("alias list -f csv -c name -c devices").out), escapechar="\\"
    )
    assert list(table) == [["name", "devices"], [visible(EVIL + "\nnext"), "1"], ["nobody", "0"]]
    lines = hear("alias list").out.splitlines()
    assert len({len(line) for line in lines}) == 1
    assert all(line.startswith(("+", "|")) for line in lines)


def test_a_sign_that_is_escaped_can_be_read():
    assert visible("a\x1b[31m\n\u202e\U000e0041é…") == "a\\u001b[31m\\u000a\\u202e\\U000e0041é…"


@pytest.mark.parametrize("status", ["400 Bad", "401 No", "403 No", "404 None", "409 No", "503 No"])
def test_what_a_server_answers_is_clean(hear, status):
    for detail in (json.dumps(EVIL + "\nnext"), f'"{EVIL}"'):
        body = f'{{"errors": [{{"detail": {detail}, "code": {detail}, "request_id": {detail}}}]}}'
        answer = whole(body.encode(), status)
        with hostile(
            lambda _, a=answer: lambda _, path: [VERSIONS if path == "/" else a]
        ) as server:
            done = hear(
                "--debug provider list", section=by_token(server.url) + "\nstatus_code_retries = 0"
            )
        assert done.code in (1, 75)


@pytest.mark.usefixtures("logs")
def test_log_lines_take_the_same_way(capsys):
    handler = logging.StreamHandler(sys.stderr)  # as openstackclient has it before we are called
    logging.root.addHandler(handler)
    with checked():
        logging.getLogger("some.library").error("it said %s", EVIL)
    assert handler.stream is sys.stderr
    said = capsys.readouterr().err
    assert (said, orders(said)) == (f"it said {visible(EVIL)}\n", [])


@pytest.mark.usefixtures("nowhere")
def test_openstackclient_shows_the_same(placement, root, sysfs, tmp_path):
    file = configure(tmp_path, LISTS, root_provider_name=root)
    options = ["--pci-sysfs", sysfs, "--pci-config-file", file]
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **placement.environment()}
    for line in ("device list --all", "sync", "provider list", "config validate", "device show x"):
        done = subprocess.run(
            [SCRIPT.with_name("openstack"), *options, "pci", *line.split()],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr
        clean(Run(done.returncode, done.stdout, done.stderr))
