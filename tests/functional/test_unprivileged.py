"""The service without any capability, as its unit runs it: no right of root is needed."""

import os

import pytest
from support.agents import Service
from support.cloud import FILE, HOST, LISTS, PLAIN, configure, name
from support.command import by_token
from support.daemons import PATIENCE
from support.uevents import teller

GROUP = 64123
"""Of whoever may read the configuration; nobody else on this machine has it."""

SOMEBODY = 64124

pytestmark = pytest.mark.usefixtures("nowhere")


@pytest.fixture
def start(sysfs, tmp_path, placement):
    """Starts it with these groups, and with a configuration that belongs to somebody else."""
    if os.geteuid():
        pytest.skip("only root can give the configuration to somebody else")
    started: list[Service] = []
    placement.create_compute_node("node")
    file = configure(tmp_path, LISTS, by_token(placement.url), sync_interval="86400")
    os.chown(file, SOMEBODY, GROUP)
    file.chmod(0o640)

    def start(*groups: int) -> Service:
        groups = ",".join(map(str, groups)) if groups else ""
        which = [f"--groups={groups}"] if groups else ["--clear-groups"]
        nothing = ["--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all"]
        before = ["setpriv", "--no-new-privs", *nothing, *which]
        options = ["--sysfs", sysfs, "--config-file", file]
        started.append(Service(*options, before=before))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.communicate()


def test_without_capabilities_it_reads_writes_and_hears_all_that_it_needs(start, become):
    tell = teller()
    one = start(GROUP)
    one.await_line(f"set_inventories {name(PLAIN)}")
    become(*HOST[1:])
    tell()
    one.await_line(f"delete_provider {name(PLAIN)}")
    assert one.end() == 0
    assert one.messages("WARNING", "ERROR") == []


def test_what_it_may_not_read_is_named_and_it_does_not_start(start):
    one = start()
    _, told = one.process.communicate(timeout=PATIENCE)
    assert one.process.returncode == 2
    assert f"{FILE}: permission denied" in told
    assert "SupplementaryGroups=" in told
