"""What the loop does each time: read the configuration, make a pass, tell what is new."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable

from pci_placement.agent import Agent, PassAnswer, Standing, build
from pci_placement.agent.build import NO_CONFIG
from pci_placement.agent.telling import advice
from pci_placement.discovery.raw import read
from pci_placement.errors import ConfigError
from pci_placement.model import Problem
from pci_placement.placement.bounds import Bounds
from pci_placement.settings import ConfigPath, Settings, load
from pci_placement.sync import SCANS

from .ended import Ended
from .files import Files
from .loop import Wake
from .metrics.observer import Metrics
from .pace import Went
from .patience import Patience
from .report import Report
from .still import Still, state_of


def paths_of(arguments: argparse.Namespace) -> list[ConfigPath]:
    """The files and folders that were named."""
    return [ConfigPath(*pair) for pair in arguments.config_paths]


class Work:
    """Passes over one host, with one configuration at a time."""

    def __init__(
        self,
        arguments: argparse.Namespace,
        report: Report,
        metrics: Metrics,
        bounds: Bounds | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read the configuration. Raises ConfigError."""
        self._arguments = arguments
        self._report = report
        self._metrics = metrics
        self._bounds = bounds or Bounds()
        self._now = now
        self._patience = Patience(now)
        self._heard: list[Standing | Problem] = []
        self._has_neighbours = False
        self._still: Still | None = None
        self._asked_at = 0.0
        self._files = Files.of(arguments)
        self._settings = self._load()
        self._agent = self._build()
        report.configured(self._settings.warnings)
        metrics.configured(self._settings)

    @property
    def agent(self) -> Agent:
        """Who makes the passes."""
        return self._agent

    @property
    def interval(self) -> float:
        """Seconds from one pass to the next."""
        return self._settings.sync_interval

    @property
    def watches(self) -> bool:
        """Whether the kernel is to be listened to."""
        return self._settings.watch

    @property
    def longest(self) -> float:
        """Seconds that a pass may take: for its requests, and until the devices are calm."""
        return self._settings.pass_timeout + SCANS * self._settings.settle_time

    def reload(self) -> bool:
        """Read the configuration again; one with errors is told, and the last good one stays."""
        self._files = Files.of(self._arguments)
        is_new = self._reload()
        self._metrics.publish()
        return is_new

    def _reload(self) -> bool:
        try:
            self._settings = self._load()
        except Exception as error:  # one that nobody foresaw is no reason to offer nothing
            self._report.misconfigured(error, self._settings.warnings)
            self._metrics.misconfigured()
            return False
        self._agent = self._build()
        self._report.reloaded(self._settings)
        self._metrics.configured(self._settings)
        return True

    def is_news(self) -> bool:
        """Whether this host looks otherwise than the last pass saw it."""
        is_news = self._still is None or not self._still.is_host()
        if not is_news:
            self._report.no_news()
        return is_news

    def make_pass(self, wake: Wake) -> Went:
        """Make a pass; how it went decides when the next one comes.

        At its usual time it is none where all is as it was.
        """
        self._begin()
        self._report.on_disk(self._files.are_others)
        went = self._spared_or_made(wake)
        self._metrics.publish()
        return went

    def run(self) -> Ended:
        """Make a whole pass, which no other one follows, and tell what is new."""
        self._patience = Patience(self._now, 0.0)
        self._begin()
        return self._counted(self._whole())

    def _begin(self) -> None:
        self._report.begin_pass()
        self._metrics.began()

    def _spared_or_made(self, wake: Wake) -> Went:
        try:
            if wake is Wake.TIME and self._is_over():
                self._metrics.spared()
                return Went.WELL
        except Exception as error:
            return self._counted(self._failed(error)).went
        return self._counted(self._whole()).went

    def _counted(self, ended: Ended) -> Ended:
        if ended.borne:
            self._metrics.unsettled()
        elif ended.answer or not self._bounds.stopped():  # who is to end has not failed
            self._metrics.ended(ended.exit_code, ended.answer)
        return ended

    def _is_over(self) -> bool:
        """Whether a pass would do nothing. Raises PciPlacementError."""
        if self._still is None or not self._still.is_so(self._agent):
            return False
        ago = self._now() - self._asked_at
        if ago < self._settings.remote_check_interval:
            self._report.unasked(ago)
            return True
        asked_at, sent = self._now(), self._sent()
        if not self._agent.finds(self._still.basis):
            return False
        self._asked_at = asked_at
        self._report.nothing_new(self._sent() - sent)
        return True

    def _whole(self) -> Ended:
        self._heard.clear()
        before, began = state_of(self._agent), self._now()
        try:
            answer = self._agent.sync()
        except Exception as error:
            return self._failed(error)
        self._report.changes(answer)
        self._metrics.changed(answer)
        stopped = answer.made and answer.made.report.outcome.stopped
        if stopped:
            return self._failed(stopped)
        self._patience.renew()
        self._report.passed(answer, [*self._heard_of(), *self._advice(answer)])
        self._still = Still.after(answer, self._agent, before, self._look)
        self._asked_at = began
        return Ended(answer.exit_code, answer=answer)

    def _heard_of(self) -> list[Standing | Problem]:
        """What the agent told; of neighbours it tells once, and they are there for good."""
        neighbours = self._settings.neighbours
        self._has_neighbours |= any(said in neighbours for said in self._heard)
        there = neighbours if self._has_neighbours else ()
        return list(dict.fromkeys([*self._heard, *there]))

    def _failed(self, error: Exception) -> Ended:
        # the next pass logs in anew, and takes nothing for granted that this one was told
        self._agent = self._build()
        borne = self._patience.bears(error)
        if borne:
            self._report.unsettled(error)
        elif not self._bounds.stopped():
            self._report.failed(error)
        return Ended.by(error, borne)

    def _advice(self, answer: PassAnswer) -> Iterable[Problem]:
        if not answer.made or answer.retires:
            return ()
        return advice(self._settings, answer.made.report.planned.host)

    def _look(self) -> str:
        return read(self._arguments.sysfs).digest

    def _sent(self) -> int:
        return self._agent.reconciler().client.sent

    def _load(self) -> Settings:
        settings = load(paths_of(self._arguments))
        if not settings.files:
            raise ConfigError([Problem(NO_CONFIG)])
        return settings

    def _build(self) -> Agent:
        self._still = None
        return build(
            self._settings,
            sysfs=self._arguments.sysfs,
            os_cloud=self._arguments.os_cloud,
            tell=self._heard.append,
            bounds=self._bounds,
            trail=self._report.trail.also(self._metrics.heard),
        )
