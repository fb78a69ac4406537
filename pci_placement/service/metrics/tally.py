"""What adds up over passes: numbers before and after one more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pci_placement import __version__
from pci_placement.agent import PassAnswer
from pci_placement.errors import ExitCode
from pci_placement.model import ReasonCode
from pci_placement.model.outcome import Done, Result

from .catalogue import BUCKET, SUM, Numbers, Sample

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
"""Seconds: from a pass that sends one request to one that ends by pass_timeout."""

SPARED, SWITCHED_OFF, FAULT, UNSETTLED = "spared", "disabled", "error", "unsettled"
_RESULTS = {
    ExitCode.DONE: "done",
    ExitCode.PARTLY: "partly",
    ExitCode.WITHHELD: "withheld",
    ExitCode.TRY_AGAIN: "try_again",
}
RESULTS = (*_RESULTS.values(), FAULT, SWITCHED_OFF, SPARED, UNSETTLED)
"""How a pass ends, by the name of its exit code; disabled and spared ones were not made.

unsettled: the next one comes as soon as this host is calm.
"""

SPARED_ONE: Numbers = {Sample("passes_total", (SPARED,)): 1.0}
UNSETTLED_ONE: Numbers = {Sample("passes_total", (UNSETTLED,)): 1.0}
LAST_SUCCESS = Sample("last_success_timestamp_seconds")
FAILING = Sample("failing_passes")
_DURATION = "pass_duration_seconds"
_LIMITS = (*BUCKETS, float("inf"))


def limit(seconds: float) -> str:
    """A limit of a bucket as its label."""
    return "+Inf" if seconds == float("inf") else str(seconds)


START: Numbers = {
    Sample("build_info", (__version__,)): 1.0,
    Sample("configuration_valid"): 1.0,
    # what is there from the first reading on has a first increase
    **{Sample("passes_total", (result,)): 0.0 for result in RESULTS},
    **{Sample(_DURATION + BUCKET, (limit(seconds),)): 0.0 for seconds in _LIMITS},
    Sample(_DURATION + SUM): 0.0,
    FAILING: 0.0,
    LAST_SUCCESS: 0.0,
    Sample("requests_total", ("GET", "200")): 0.0,
    Sample("drift_total"): 0.0,
}
"""The numbers before the first pass."""


def plus(before: Numbers, more: Numbers) -> Numbers:
    """The same with something added to some of them."""
    return {**before, **{which: before.get(which, 0.0) + n for which, n in more.items()}}


def of_end(code: ExitCode, answer: PassAnswer | None) -> Numbers:
    """One more pass that ended so."""
    made = answer is None or answer.made is not None
    result = _RESULTS.get(code, FAULT) if made else SWITCHED_OFF
    return {Sample("passes_total", (result,)): 1.0}


def of_duration(seconds: float) -> Numbers:
    """One more pass that took so long."""
    within = [limit(each) for each in _LIMITS if seconds <= each]
    return {
        **{Sample(_DURATION + BUCKET, (each,)): 1.0 for each in within},
        Sample(_DURATION + SUM): seconds,
    }


def of_requests(sent: Mapping[tuple[str, int], int]) -> Numbers:
    """Requests, by method and the status of the answer."""
    return {
        Sample("requests_total", (method, str(status))): float(times)
        for (method, status), times in sent.items()
    }


def of_steps(done: Iterable[Done]) -> Numbers:
    """Steps of a plan, and those that only undid what somebody else had done."""
    numbers: Numbers = {}
    for each in done:
        step = Sample("actions_total", (each.action.verb, each.result.value))
        numbers = plus(numbers, {step: 1.0, **_drift(each)})
    return numbers


def _drift(step: Done) -> Numbers:
    undone = step.result is Result.DONE and step.action.reason.code is ReasonCode.DRIFT
    return {Sample("drift_total"): 1.0} if undone else {}
