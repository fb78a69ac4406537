"""A storm at a real Placement: the host changes whenever somebody waits, on a clock of the test."""

import logging
from collections.abc import Callable
from itertools import pairwise

import pytest
from support.cloud import HOST, NIC, VFS, configure, with_vfs
from support.command import by_token
from support.metrics import number, told
from support.seen import on_offer

from pci_placement.placement.bounds import Bounds
from pci_placement.service.arguments import parse
from pci_placement.service.logs import LOGGER
from pci_placement.service.loop import Wake, drive, rounds
from pci_placement.service.metrics.observer import Metrics
from pci_placement.service.pace import Pace, Went
from pci_placement.service.report import Report
from pci_placement.service.work import Work

TOLD = "no pass: the PCI devices of this host changed during 5 scans in a row"

pytestmark = pytest.mark.usefixtures("nowhere", "real")


class Storm:
    """The passes of a process, whose host has other VFs after each wait until a second is over."""

    def __init__(self, folder, sysfs, url: str, become: Callable[..., None]) -> None:
        self.time, self.until, self.begun_at = 1e6, 0.0, []
        self._become, self._vfs = become, 1
        file = configure(folder, placement=by_token(url), full_sync_interval="1e9")
        arguments = parse(["--sysfs", str(sysfs), "--config-file", str(file)])
        report = Report()
        self.metrics = Metrics(report, serves=False)
        bounds = Bounds(wait=self.wait)
        self.work = Work(arguments, report, self.metrics, bounds, now=lambda: self.time)
        assert self.work.make_pass(Wake.NOW) is Went.WELL

    def wait(self, seconds: float) -> None:
        self.time += seconds
        if self.time < self.until:
            self._vfs = 3 - self._vfs
            self._become(*with_vfs(self._vfs))

    def rages(self, seconds: float) -> None:
        self.until = self.time + seconds
        self.wait(0.0)

    def told(self, name: str) -> dict:
        return told(self.metrics.numbers, name)

    @property
    def failing(self) -> float | None:
        return number(self.metrics.numbers, "failing_passes")


@pytest.fixture
def storm(tmp_path, sysfs, placement, become, caplog):
    caplog.set_level(logging.INFO, LOGGER.name)
    return Storm(tmp_path, sysfs, placement.url, become)


def go_on(storm: Storm, seconds: float) -> list[float]:
    """Let the loop go on for so long, without an event; when passes began, from now on."""
    began, end = storm.time, storm.time + seconds
    begun = []

    def wait(seconds: float) -> Wake:
        if storm.time + seconds > end:
            return Wake.STOP
        storm.wait(seconds)
        begun.append(storm.time - began)
        return Wake.TIME

    drive(rounds(storm.work, Pace(lambda a, b: (a + b) / 2), lambda: storm.time), wait)
    return begun


def warnings(caplog) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]


def test_a_storm_is_waited_out_and_nothing_of_it_is_told(storm, real, caplog):
    caplog.clear()
    storm.rages(6)
    assert go_on(storm, 9) == pytest.approx([0, 1.5, 3.5, 6.5])
    assert on_offer(real, VFS) == {NIC: (storm._vfs, 0)}  # noqa: SLF001  what the last wait left
    assert (warnings(caplog), storm.failing) == ([], 0)
    assert storm.told("passes_total") == {"done": 2, "unsettled": 3}


def test_while_it_lasts_nothing_is_written(storm, real, placement):
    storm.rages(6)
    placement.requests.clear()
    go_on(storm, 5)
    assert {each.method for each in placement.requests} == {"GET"}
    assert on_offer(real, VFS) == {NIC: (HOST[1]["vfs"]["count"], 0)}


def test_a_host_that_never_settles_is_told_once_after_a_minute(storm, caplog):
    caplog.clear()
    storm.rages(1e9)
    begun = go_on(storm, 200)
    failed = sum(at >= 60 for at in begun)
    assert (warnings(caplog), storm.failing) == ([TOLD], failed)
    assert storm.told("passes_total") == {
        "done": 1,
        "unsettled": len(begun) - failed,
        "try_again": failed,
    }
    assert all(later - at < 67 for at, later in pairwise(begun))


def test_when_it_has_settled_after_all_that_is_told(storm, caplog):
    storm.rages(80)
    go_on(storm, 140)
    assert caplog.messages[-1] == "passes go through again, after 1 in a row that did not"
    assert storm.failing == 0


def test_a_pass_alone_tells_it_at_once_and_ends_with_75(storm, caplog):
    caplog.clear()
    storm.rages(60)
    assert storm.work.run().exit_code == 75
    assert warnings(caplog) == [TOLD]
    assert storm.told("passes_total") == {"done": 1, "try_again": 1}


def test_another_trouble_in_between_begins_the_minute_anew(storm, placement, caplog):
    storm.rages(1e9)
    storm.work.make_pass(Wake.NOW)
    placement.stop()
    storm.work.make_pass(Wake.NOW)
    placement.start()
    storm.time += 70
    caplog.clear()
    assert storm.work.make_pass(Wake.NOW) is Went.UNSETTLED
    assert warnings(caplog) == []
