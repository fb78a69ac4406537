"""What the console script says before it has anything to work on."""

import subprocess
import sys
from pathlib import Path

from support import hosts
from support.cloud import (
    HOST,
)

SCRIPT = Path(sys.executable).with_name("pci-placement")


def script(*a):
    return subprocess.run(
        [SCRIPT, *map(str, a)],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin", "HOME": "/nonexistent"},
        cwd="/",
    )


def test_an_unknown_command_is_told_on_stderr():
    done = script("frobnicate")
    assert (done.returncode, done.stdout) == (2, "")


def test_provider_list_without_configuration(tmp_path):
    sysfs = hosts.write_tree(tmp_path / "sys", hosts.snapshot(HOST))
    done = script("--sysfs", sysfs, "provider", "list")
    assert done.returncode == 2
    assert "no configuration file" in done.stderr
