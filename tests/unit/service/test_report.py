import logging

import pytest

from pci_placement.agent import PassAnswer, Standing
from pci_placement.errors import (
    ConfigError,
    DiscoveryError,
    GenerationConflict,
    Locked,
    Unreachable,
    UnsafePlan,
)
from pci_placement.model import EnsureTrait, Plan, Problem, Severity
from pci_placement.service.logs import LOGGER
from pci_placement.service.report import Report

ON, OFF = PassAnswer(Standing(True, None)), PassAnswer(Standing(False, None))
LONG_AGO = PassAnswer(Standing(True, "2020-01-01T00:00:00Z"))
DOUBTFUL = Problem("odd", "mend it", severity=Severity.WARNING)
TRACE = " Traceback"


class Log(logging.Handler):
    """What was said, at which level."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        trace = TRACE if record.exc_info else ""
        self.lines.append(f"{record.levelname} {record.getMessage()}{trace}")

    def new(self) -> list[str]:
        lines, self.lines = self.lines, []
        return lines


@pytest.fixture
def log():
    before, handler = LOGGER.level, Log()
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.INFO)
    yield handler
    LOGGER.removeHandler(handler)
    LOGGER.setLevel(before)


@pytest.fixture
def report(log) -> Report:
    assert log.new() == []
    return Report()


def answered(number: int, url: str) -> Unreachable:
    return Unreachable(f"Placement answered 503 to GET {url}: busy (request id req-{number})")


def test_passes_that_fail_for_one_reason_are_one_warning(report, log):
    report.failed(answered(1, "http://a/x"))
    assert log.new() == [f"WARNING no pass: {answered(1, 'http://a/x')}"]
    report.failed(answered(2, "http://a/y?z=1"))
    assert log.new() == []
    report.passed(ON, [])
    assert log.new() == ["INFO passes go through again, after 2 in a row that did not"]
    report.passed(ON, [])
    assert log.new() == []
    report.failed(answered(3, "http://a/x"))
    assert len(log.new()) == 1


def test_who_asks_for_more_hears_of_each_of_them(report, log):
    LOGGER.setLevel(logging.DEBUG)
    report.failed(Locked("busy"))
    report.failed(Locked("busy"))
    assert log.new() == [f"{level} no pass: busy{TRACE}" for level in ("WARNING", "DEBUG")]


@pytest.mark.parametrize(
    "other",
    [
        Unreachable("no answer: Connection refused"),
        DiscoveryError("/sys", "gone"),
        GenerationConflict("PUT", "http://a/x", 409),
    ],
)
def test_another_reason_is_another_warning(report, log, other):
    report.failed(answered(1, "http://a/x"))
    report.failed(other)
    assert len(log.new()) == 2


def test_a_fault_of_this_program_is_an_error_and_no_end(report, log):
    report.failed(KeyError("x"))
    assert log.new() == ["ERROR no pass: KeyError: 'x'; this should not happen: see --debug"]


def test_a_plan_that_is_refused_is_shown_in_the_same_line(report, log):
    report.failed(UnsafePlan("it breaks a promise", Plan((EnsureTrait("CUSTOM_X"),))))
    (line,) = log.new()
    assert line.startswith("WARNING no pass: it breaks a promise; 1. ensure_trait")


# --- the configuration


def test_a_configuration_that_is_refused_is_a_line_a_problem(report, log):
    report.refused(ConfigError([Problem("one"), Problem("two")]))
    assert log.new() == ["ERROR one", "ERROR two"]


def test_what_is_doubtful_is_told_once_and_so_is_a_bad_configuration(report, log):
    report.configured([DOUBTFUL])
    bad = ConfigError([Problem("one"), Problem("two")])
    for _ in range(2):
        report.misconfigured(bad, [DOUBTFUL])
    kept = "the configuration cannot be used, the last good one stays: one; two"
    assert log.new() == ["WARNING odd; mend it", f"WARNING {kept}"]
    report.configured([])
    assert log.new() == ["INFO over: odd; mend it", f"INFO over: {kept}"]


# --- what a pass finds


@pytest.mark.parametrize(("answer", "says"), [(OFF, "enabled = false"), (LONG_AGO, "was retired")])
def test_that_a_host_offers_nothing_by_wish_is_told_once(report, log, answer, says):
    report.passed(answer, [answer.standing])
    report.passed(answer, [answer.standing])
    (line,) = log.new()
    assert line.startswith("INFO ")
    assert says in line
    report.passed(ON, [])
    assert log.new() == [line.replace("INFO ", "INFO over: ")]


def test_what_an_agent_tells_at_each_pass_is_told_once(report, log):
    for _ in range(3):
        report.passed(ON, [ON.standing, DOUBTFUL])
    assert log.new() == ["WARNING odd; mend it"]


def test_what_lasts_is_not_told_anew_when_only_its_numbers_change(report, log):
    for number in (5, 6, 7):
        said = Problem(f"{number} of them", severity=Severity.WARNING, key="them")
        report.passed(ON, [ON.standing, said])
    assert log.new() == ["WARNING 5 of them"]
    report.passed(ON, [ON.standing])
    assert log.new() == ["INFO over: 7 of them"]


def test_what_lasts_outlasts_a_pass_that_failed(report, log):
    report.passed(ON, [DOUBTFUL])
    report.failed(Locked("busy"))
    log.new()
    report.passed(ON, [DOUBTFUL])
    assert log.new() == ["INFO passes go through again, after 1 in a row that did not"]


# --- the process


def test_a_start_an_end_and_a_crash(report, log):
    report.started(60.0)
    report.ended(early=False)
    report.ended(early=True)
    report.crashed(KeyError("x"))
    assert [line.partition(" ")[0] for line in log.new()] == ["INFO", "INFO", "INFO", "ERROR"]
