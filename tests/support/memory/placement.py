"""The routes of Placement, and the state behind them."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from . import aspects, candidates, claims, known, providers, query
from .answer import Answer, Refused, refusal
from .request import Request
from .state import State

OLDEST, NEWEST = (1, 30), (1, 39)

Handler = Callable[[State, Request], Answer]

_ROUTES: Mapping[tuple[str, ...], Mapping[str, Handler]] = {
    ("resource_providers",): {"GET": providers.listing, "POST": providers.create},
    ("resource_providers", ""): {
        "GET": providers.show,
        "PUT": providers.update,
        "DELETE": providers.delete,
    },
    ("resource_providers", "", "inventories"): {
        "GET": aspects.inventories,
        "PUT": aspects.put_inventories,
    },
    ("resource_providers", "", "traits"): {"GET": aspects.traits, "PUT": aspects.put_traits},
    ("resource_providers", "", "aggregates"): {
        "GET": aspects.aggregates,
        "PUT": aspects.put_aggregates,
    },
    ("resource_providers", "", "usages"): {"GET": aspects.usages},
    ("resource_providers", "", "allocations"): {"GET": aspects.allocations},
    ("resource_classes",): {"GET": known.classes},
    ("resource_classes", ""): {
        "GET": known.resource_class,
        "PUT": known.put_class,
        "DELETE": known.delete_class,
    },
    ("traits",): {"GET": known.traits},
    ("traits", ""): {"GET": known.trait, "PUT": known.put_trait, "DELETE": known.delete_trait},
    ("allocations", ""): {"GET": claims.show, "PUT": claims.put, "DELETE": claims.delete},
    ("reshaper",): {"POST": claims.reshape},
    ("allocation_candidates",): {"GET": candidates.listing},
}

# what Placement knows and this does not: not to be taken for 404 or 405
_UNSUPPORTED = {
    ("usages",): {"GET"},
    ("allocations",): {"POST"},
    ("resource_classes",): {"POST"},
    ("resource_providers", "", "inventories"): {"POST", "DELETE"},
    ("resource_providers", "", "traits"): {"DELETE"},
}


class MemoryPlacement:
    """Everything that Placement has, and what it does with a request.

    newest is the highest microversion that it offers. `state` may be read at any time.
    """

    def __init__(self, newest: tuple[int, int] = NEWEST) -> None:
        self.newest = newest
        self.state = State()

    def snapshot(self) -> State:
        """All of it, as it is now; cheap."""
        return self.state.copy()

    def restore(self, snapshot: State) -> None:
        """As it was then; the snapshot can be used again."""
        self.state.become(snapshot)

    def answer(self, method: str, url: str, version: str = "1.0", body: Any = None) -> Answer:
        """Do what is asked; url is the path and the query."""
        asked = _parsed(version)
        path, _, text = url.partition("?")
        try:
            self._check(asked)
            if path in ("", "/"):
                return self._root(method)
            if asked < OLDEST:
                raise NotImplementedError(f"microversion {version}")
            parts = _parts(path)
            request = Request(method, parts, query.pairs(text) if text else [], asked, body)
            return _handler(method, parts)(self.state, request)
        except Refused as refused:
            return refusal(refused.status, refused.detail, refused.code, **refused.more)

    def _check(self, version: tuple[int, int]) -> None:
        if version > self.newest:
            span = {key: self._version()[key] for key in ("max_version", "min_version")}
            raise Refused(406, f"Unacceptable version header: {version}", **span)

    def _root(self, method: str) -> Answer:
        if method != "GET":
            raise _not_allowed()
        return Answer(200, {"versions": [self._version()]})

    def _version(self) -> dict[str, Any]:
        return {
            "id": "v1.0",
            "max_version": ".".join(map(str, self.newest)),
            "min_version": "1.0",
            "status": "CURRENT",
            "links": [{"rel": "self", "href": ""}],
        }


def _not_allowed() -> Refused:
    return Refused(405, "The method specified is not allowed for this resource.")


def _parts(path: str) -> tuple[str, ...]:
    return tuple((unquote(path) if "%" in path else path).split("/")[1:])


@lru_cache(maxsize=64)
def _parsed(version: str) -> tuple[int, int]:
    major, _, minor = version.partition(".")
    return int(major), int(minor)


def _handler(method: str, parts: tuple[str, ...]) -> Handler:
    """The second part of a path is a name or a uuid, whatever it is."""
    route = (parts[0], *("" for _ in parts[1:2]), *parts[2:])
    methods = _ROUTES.get(route) if all(parts) else None
    if method in _UNSUPPORTED.get(route, ()):
        raise NotImplementedError(f"{method} /{'/'.join(parts)}")
    if methods is None:
        raise Refused(404, "The resource could not be found.")
    if method not in methods:
        raise _not_allowed()
    return methods[method]
