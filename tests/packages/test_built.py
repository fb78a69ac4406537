"""What is handed out, made as a packager makes it and used where there is no checkout."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2]
WITHIN = {"SOURCE_DATE_EPOCH": "1790000000"}


def run(*command: object, at: Path, **environment: str) -> str:
    """Its output, for someone who has nothing of this checkout in his environment."""
    kept = {name: os.environ[name] for name in os.environ if not name.startswith(("OS_", "PYTHON"))}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=at,
        env={**kept, "HOME": str(at), "COLUMNS": "120", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def build(sources: Path, target: Path) -> tuple[Path, Path]:
    """An sdist and, of that sdist, a wheel."""
    run(sys.executable, "-m", "build", "-n", "-o", target, sources, at=target.parent, **WITHIN)
    return next(target.glob("*.tar.gz")), next(target.glob("*.whl"))


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return build(HERE, tmp_path_factory.mktemp("built") / "dist")


def test_what_is_made_of_the_sdist_is_the_same_to_the_last_byte(built, tmp_path):
    with tarfile.open(built[0]) as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)
        archive.extractall(tmp_path)  # noqa: S202  our own archive
    again = build(next(tmp_path.iterdir()), tmp_path / "dist")
    assert [file.name for file in again] == [file.name for file in built]
    assert [file.read_bytes() for file in again] == [file.read_bytes() for file in built]


@pytest.mark.skipif(not (HERE / ".git").exists(), reason="the sources are no clone")
def test_the_sdist_has_all_that_git_knows(built):
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", at=HERE)
    known = set(listed.splitlines())
    there = {file for file in known if (HERE / file).exists()}
    with tarfile.open(built[0]) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}
    assert there - packed == set()
    assert packed - known == {"PKG-INFO"}


def test_the_wheel_has_the_samples_and_no_tests(built):
    names = zipfile.ZipFile(built[1]).namelist()
    shared = {name.partition(".data/data/share/")[2] for name in names if "/data/share/" in name}
    assert {
        "bash-completion/completions/pci-placement",
        "man/man1/pci-placement.1",
        "man/man8/pci-placement-agent.8",
        "pci-placement/pci-placement.conf.sample",
        "pci-placement/pci-placement.cron",
        "pci-placement/systemd/pci-placement-agent.service",
        "pci-placement/prometheus/pci-placement.rules.yml",
        "zsh/site-functions/_pci-placement",
    } <= shared
    tops = {name.partition("/")[0] for name in names}
    assert {top.partition("-")[0] for top in tops} == {"pci_placement"}


def test_the_wheel_has_what_tempest_finds(built):
    wheel = zipfile.ZipFile(built[1])
    (entry_points,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "[tempest.test_plugins]" in wheel.read(entry_points).decode()
    checks = {name for name in wheel.namelist() if "/tempest/checks/test_" in name}
    assert checks == {
        f"pci_placement/tempest/checks/test_{of}.py"
        for of in ("claims", "containers", "names", "trees")
    }


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory):
    """An empty environment, elsewhere, with the wheel and what its demo needs."""
    at = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "venv", at / "venv", at=at)
    # pip as its owner configured it: a mirror, say
    own = {name: os.environ[name] for name in os.environ if name == "HOME" or name[:4] == "PIP_"}
    pip = [at / "venv" / "bin" / "python", "-m", "pip", "--disable-pip-version-check"]
    run(*pip, "install", "--progress-bar=off", f"{built[1]}[demo]", at=at, **own)
    return at


def test_the_demo_runs_from_the_wheel(installed):
    said = run(installed / "venv" / "bin" / "pci-placement", "demo", at=installed)
    assert "CUSTOM_PCI_QUICKASSIST" in said


def test_the_agent_and_the_samples_are_there(installed):
    said = run(installed / "venv" / "bin" / "pci-placement-agent", "--version", at=installed)
    assert said.split()[-1][0].isdigit()
    share = installed / "venv" / "share" / "pci-placement"
    assert (share / "pci-placement.conf.sample").is_file()
    command = installed / "venv" / "bin" / "pci-placement"
    assert "config validate" in run(command, "--help", at=installed)
