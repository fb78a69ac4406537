"""State files of every version, whole and damaged."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from pci_placement import names
from pci_placement.model import Begun, Counted, InventoryKey, LastPass
from pci_placement.model.last_pass import REREAD
from pci_placement.state.versions import VERSION

from .cloud import (
    CARD,
    DRAINING,
    NIC,
    PLAIN,
    POOL,
    POOLED,
    QAT,
    VF,
    VFS,
    addresses,
    have,
    reserved,
)
from .placements import ROOT

FAST = names.trait("CUSTOM_FAST")
BOB, EVE = "0c1f6d1e-6f0a-4b6c-9d3e-1f2a3b4c5d6e", "5a3b8f60-2f67-4d0e-8a4b-9b1c2d3e4f50"
PROVIDERS = [
    have(PLAIN, {QAT: 1}, FAST),
    have(CARD, has_aggregates=True, traits=frozenset()),
    have(VFS, {NIC: replace(reserved(4, 1), allocation_ratio=1.5)}, DRAINING, generation=REREAD),
]
KEPT = LastPass(
    root=ROOT,
    keys=frozenset({PLAIN, CARD, VFS, POOL}),
    kinds={CARD: "type-PF type-VF", VF[0]: "type-VF", PLAIN: "type-PCI"},
    traits=frozenset({FAST}),
    providers={provider.uuid: provider for provider in PROVIDERS},
    ledger={
        InventoryKey(PLAIN, QAT): Counted(addresses(PLAIN)),
        InventoryKey(VFS, NIC): Counted(
            addresses(*VF[:4]), addresses(*VF[2:6]), {BOB: 2, EVE: 1}, sure=False
        ),
        InventoryKey(POOL, QAT): Counted(frozenset()),
    },
    begun={InventoryKey(POOL, QAT): Begun(2, Counted(addresses(*POOLED[:2])))},
    may_reshape=False,
    read_at=1234567890.5,
)
"""What every version could say."""

FOLDER = Path(__file__).parents[1] / "unit/state"
VERSIONS = range(3, VERSION + 1)
OLD = {version: (FOLDER / f"version-{version}.json").read_bytes() for version in VERSIONS}
"""What each version wrote of it."""

SEALED_SINCE = 4
CONTENTS = {
    version: json.loads(text) if version < SEALED_SINCE else json.loads(text)["content"]
    for version, text in OLD.items()
}


def written(version: int, content: Any) -> bytes:
    return json.dumps(content).encode() if version < SEALED_SINCE else _sealed(version, content)


def _sealed(version: int, content: Any) -> bytes:
    """What a fault of ours, or an attacker, would write with a seal that fits."""
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return json.dumps({"version": version, "sha256": digest, "content": content}).encode()


def places(content: Any, path: tuple = ()) -> Iterator[tuple]:
    """The way to every part of a JSON value."""
    yield path
    if isinstance(content, dict | list):
        for step in content if isinstance(content, dict) else range(len(content)):
            yield from places(content[step], (*path, step))


def with_other(content: Any, path: tuple, value: Any) -> Any:
    """The same, with another part there."""
    if not path:
        return value
    step, *rest = path
    copied = content.copy()
    copied[step] = with_other(content[step], tuple(rest), value) if rest else value
    return copied


def without(content: Any, path: tuple) -> Any:
    """The same, without the part there."""
    *above, step = path
    for each in above:
        content = content[each]
    left = content.copy()
    del left[step]
    return left
