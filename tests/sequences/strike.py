"""One fault in the middle of a pass, at the request of a number."""

from collections.abc import Callable
from dataclasses import dataclass

from support.memory import Answer, MemoryAdapter, dropped, refusal
from support.memory.answer import CONCURRENT_UPDATE


class Killed(BaseException):
    """The process is gone: nobody catches this on the way."""


@dataclass
class Strike:
    """A fault that waits for its request; struck once it happened."""

    kind: str
    left: int
    meanwhile: Callable[[], None]
    struck: bool = False

    def on(self, adapter: MemoryAdapter) -> None:
        before = self.kind in ("kill", "dropped", "500", "503", "409")
        adapter.on_request = self._count if before else None
        adapter.on_answer = None if before else self._count

    def _count(self, _method: str, url: str, _answer: Answer | None = None) -> Answer | None:
        if url == "/":
            return None  # the versions: keystoneauth asks for them, not the adapter in memory
        self.left -= 1
        if self.struck or self.left >= 0:
            return None
        self.struck = True
        return self._happen()

    def _happen(self) -> Answer | None:
        if self.kind.startswith("kill"):
            raise Killed
        if self.kind in ("lost", "dropped"):
            raise dropped()
        if self.kind == "rival":
            return self.meanwhile()
        code = {"code": CONCURRENT_UPDATE} if self.kind == "409" else {}
        return refusal(int(self.kind), "struck", **code)


def calm(adapter: MemoryAdapter) -> None:
    adapter.on_request = adapter.on_answer = None
