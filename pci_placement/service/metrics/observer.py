"""Watches the loop, and knows what all metrics are now."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pci_placement.agent import PassAnswer
from pci_placement.errors import ConfigError, ExitCode
from pci_placement.model import Problem
from pci_placement.placement.trail import Answered
from pci_placement.settings import ConfigPath, Settings, read

from . import tally
from .catalogue import OF_LAST_SUCCESS, Numbers, Sample, names_of
from .findings import of_answer
from .places import Places
from .uses import Uses, of_uses, uses_after

if TYPE_CHECKING:
    from pci_placement.service.report import Report

BY_A_FAULT = "no metrics: {}: {}; this should not happen"
VALID = Sample("configuration_valid")
_FOUND = names_of(OF_LAST_SUCCESS)


class Metrics:
    """What passes came to, as numbers; serves tells whether the process stays to be asked.

    They are replaced as a whole, once a pass, so that whoever asks sees those of one moment. now
    gives seconds since 1970, clock those of one that never goes back.
    """

    def __init__(
        self,
        report: Report,
        serves: bool = True,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._report = report
        self._serves = serves
        self._now, self._clock = now, clock
        self._began = 0.0
        self._sent = Counter[tuple[str, int]]()
        self._uses: Uses = {}
        self._places = Places(lambda: self.numbers)
        self.numbers: Numbers = {}

    # --- the configuration

    def configured(self, settings: Settings) -> None:
        """Hear of a configuration that counts from now on."""
        listen = settings.metrics_listen if self._serves else None
        self._places.move(settings.metrics_file, listen)
        # the first time it goes on from what earlier processes left
        before = self.numbers or {**tally.START, **self._places.left()}
        self.numbers = {
            **before,
            VALID: 1.0,
            Sample("sync_interval_seconds"): settings.sync_interval,
            Sample("enabled"): float(settings.enabled),
        }

    def misconfigured(self) -> None:
        """Hear that the configuration as it is now cannot be used."""
        self.numbers = {**self.numbers, VALID: 0.0}

    def refused(self, paths: Sequence[ConfigPath]) -> None:
        """Hear that there is none that can be used; the file tells, if one says where that is."""
        with contextlib.suppress(ConfigError):
            self._serves = False
            self.configured(read(paths))
            self.misconfigured()
            self.publish()

    # --- a pass

    def began(self) -> None:
        """Hear that a pass begins."""
        self._began = self._clock()

    def heard(self, answered: Answered) -> None:
        """Hear of a request."""
        self._sent[answered.method, answered.status] += 1

    def changed(self, answer: PassAnswer) -> None:
        """Hear what a pass did, also of one that was stopped on its way."""
        done = answer.made.report.outcome.results if answer.made else ()
        self.numbers = tally.plus(self.numbers, tally.of_steps(done))

    def spared(self) -> None:
        """Hear that all is as a pass left it that found nothing to do."""
        more = {**tally.SPARED_ONE, **self._requests(), **self._duration()}
        numbers = tally.plus(self.numbers, more)
        self.numbers = {**numbers, tally.FAILING: 0.0, tally.LAST_SUCCESS: self._now()}

    def unsettled(self) -> None:
        """Hear that this host was not at rest: a pass came to nothing, and is no failure yet."""
        more = {**tally.UNSETTLED_ONE, **self._requests(), **self._duration()}
        self.numbers = tally.plus(self.numbers, more)

    def ended(self, code: ExitCode, answer: PassAnswer | None) -> None:
        """Hear how a pass ended; answer is None where it came to nothing."""
        more = {**tally.of_end(code, answer), **self._requests()}
        if answer is None or answer.made:
            more |= self._duration()
        numbers = tally.plus(self.numbers, more)
        if answer is None:
            self.numbers = tally.plus(numbers, {tally.FAILING: 1.0})
        else:
            self.numbers = self._after(answer, {**numbers, tally.FAILING: 0.0})

    def _duration(self) -> Numbers:
        return tally.of_duration(self._clock() - self._began)

    def _requests(self) -> Numbers:
        """Those that were heard of since the last pass."""
        sent = tally.of_requests(self._sent)
        self._sent.clear()
        return sent

    def _after(self, answer: PassAnswer, numbers: Numbers) -> Numbers:
        """What is so after a pass that came to its end; one that was not made found nothing."""
        made = answer.made
        if made is None:
            return {**numbers, **of_answer(answer)}
        now = self._now()
        self._uses = uses_after(self._uses, made, now)
        rest = {which: n for which, n in numbers.items() if which.name not in _FOUND}
        used = of_uses(self._uses, made, numbers)
        return {**rest, **of_answer(answer), **used, tally.LAST_SUCCESS: now}

    # --- those who read them

    def publish(self) -> None:
        """Bring the numbers to where they are read, and tell what of that cannot be done."""
        try:
            problems = self._places.publish()
        except Exception as error:  # metrics are no reason to offer nothing
            problems = [Problem(BY_A_FAULT.format(type(error).__name__, error))]
        self._report.published(problems)
