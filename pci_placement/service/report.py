"""What a service tells of its passes: once that something begins, once that it is over."""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from pci_placement.agent import Pass, PassAnswer, Standing
from pci_placement.agent.telling import held_back, not_done, restraints
from pci_placement.agent.words import about, detail, lines
from pci_placement.errors import PciPlacementError, UnsafePlan, without_credentials
from pci_placement.model import Action, Problem
from pci_placement.model.outcome import Result
from pci_placement.placement.trail import Answered, Trail, new_request_id
from pci_placement.settings import Settings

from .conditions import Condition, Conditions
from .logs import LOGGER
from .status import FAILED_SINCE, LAST, STARTING, at, sentence

STARTED = "pass after pass: one every {:g} s"
ENDED = "ended"
ENDED_EARLY = "ended before the answer to its last request; the next pass makes up for that"
CRASHED = "the loop ended by a fault of its own, {}; this should not happen: see --debug"
RELOADED = "read the configuration again: {}"
KEPT_CONFIGURATION = "the configuration cannot be used, the last good one stays: {}"
FAILED = "no pass: {}"
FAULT_OF_OURS = "{}: {}; this should not happen: see --debug"
UNSETTLED = "no pass yet, looking again once it is calm: {}"
GO_THROUGH_AGAIN = "passes go through again, after {} in a row that did not"
NOTHING_NEW = "nothing to do; requests: {}"
UNASKED = "nothing changed on this host; Placement was asked {:.0f} s ago"
ON_DISK = (
    "the configuration files are no longer those that are in use; SIGHUP reads them: "
    "systemctl reload pci-placement-agent"
)
UNHEARD = (
    "the kernel cannot be heard ({}): devices that come and go are found at the next pass, every "
    "{:g} s"
)
NO_NEWS = "the kernel told something; this host is as the last pass saw it"
REQUEST = "{} {}: {} after {:.0f} ms"

_CHANGING = re.compile(r"\S*[/\d]\S*")
"""Words of a message that another request, another try or another second would change."""


class Report:
    """Writes to the log; knows what has been said."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._number = 0
        self._read_at = 0.0
        self._failed_in_a_row = 0
        self._failure = self._why_failed = ""
        self._found = Conditions(self._log)
        self._configuration = Conditions(self._log)
        self._hearing = Conditions(self._log)
        self._read: list[Condition] = []
        self._sentence = STARTING
        self._passed_at: datetime | None = None
        self._request_id = new_request_id()
        self._metrics = Conditions(self._log)

    # --- the process

    def started(self, interval: float) -> None:
        """Tell that there will be passes."""
        self._log(logging.INFO, STARTED.format(interval))

    def ended(self, early: bool) -> None:
        """Tell that there will be no more."""
        self._number = 0
        self._log(logging.INFO, ENDED_EARLY if early else ENDED)

    def crashed(self, error: BaseException) -> None:
        """Tell of a fault in the loop itself."""
        self._log(logging.ERROR, CRASHED.format(type(error).__name__), error)

    # --- the configuration

    def refused(self, error: PciPlacementError) -> None:
        """Tell why there will be no pass at all, a line a problem."""
        for line in str(error).splitlines():
            self._log(logging.ERROR, line)

    def configured(self, warnings: Iterable[Problem]) -> None:
        """Tell what of a configuration is doubtful, if it was not before."""
        self._read = list(_conditions(warnings))
        self._configuration.see(self._read)

    def reloaded(self, settings: Settings) -> None:
        """Tell that another configuration counts."""
        self._log(logging.INFO, RELOADED.format(", ".join(settings.files)))
        self.configured(settings.warnings)

    def misconfigured(self, error: Exception, warnings: Iterable[Problem]) -> None:
        """Tell that the new configuration does not count."""
        text = KEPT_CONFIGURATION.format(_text(error))
        self._read = [*_conditions(warnings), Condition(text, text)]
        self._configuration.see(self._read)

    def on_disk(self, others: bool) -> None:
        """Tell, if it was not before, whether the files are others than those that were read."""
        others_found = [Condition(ON_DISK, ON_DISK)] if others else []
        self._configuration.see([*self._read, *others_found])

    def no_news(self) -> None:
        """Tell whoever asks for it that the kernel told nothing that matters."""
        self._log(logging.DEBUG, NO_NEWS)

    def hearing(self, why_not: str, interval: float) -> None:
        """Tell whether the kernel is heard, which it is where there is no reason why not."""
        text = UNHEARD.format(why_not, interval)
        self._hearing.see([Condition(UNHEARD, text)] if why_not else [])

    # --- the metrics

    def published(self, problems: Iterable[Problem]) -> None:
        """Tell where metrics cannot be read that should be there, if they could be before."""
        self._metrics.see(_conditions(problems))

    # --- a pass

    def begin_pass(self) -> None:
        """Give what follows, requests too, the number and the id of another pass."""
        self._number = next(self._numbers)
        self._request_id = new_request_id()

    @property
    def trail(self) -> Trail:
        """Under which id requests go, and who logs them."""
        return Trail(lambda: self._request_id, self._answered)

    @property
    def status(self) -> str:
        """How the last passes went, in a sentence."""
        since = at(self._passed_at) if self._passed_at else "the start"
        if self._failed_in_a_row:
            return FAILED_SINCE.format(since, self._why_failed)
        return LAST.format(self._sentence, since)

    def nothing_new(self, requests: int) -> None:
        """Tell whoever asks for it that there was nothing to do."""
        self._passed_at = datetime.now(UTC)
        self._log(logging.DEBUG, NOTHING_NEW.format(requests))

    def unasked(self, ago: float) -> None:
        """Tell the same of a pass that did not ask."""
        self._passed_at = datetime.now(UTC)
        self._log(logging.DEBUG, UNASKED.format(ago))

    def changes(self, answer: PassAnswer) -> None:
        """Tell what a pass did, a line a change."""
        for done in answer.made.report.outcome.results if answer.made else ():
            if done.result is Result.DONE:
                self._log(logging.INFO, _change(done.action), action=done.action)

    def failed(self, error: Exception) -> None:
        """Tell why there was no pass, if it is not why there was none the last time."""
        self._failed_in_a_row += 1
        text = self._why_failed = _text(error)
        kind = f"{type(error).__name__} {_CHANGING.sub('', text)}"
        expected = isinstance(error, PciPlacementError)
        new = logging.WARNING if expected else logging.ERROR
        level = logging.DEBUG if kind == self._failure else new
        self._log(level, FAILED.format(text), error)
        self._failure = kind

    def unsettled(self, error: Exception) -> None:
        """Tell whoever asks for it that this host was not at rest, which is no failure yet."""
        self._log(logging.DEBUG, UNSETTLED.format(_text(error)), error)

    def passed(self, answer: PassAnswer, heard: Iterable[Standing | Problem]) -> None:
        """Tell what a pass found that is new, and what of before is over."""
        if self._failed_in_a_row:
            self._log(logging.INFO, GO_THROUGH_AGAIN.format(self._failed_in_a_row))
        self._failed_in_a_row, self._failure = 0, ""
        self._sentence, self._passed_at = sentence(answer), datetime.now(UTC)
        made = answer.made
        read_at = made.report.last_pass.read_at if made else self._read_at
        self._found.see(found_by(answer, heard), full=read_at != self._read_at)
        self._read_at = read_at
        if made and not made.report.outcome.results:
            self.nothing_new(made.requests)

    def _answered(self, call: Answered) -> None:
        url, became = without_credentials(call.url), call.status or "no answer"
        text = REQUEST.format(call.method, url, became, call.seconds * 1000)
        self._log(logging.DEBUG, text, call=call)

    def _log(
        self,
        level: int,
        text: str,
        error: BaseException | None = None,
        action: Action | None = None,
        call: Answered | None = None,
    ) -> None:
        of_pass = {"pass_number": self._number, "request_id": self._request_id}
        extra = {"action": action, "call": call} | (of_pass if self._number else {})
        with_trace = error if LOGGER.isEnabledFor(logging.DEBUG) else None
        LOGGER.log(level, "%s", text, exc_info=with_trace, extra=extra)


def found_by(answer: PassAnswer, heard: Iterable[Standing | Problem]) -> Iterator[Condition]:
    """What a pass found that lasts, whether it did something about it or not."""
    for line in restraints(answer.standing):
        yield Condition(line, line, logging.INFO)
    yield from _conditions(said for said in heard if isinstance(said, Problem))
    if answer.made:
        yield from _of_pass(answer.made)
    yield from (Condition(str(left), str(left)) for left in answer.left)


def _of_pass(made: Pass) -> Iterator[Condition]:
    planned = made.report.planned
    for problem in planned.warnings:
        yield Condition(_key(problem), str(problem), only_in_full=True)
    yield from (Condition(line, line) for line in held_back(planned))
    for line in not_done(made.report):
        yield Condition(line.partition(": ")[0], line)


def _conditions(problems: Iterable[Problem]) -> Iterator[Condition]:
    return (Condition(_key(problem), str(problem)) for problem in problems)


def _key(problem: Problem) -> str:
    return problem.key or str(problem)


def _change(action: Action) -> str:
    named, what = about(action), detail(action)
    return f"{action.verb} {named}: {what}" if what not in ("", named) else f"{action.verb} {named}"


def _text(error: Exception) -> str:
    """One line that an operator can act on."""
    if isinstance(error, UnsafePlan):
        return "; ".join([str(error), *lines(error.plan)])
    if isinstance(error, PciPlacementError):
        return "; ".join(str(error).splitlines())
    return FAULT_OF_OURS.format(type(error).__name__, error)
