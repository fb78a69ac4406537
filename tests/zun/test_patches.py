"""The patches of doc/zun.md: each applies to this zun, and what they promise holds with them."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("zun.scheduler.utils", reason="zun is not installed")

import zun

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "doc" / "zun.md"
PATCHES = re.findall(r"^```diff\n(.*?)^```", PAGE.read_text(), re.M | re.S)


@pytest.fixture
def copy(tmp_path) -> Path:
    source = Path(zun.__file__).parent
    return Path(shutil.copytree(source, tmp_path / "zun", ignore=shutil.ignore_patterns("*.pyc")))


def apply(patch: str, folder: Path) -> None:
    command = ["patch", "-p2", "--fuzz=0", "-d", folder]
    done = subprocess.run(command, input=patch, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "offset" not in done.stdout


@pytest.mark.parametrize("patch", PATCHES)
def test_each_applies_by_itself(patch, copy):
    apply(patch, copy)


def test_with_all_of_them_nothing_is_refused_or_kept_without_need(copy):
    for patch in PATCHES:
        apply(patch, copy)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "ignore", "-p", "no:cacheprovider",
         "-o", "python_files=patched.py", "zun/patched.py"],
        cwd=TESTS,
        env={**os.environ, "PYTHONPATH": str(copy.parent)},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "10 passed" in done.stdout
