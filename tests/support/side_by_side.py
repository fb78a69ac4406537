"""The real Placement and the one in memory: each request goes to both, and both must agree."""

import json
from typing import Any

from .at_random import Ask
from .database import Database
from .memory import MemoryAdapter

# the words of an error may differ, and every request has another id
_PASSED_OVER = ("detail", "request_id")


class SideBySide:
    """An adapter that answers what the real one does, if the one in memory does the same."""

    service_type = "placement"
    region_name = interface = endpoint_override = auth = None
    connect_retries = status_code_retries = 0
    connect_retry_delay = status_code_retry_delay = retriable_status_codes = None

    def __init__(self, real: Any, memory: MemoryAdapter, database: Database) -> None:
        self.real, self.memory, self._database = real, memory, database
        self.session = memory.session

    def get_endpoint_data(self) -> Any:
        found, ours = self.real.get_endpoint_data(), self.memory.get_endpoint_data()
        assert found.max_microversion == ours.max_microversion
        return found

    def request(self, url: str, method: str, **options: Any) -> Any:
        real = self.real.request(url, method, **options)
        memory = self.memory.request(url, method, **options)
        what = f"{method} {url} {options}, answered {real.status_code} {real.text}"
        _agree(what, seen(url, real), seen(url, memory))
        if method != "GET":
            self._compare_all(what)
        return real

    def ask(self, ask: Ask) -> Any:
        body = {} if ask.body is None else {"json": ask.body}
        return self.request(ask.url, ask.method, raise_exc=False, microversion=ask.version, **body)

    def _compare_all(self, after: str) -> None:
        """Everything that is kept, generations and all."""
        state, real = self.memory.placement.state, self._database
        _agree(after, real.read(), state.providers)
        consumers = {
            uuid: (c.project, c.user, c.type, c.generation) for uuid, c in state.consumers.items()
        }
        _agree(after, real.read_consumers(), consumers)
        names = [[(name,) for name in sorted(some)] for some in (state.traits, state.classes)]
        _agree(after, real.read_beside()[:2], names)


def _agree(about: str, real: Any, memory: Any) -> None:
    assert real == memory, f"after {about}\nthe real one:     {real}\nthe one in memory: {memory}"


def seen(url: str, answer: Any) -> Any:
    """What two answers have in common that say the same."""
    content = answer.json() if answer.content else None
    if answer.status_code >= 400:
        content = [_told(error) for error in content["errors"]]
    elif "limit=" in url:  # which ones are left is not promised
        content = len(content["allocation_requests"])
    return answer.status_code, answer.reason, _in_order(content)


def _told(error: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in error.items() if key not in _PASSED_OVER}


def _in_order(content: Any) -> Any:
    """Placement promises no order, of no list."""
    if isinstance(content, dict):
        return {key: _in_order(value) for key, value in content.items()}
    if isinstance(content, list):
        return sorted(map(_in_order, content), key=lambda value: json.dumps(value, sort_keys=True))
    return content
