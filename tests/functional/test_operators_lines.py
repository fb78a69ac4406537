"""What the pages tell an operator to ask of Placement by openstackclient is answered."""

import os
import shlex
import subprocess

import pytest
from support.cloud import PLAIN, QAT, uuid
from support.command import SCRIPT
from support.pages import command_lines
from support.placements import ROOT, consumer_uuid

PROGRAM = "openstack resource provider"
ORDER = ("list", "show", "trait", "allocation", "delete")
"""What asks comes before what ends a claim, and that before what deletes its provider."""


def place(line: str) -> int:
    return ORDER.index(line.removeprefix(PROGRAM).split()[0])


MENTIONED = {
    "openstack resource provider allocation delete",
    "openstack resource provider trait set",
}
"""What is named and not told."""

LINES = sorted({*command_lines(PROGRAM)} - MENTIONED, key=place)


@pytest.fixture
def known(run, real) -> dict[str, str]:
    """What the capital words of the pages stand for, with a claim of a device."""
    assert run("sync").code == 0
    real.claim("alice", {PLAIN: {QAT: 1}})
    return {"ROOT_UUID": ROOT.uuid, "UUID": uuid(PLAIN), "CONSUMER": consumer_uuid("alice")}


def test_each_line_is_answered(known, placement):
    assert [place(line) for line in LINES if "delete" in line] == [3, 4]
    login = {
        "OS_AUTH_TYPE": "admin_token",
        "OS_ENDPOINT": placement.url,
        "OS_TOKEN": "admin",
        "OS_PLACEMENT_API_VERSION": "1.39",
    }
    for line in LINES:
        program, *words = shlex.split(line)
        done = subprocess.run(
            [SCRIPT.with_name(program), *(known.get(word, word) for word in words)],
            env={"PATH": os.environ["PATH"], **login},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), line
