"""What Placement says of this node, as a digest: the tree, and who uses what is drained."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from keystoneauth1.session import Session

from .note import Way

_LONGEST = 2**25


class Unlike(Exception):
    """The answer is none that can be compared: the whole pass finds out why."""


def digest_of_answers(
    lines: Iterable[Mapping[str, Any]], ours: Collection[str], consumers: Mapping[str, Any]
) -> str:
    """Of a listed tree and the consumers of some providers; equal where a pass would see the same.

    Generations count where they are of our providers: others' move with every claim.
    """
    tree = sorted(
        (
            line["uuid"],
            line["name"],
            str(line["parent_provider_uuid"]),
            line["generation"] if line["uuid"] in ours else -1,
        )
        for line in lines
    )
    told = json.dumps([tree, consumers], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def ask(way: Way, root: str, ours: Collection[str], asked: Iterable[str]) -> str:
    """Ask as a pass does. Raises Unlike, or whatever keystoneauth raises."""
    session = Session(verify=way.verify, cert=_cert(way))
    return ask_by(lambda path: _get(session, way, path), root, ours, asked)


def ask_by(
    get: Callable[[str], Any], root: str, ours: Collection[str], asked: Iterable[str]
) -> str:
    """The same by whoever can get the JSON behind a path. Raises what that raises, or KeyError."""
    tree = get(f"/resource_providers?in_tree={root}")["resource_providers"]
    consumers = {
        uuid: held_by(get(f"/resource_providers/{uuid}/allocations")["allocations"])
        for uuid in asked
    }
    return digest_of_answers(tree, ours, consumers)


def held_by(allocations: Mapping[str, Any]) -> dict[str, Any]:
    """What each consumer holds, without the generations of the answer."""
    return {consumer: held["resources"] for consumer, held in allocations.items()}


def _cert(way: Way) -> Any:
    return way.cert if isinstance(way.cert, str | None) else tuple(way.cert)


def _get(session: Session, way: Way, path: str) -> Any:
    response = session.request(
        way.url + path,
        "GET",
        headers=dict(way.headers),
        authenticated=False,
        raise_exc=False,
        redirect=False,
        log=False,
        timeout=way.timeout,
        stream=True,
    )
    if response.status_code != 200:
        raise Unlike(f"{response.status_code} to {path}")
    body = response.raw.read(_LONGEST + 1, decode_content=True)
    if len(body) > _LONGEST:
        raise Unlike("it is far too long")
    return json.loads(body)
