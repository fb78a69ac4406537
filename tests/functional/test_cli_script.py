"""The program as a process of its own, with clouds.yaml, and as a part of openstackclient."""

import importlib.metadata
import os
import subprocess

import pytest
import yaml
from support.cloud import PLAIN, name
from support.command import SCRIPT, Run, script, writes
from support.daemons import PATIENCE
from support.placements import ROOT

pytestmark = pytest.mark.usefixtures("nowhere", "logs")


# --- the console script


@pytest.mark.usefixtures("real")
def test_end_to_end(arguments, sysfs, placement):
    done = script(*arguments, "sync", "-f", "json")
    assert (done.code, {row["result"] for row in done.json}) == (0, {"done"})
    placement.requests.clear()
    done = script(*arguments, "sync", "-f", "json")
    assert (done.code, done.json) == (0, [])
    assert (writes(placement), len(placement.requests)) == ([], 1)
    (sysfs / f"bus/pci/devices/{PLAIN}").unlink()
    done = script(*arguments, "sync", "-f", "value")
    assert (done.code, done.out) == (0, f"delete_provider {name(PLAIN)} done\n")


def test_the_script_fails_in_one_line_as_well(arguments):
    done = script(*arguments, "sync")
    assert done.code == 75
    assert "'node' is not in Placement" in done.error


def test_without_arguments_it_shows_its_commands():
    done = script()
    assert (done.code, done.err) == (0, "")
    for command in ("sync", "plan", "device list", "request candidates", "config validate"):
        assert command in done.out


# --- clouds.yaml


@pytest.fixture
def cloud(tmp_path, monkeypatch, placement) -> dict[str, str]:
    clouds = {
        "lab": {
            "auth_type": "admin_token",
            "auth": {"endpoint": placement.url, "token": "admin"},
        }
    }
    file = tmp_path / "clouds.yaml"
    file.write_text(yaml.safe_dump({"clouds": clouds}))
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(file))
    return {"OS_CLIENT_CONFIG_FILE": str(file)}


@pytest.mark.usefixtures("real")
def test_a_cloud_serves_instead_of_the_section(arguments, run, cloud):
    run("config validate", section="")
    done = script("--os-cloud", "lab", *arguments, "sync", "-f", "json", **cloud)
    assert (done.code, {row["result"] for row in done.json}) == (0, {"done"})
    done = script("--os-cloud", "lab", *arguments, "plan", "-f", "json", **cloud)
    assert (done.code, done.json) == (0, [])


@pytest.mark.usefixtures("cloud")
def test_a_cloud_that_is_not_there_is_named(arguments, call):
    done = call("--os-cloud", "nosuch", *arguments, "plan")
    assert done.code == 1
    assert "Cloud nosuch was not found" in done.error


# --- openstackclient


def commands(group: str) -> dict[str, str]:
    return {e.name: e.value for e in importlib.metadata.entry_points(group=group)}


def test_openstackclient_has_the_same_commands_below_pci():
    own = {n: value for n, value in commands("pci_placement.cli").items() if n != "demo"}
    assert commands("openstack.pci.v1") == {f"pci_{n}": value for n, value in own.items()}


@pytest.mark.usefixtures("real")
def test_openstack_pci_speaks_for_the_same_host(arguments, placement, tmp_path):
    def openstack(*line: str) -> Run:
        done = subprocess.run(
            [SCRIPT.with_name("openstack"), *line, "-f", "json"],
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **placement.environment()},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return Run(done.returncode, done.stdout, done.stderr)

    host = ["--pci-sysfs", str(arguments[1]), "--pci-config-file", str(arguments[3])]
    done = openstack(*host, "pci", "sync")
    assert (done.code, {row["result"] for row in done.json}) == (0, {"done"})
    done = openstack(*host, "pci", "request", "candidates", "nic:4")
    assert [row["root"] for row in done.json] == [ROOT.uuid]
