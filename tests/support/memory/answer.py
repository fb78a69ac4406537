"""What a request is answered with: the part of requests.Response that the client reads."""

import json
from http import HTTPStatus
from http.client import responses
from itertools import count
from typing import Any

UNDEFINED = "placement.undefined_code"
CONCURRENT_UPDATE = "placement.concurrent_update"
DUPLICATE_NAME = "placement.duplicate_name"
INVENTORY_IN_USE = "placement.inventory.inuse"
PROVIDER_IN_USE = "placement.resource_provider.inuse"
CANNOT_DELETE_PARENT = "placement.resource_provider.cannot_delete_parent"
PROVIDER_NOT_FOUND = "placement.resource_provider.not_found"
QUERY_BAD_VALUE = "placement.query.bad_value"
QUERY_MISSING_VALUE = "placement.query.missing_value"

_numbers = count(1)


class Refused(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, detail: str, code: str = UNDEFINED, **more: str) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status, self.detail, self.code, self.more = status, detail, code, more


class Answer:
    """A response; payload is None where there is no body."""

    __slots__ = ("payload", "status_code", "url")

    def __init__(self, status_code: int = 204, payload: Any = None, url: str = "") -> None:
        self.status_code, self.payload, self.url = status_code, payload, url

    def __repr__(self) -> str:
        return f"{self.status_code} {self.payload}"

    @property
    def reason(self) -> str:
        return responses[self.status_code]

    @property
    def content(self) -> bytes:
        return b"" if self.payload is None else json.dumps(self.payload).encode()

    @property
    def text(self) -> str:
        return self.content.decode()

    @property
    def headers(self) -> dict[str, str]:
        kind = {} if self.payload is None else {"content-type": "application/json"}
        return {
            "x-openstack-request-id": _request_id(self.payload),
            "openstack-api-version": "placement 1.39",  # nobody here looks at the number
            **kind,
        }

    def json(self) -> Any:
        if self.payload is None:
            raise ValueError("no JSON in an empty body")
        return self.payload


def _request_id(payload: Any) -> str:
    if isinstance(payload, dict) and "errors" in payload:
        return payload["errors"][0]["request_id"]
    return "req-memory"


def refusal(status: int, detail: str = "", code: str = UNDEFINED, **more: str) -> Answer:
    """An error as Placement answers it."""
    error = {
        "status": status,
        "title": responses[status],
        "detail": detail or responses[status],
        "request_id": f"req-{next(_numbers):08x}",
        **more,
    }
    # a microversion that is not acceptable may be from before there were codes
    coded = {} if status == HTTPStatus.NOT_ACCEPTABLE else {"code": code}
    return Answer(status, {"errors": [error | coded]})
