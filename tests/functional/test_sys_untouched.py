"""No write below /sys is ever tried: this program looks at devices and leaves them as they are."""

import os
import signal
import subprocess
import sys

import pytest
from support import traced
from support.agents import AGENT
from support.cloud import configure
from support.command import SCRIPT, by_token
from support.daemons import PATIENCE

LISTS = """[pci]
device_spec = {"address": "*:*:*.*"}
"""

pytestmark = pytest.mark.usefixtures("nowhere")


@pytest.fixture
def log(tmp_path):
    return tmp_path / "strace.log"


@pytest.fixture
def live(tmp_path, placement):
    """Options for this machine itself, of which every device may be given away."""
    placement.create_compute_node("node")
    return ["--config-file", configure(tmp_path, LISTS, by_token(placement.url), sync_interval=1)]


def touched(log) -> list[str]:
    assert "/sys/bus/pci/devices" in log.read_text(errors="replace")
    return list(traced.changes_below(log, "/sys"))


READING = ["device list --all", "plan", "provider list"]


@pytest.mark.parametrize("line", ["sync", *READING, "retire --yes"])
def test_a_command_leaves_sys_alone(log, live, line):
    done = traced.run(log, [SCRIPT, *live, *line.split()], PATIENCE)
    assert done.returncode in (0, 5), done.stderr
    assert touched(log) == []


def test_one_pass_and_one_that_has_nothing_to_do_leave_sys_alone(log, live):
    for _ in range(2):
        done = traced.run(log, [AGENT, *live, "--once"], PATIENCE)
        assert done.returncode in (0, 5), done.stderr
        assert touched(log) == []


def test_the_service_leaves_sys_alone(log, live):
    command = traced.traced(log, [AGENT, *live, "-v"])
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        passes = (line for line in process.stderr if "nothing to do" in line)
        for _ in range(2):
            next(passes)
        pid = _child_of(process.pid)
        for number in (signal.SIGHUP, signal.SIGUSR1):
            os.kill(pid, number)
            next(passes)
        os.kill(pid, signal.SIGTERM)
        process.stderr.read()
    assert process.returncode == 0
    assert touched(log) == []


def _child_of(pid: int) -> int:
    with open(f"/proc/{pid}/task/{pid}/children") as children:
        return int(children.read())


@pytest.mark.parametrize(
    "attempt",
    [
        "open('/sys/bus/pci/devices/x/sriov_numvfs', 'w')",
        "os.open('x', os.O_RDWR, dir_fd=os.open('/sys/bus/pci/devices', os.O_RDONLY))",
        "os.chmod('/sys/bus/pci/devices/x', 0o777)",
        "os.unlink('/sys/bus/pci/devices/x')",
        "os.rename('/tmp', '/sys/bus/pci/devices/x')",
    ],
)
def test_an_attempt_would_be_seen(log, attempt):
    code = f"import os\ntry: {attempt}\nexcept OSError: print('refused')"
    assert traced.run(log, [sys.executable, "-c", code], PATIENCE).stdout == "refused\n"
    assert len(list(traced.changes_below(log, "/sys"))) == 1
