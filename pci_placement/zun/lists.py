"""The operator's lists as they stand in the files now, read again when a file was written."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from pci_placement import settings
from pci_placement.errors import ConfigError
from pci_placement.settings import ConfigPath, Settings

LOG = logging.getLogger(__name__)

STILL_THE_OLD = "what was read before stays in force, for there are errors in the lists: %s"
NO_LISTS = "no container can ask for devices, for there are errors in the lists: %s"


class Lists:
    """The configuration below some paths, which are asked for each time.

    With errors in it the last one without errors counts, and the log tells once.
    """

    def __init__(self, paths: Callable[[], Sequence[ConfigPath]]) -> None:
        self._paths = paths
        self._stamps: object = None
        self._settings: Settings | None = None

    def current(self) -> Settings:
        """What is configured; raises ConfigError if it never was without errors."""
        stamps = settings.stamps(self._paths())
        if stamps != self._stamps or self._settings is None:
            self._settings = self._read()
            self._stamps = stamps
        return self._settings

    def _read(self) -> Settings:
        try:
            return settings.load(self._paths())
        except ConfigError as error:
            LOG.error(STILL_THE_OLD if self._settings else NO_LISTS, error)
            if self._settings is None:
                raise
            return self._settings
