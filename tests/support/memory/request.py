"""A request as the handlers see it."""

from dataclasses import dataclass
from typing import Any

from .answer import Refused
from .query import Pairs


@dataclass(frozen=True, slots=True)
class Request:
    """One request; parts are those of the path, decoded."""

    method: str
    parts: tuple[str, ...]
    query: Pairs
    version: tuple[int, int]
    body: Any = None

    @property
    def sent(self) -> Any:
        """The body, where one must be sent."""
        if self.body is None:
            raise Refused(415, "The media type None is not supported, use application/json")
        return self.body
