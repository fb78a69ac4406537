"""The account of doc/install.md, made as it says at a real Keystone, serves for a whole pass."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from support.cloud import CARD, PLAIN, VFS, configure, name
from support.keystone import ADMINISTRATOR, REGION, Cloud, password
from support.placements import ROOT

pytestmark = pytest.mark.usefixtures("nowhere", "logs")

PAGE = (Path(__file__).parents[2] / "doc" / "install.md").read_text()
BLOCKS = re.findall(r"^```console\n(.*?)^```", PAGE, re.M | re.S)
USER = "pci-placement"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    with Cloud(tmp_path_factory.mktemp("cloud") / "of") as cloud:
        yield cloud


def openstack(cloud: Cloud, line: str, secret: str) -> str:
    """Give a command as the page has it, by default as an administrator."""
    program, *words = shlex.split(line.replace("--password-prompt", f"--password {password(USER)}"))
    options = {
        "auth_url": cloud.auth_url,
        "username": ADMINISTRATOR,
        "password": secret,
        "project_name": ADMINISTRATOR,
        "user_domain_name": "Default",
        "project_domain_name": "Default",
        "region_name": REGION,
        "interface": "public",
        "identity_api_version": "3",
    }
    known = {f"OS_{option.upper()}": value for option, value in options.items()}
    done = subprocess.run(
        [Path(sys.executable).with_name(program), *words],
        env={"PATH": os.environ["PATH"], **known},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_account_is_made_as_the_page_says_and_serves_for_a_pass(call, cloud, sysfs, tmp_path):
    node = cloud.bare_node()
    for line in BLOCKS[0].splitlines():
        shown = openstack(cloud, line.removeprefix("$ "), ADMINISTRATOR)
    assert "service@Default" in shown
    (line,) = BLOCKS[1].splitlines()
    assert ROOT.uuid in openstack(cloud, line.removeprefix("$ "), password(USER))
    section = cloud.section("service", username=USER, password=password(USER))
    file = configure(tmp_path, placement=section)
    done = call("--sysfs", sysfs, "--config-file", file, "sync")
    assert done.code == 0, done.err
    listed = node.send("GET", "/resource_providers")["resource_providers"]
    assert {name(PLAIN), name(CARD), name(VFS)} <= {provider["name"] for provider in listed}
