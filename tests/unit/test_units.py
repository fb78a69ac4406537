"""The units of systemd: sound, locked down, and blind to nothing that the host lives on."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from support.command import SCRIPT

from pci_placement.errors import ExitCode

ROOT = Path(__file__).parents[2]
SYSTEMD = ROOT / "etc" / "systemd"
AGENT = "/usr/bin/pci-placement-agent"
SERVICES = ["pci-placement-agent.service", "pci-placement.service"]
UNITS = [*SERVICES, "pci-placement.timer"]

HIDES = {
    "ProtectHome": ("yes", "true", "1", "on", "tmpfs"),
    "PrivateDevices": ("yes", "true", "1", "on"),
    "PrivateNetwork": ("yes", "true", "1", "on"),
    "ProcSubset": ("pid",),
}
"""What would keep this program from seeing what the host uses, which it would then offer."""


class Options(dict):
    """All values of an option, which may be set several times."""

    def __setitem__(self, key, value) -> None:
        if key in self and isinstance(value, list):
            self[key].extend(value)
        else:
            super().__setitem__(key, value)


def options(unit: str) -> dict[str, str]:
    parser = configparser.RawConfigParser(dict_type=Options, strict=False)
    parser.optionxform = str
    parser.read_string((SYSTEMD / unit).read_text())
    return dict(parser.items("Service"))


@pytest.fixture
def analyze(tmp_path):
    """Ask systemd's own checker about units that are installed where this program is."""
    for unit in UNITS:
        text = (SYSTEMD / unit).read_text()
        (tmp_path / unit).write_text(text.replace(AGENT, str(SCRIPT.with_name(AGENT[9:]))))

    def analyze(*line: str) -> subprocess.CompletedProcess:
        found = shutil.which("systemd-analyze")
        assert found, "systemd-analyze is missing: tools/install_system.sh systemd"
        return subprocess.run(
            [found, *line], cwd=tmp_path, capture_output=True, text=True, check=False
        )

    return analyze


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_finds_nothing_wrong(analyze, unit):
    done = analyze("verify", f"./{unit}")
    assert (done.returncode, done.stderr) == (0, "")


def test_nor_with_the_unit_that_makes_vfs_in_the_documents(analyze, tmp_path):
    page = (ROOT / "doc" / "host.md").read_text()
    (unit,) = re.findall(r"^```ini\n(\[Unit\]\n.*?)^```", page, re.M | re.S)
    (tmp_path / "vfs.service").write_text(unit)
    done = analyze("verify", "./vfs.service")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("unit", SERVICES)
def test_what_it_does_not_need_is_not_open_to_it(analyze, unit):
    done = analyze("security", "--offline=yes", "--threshold=19", unit)
    assert done.returncode == 0, done.stdout
    exposure = re.search(r"exposure level for \S+: (\S+)", done.stdout)
    assert float(exposure[1]) < 2.0


@pytest.mark.parametrize("unit", SERVICES)
def test_what_the_host_lives_on_is_not_hidden_from_it(unit):
    found = options(unit)
    assert {name: found.get(name) for name in HIDES if found.get(name) in HIDES[name]} == {}
    assert not {"InaccessiblePaths", "TemporaryFileSystem", "RootDirectory"} & set(found)


def test_an_exit_code_that_is_no_failure_is_none_to_systemd():
    told = options("pci-placement.service")["SuccessExitStatus"].split()
    assert sorted(map(int, told)) == sorted([ExitCode.PARTLY, ExitCode.TRY_AGAIN])


def test_who_does_the_work_is_said_once():
    service, oneshot = map(options, SERVICES)
    assert service.keys() - oneshot.keys() == {
        "ExecReload",
        "Restart",
        "RestartSec",
        "RestartPreventExitStatus",
        "WatchdogSec",
        "TimeoutStopSec",
    }
    assert oneshot.keys() - service.keys() == {"SuccessExitStatus"}
    differ = {name for name in service.keys() & oneshot.keys() if service[name] != oneshot[name]}
    assert differ == {"Type", "ExecStart", "RestrictAddressFamilies"}
    assert service["RestartPreventExitStatus"] == str(int(ExitCode.USAGE))


# --- beside zun-compute, as its user

BESIDE_ZUN = ROOT / "etc" / "zun"
ZUN_COMPUTE = """
[Service]
Type=simple
ExecStart=/bin/true
User=zun
"""
"""As packages of zun have it, as far as it matters here."""


@pytest.mark.parametrize("unit", SERVICES)
def test_systemd_takes_it_for_a_unit_of_zuns_user(analyze, tmp_path, unit):
    drop_in(tmp_path, unit, "pci-placement-agent.conf")
    done = analyze("verify", f"./{unit}")
    assert (done.returncode, done.stderr) == (0, "")
    assert "User=zun" in (tmp_path / f"{unit}.d/zun.conf").read_text()


@pytest.mark.parametrize("unit", SERVICES)
def test_what_it_does_not_need_is_not_open_to_it_there_either(analyze, tmp_path, unit):
    drop_in(tmp_path, unit, "pci-placement-agent.conf")
    done = analyze("security", "--offline=yes", "--threshold=19", unit)
    assert done.returncode == 0, done.stdout


def test_zun_compute_may_read_what_the_agent_reads(analyze, tmp_path):
    (tmp_path / "zun-compute.service").write_text(ZUN_COMPUTE)
    drop_in(tmp_path, "zun-compute.service", "zun-compute.conf")
    assert analyze("verify", "./zun-compute.service").returncode == 0
    reads = (ROOT / "etc/tmpfiles.d/pci-placement.conf").read_text().split()[-2]
    for name in ("zun-compute.conf", "pci-placement-agent.conf"):
        assert f"SupplementaryGroups={reads}" in (BESIDE_ZUN / name).read_text().splitlines()


def test_the_folder_for_container_runtimes_is_of_that_user():
    line = (BESIDE_ZUN / "tmpfiles.conf").read_text().splitlines()[-1]
    assert line.split()[:5] == ["d", "/run/cdi", "0755", "zun", "zun"]
    assert "ReadWritePaths=-/run/cdi" in (BESIDE_ZUN / "pci-placement-agent.conf").read_text()


def drop_in(folder: Path, unit: str, name: str) -> None:
    (folder / f"{unit}.d").mkdir()
    shutil.copy(BESIDE_ZUN / name, folder / f"{unit}.d/zun.conf")
