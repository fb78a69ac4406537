"""What Placement says of this node, as a digest: the tree, and who uses what is drained."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any


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


def ask_by(
    get: Callable[[str], Any], root: str, ours: Collection[str], asked: Iterable[str]
) -> str:
    """Ask as a pass does, by whoever can get the JSON behind a path; the digest of the answers.

    Raises what that raises, or KeyError.
    """
    tree = get(f"/resource_providers?in_tree={root}")["resource_providers"]
    consumers = {
        uuid: held_by(get(f"/resource_providers/{uuid}/allocations")["allocations"])
        for uuid in asked
    }
    return digest_of_answers(tree, ours, consumers)


def held_by(allocations: Mapping[str, Any]) -> dict[str, Any]:
    """What each consumer holds, without the generations of the answer."""
    return {consumer: held["resources"] for consumer, held in allocations.items()}
