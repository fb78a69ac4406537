"""What the loop does each time: read the configuration, make a pass, tell what is new."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from pci_placement.agent import Agent, PassAnswer, Standing, build
from pci_placement.agent.build import NO_CONFIG
from pci_placement.errors import (
    ConfigError,
    DiscoveryError,
    ExitCode,
    Locked,
    PciPlacementError,
    RootNotFound,
    Unsettled,
)
from pci_placement.model import Problem
from pci_placement.placement.bounds import Bounds
from pci_placement.settings import ConfigPath, Settings, load

from .report import Report

PASSING = (DiscoveryError, Locked, RootNotFound, Unsettled)
"""Reasons why there was no pass that cost Placement next to nothing: no need to leave it alone."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a pass ended, and what it answered if it came to that.

    troubled where Placement or this program had better be left in peace.
    """

    exit_code: ExitCode
    troubled: bool = False
    answer: PassAnswer | None = None


class Work:
    """Passes over one host, with one configuration at a time."""

    def __init__(
        self, arguments: argparse.Namespace, report: Report, bounds: Bounds | None = None
    ) -> None:
        """Read the configuration. Raises ConfigError."""
        self._arguments = arguments
        self._report = report
        self._bounds = bounds or Bounds()
        self._heard: list[Standing | Problem] = []
        self._settings = self._load()
        self._agent = self._build()
        report.configured(self._settings.warnings)

    @property
    def agent(self) -> Agent:
        """Who makes the passes."""
        return self._agent

    @property
    def interval(self) -> float:
        """Seconds from one pass to the next."""
        return self._settings.sync_interval

    def reload(self) -> bool:
        """Read the configuration again; one with errors is told, and the last good one stays."""
        try:
            self._settings = self._load()
        except Exception as error:  # one that nobody foresaw is no reason to offer nothing
            self._report.misconfigured(error, self._settings.warnings)
            return False
        self._agent = self._build()
        self._report.reloaded(self._settings)
        return True

    def make_pass(self) -> bool:
        """Make a pass; whether the next one may come at its usual time."""
        return not self.run().troubled

    def run(self) -> Ended:
        """Make a pass, and tell what is new."""
        self._heard.clear()
        self._report.begin_pass()
        try:
            answer = self._agent.sync()
        except Exception as error:
            return self._failed(error)
        self._report.changes(answer)
        stopped = answer.made and answer.made.report.outcome.stopped
        if stopped:
            return self._failed(stopped)
        self._report.passed(answer, self._heard)
        return Ended(answer.exit_code, answer=answer)

    def _failed(self, error: Exception) -> Ended:
        # the next pass logs in anew, and takes nothing for granted that this one was told
        self._agent = self._build()
        if not self._bounds.stopped():
            self._report.failed(error)
        code = error.exit_code if isinstance(error, PciPlacementError) else ExitCode.ERROR
        return Ended(code, not isinstance(error, PASSING))

    def _load(self) -> Settings:
        settings = load([ConfigPath(*pair) for pair in self._arguments.config_paths])
        if not settings.files:
            raise ConfigError([Problem(NO_CONFIG)])
        return settings

    def _build(self) -> Agent:
        return build(
            self._settings,
            sysfs=self._arguments.sysfs,
            os_cloud=self._arguments.os_cloud,
            tell=self._heard.append,
            bounds=self._bounds,
        )
