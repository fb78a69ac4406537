"""The passes of a service: the kernel is listened to, and systemd is told how it goes."""

from __future__ import annotations

from collections.abc import Callable

from .loop import Wake
from .notify import Notify
from .pace import Went
from .report import Report
from .watching import Watching
from .work import Work


class Attended:
    """Passes as the loop wants them, and what is done before and after each."""

    def __init__(
        self, work: Work, report: Report, notify: Notify, put: Callable[[Wake], None]
    ) -> None:
        self._work = work
        self._report = report
        self._notify = notify
        self._put = put
        self._is_up = False
        self._watching: Watching | None = None
        self._listen()

    @property
    def interval(self) -> float:
        """As the configuration says."""
        return self._work.interval

    @property
    def longest(self) -> float:
        """Seconds that a pass may take."""
        return self._work.longest

    def reload(self) -> bool:
        """Read the configuration again, between two words to systemd."""
        self._notify.reloading()
        is_other = self._work.reload()
        if is_other:
            self._listen()
        if self._is_up:
            self._notify.ready()
        return is_other

    def is_news(self) -> bool:
        """As the work says."""
        return self._work.is_news()

    def make_pass(self, wake: Wake) -> Went:
        """Make a pass; the service is up after the first one, whatever came of it."""
        self._report.hearing(self._why_not_heard(), self._work.interval)
        went = self._work.make_pass(wake)
        self._notify.status(self._report.status)
        if not self._is_up:
            self._is_up = True
            self._notify.ready()
        return went

    def waits(self, seconds: float) -> None:
        """Until the service is up, systemd is told how long that may take yet."""
        if not self._is_up:
            self._notify.starts_within(seconds + self.longest)

    def _listen(self) -> None:
        if self._work.watches and not self._watching:
            self._watching = Watching(self._heard)
            self._watching.start()

    def _heard(self) -> None:
        if self._work.watches:
            self._put(Wake.EVENT)

    def _why_not_heard(self) -> str:
        return self._watching.why_not if self._watching and self._work.watches else ""
