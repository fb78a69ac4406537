"""What is kept between passes: a cache file that may be lost, a lock, the note of a retirement.

The cache saves requests: a provider whose generation has not moved since is not read again. It
also knows which keys and entry traits were ours at the last pass, after the configuration forgot,
and which devices each inventory counts.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pci_placement import identity, names
from pci_placement.errors import Locked
from pci_placement.model import (
    Begins,
    Begun,
    Counted,
    Inventory,
    InventoryKey,
    LastPass,
    Ledger,
    ObservedProvider,
    PciAddress,
    Root,
)

VERSION = 3


class StateFile:
    """The cache and the lock of one root in one Placement."""

    def __init__(self, directory: str | os.PathLike[str], *identity: str | None) -> None:
        digest = hashlib.sha256(repr(identity).encode()).hexdigest()[:16]
        self._directory = Path(directory)
        self._path = self._directory / f"{digest}.json"
        self._lock_path = self._directory / f"{digest}.lock"
        self._retired_path = self._directory / f"{digest}.retired"

    def load(self) -> LastPass:
        """Read the cache; a missing, foreign or damaged one is an empty one."""
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
            return _last_pass(content) if content["version"] == VERSION else LastPass()
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return LastPass()

    def save(self, last_pass: LastPass) -> None:
        """Replace the cache in one step. Raises OSError where the folder cannot be written."""
        self._directory.mkdir(parents=True, exist_ok=True)
        new = self._path.with_suffix(".new")
        new.write_text(json.dumps(_content(last_pass), sort_keys=True), encoding="utf-8")
        new.replace(self._path)

    def retired_since(self) -> str | None:
        """When this node was retired, None if it was not."""
        try:
            return self._retired_path.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None

    def retire(self, now: str) -> None:
        """Let later passes know that this host wants nothing any more.

        Raises OSError where the folder cannot be written.
        """
        self._directory.mkdir(parents=True, exist_ok=True)
        if self.retired_since() is None:
            self._retired_path.write_text(f"{now}\n", encoding="utf-8")

    def end_retirement(self) -> None:
        """Let later passes offer what this host has."""
        self._retired_path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Keep a second pass out for as long as the context lasts.

        Raises Locked, which names the process that is ahead, or OSError where the folder cannot
        be written. The kernel drops the lock when its holder dies.

        Source: Linux, fs/locks.c, locks_remove_file.
        """
        self._directory.mkdir(parents=True, exist_ok=True)
        with self._lock_path.open("a+", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                holder = file.read().strip() or "of unknown number"
                raise Locked(f"another pass is running (process {holder}); try again") from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield


def _content(last_pass: LastPass) -> dict[str, Any]:
    root = last_pass.root
    return {
        "version": VERSION,
        "root": asdict(root) if root else None,
        "keys": sorted(last_pass.keys),
        "kinds": dict(last_pass.kinds),
        "ledger": [_counted_content(*place, c) for place, c in last_pass.ledger.items()],
        "begun": [
            {**_counted_content(*place, begun.counted), "total": begun.total}
            for place, begun in last_pass.begun.items()
        ],
        "may_reshape": last_pass.may_reshape,
        "read_at": last_pass.read_at,
        "traits": sorted(last_pass.traits),
        "providers": [_provider_content(p) for p in last_pass.providers.values()],
    }


def _counted_content(key: str, name: str, counted: Counted) -> dict[str, Any]:
    return {
        "key": key,
        "resource_class": name,
        "devices": sorted(map(str, counted.devices)),
        "old_devices": sorted(map(str, counted.old_devices)),
        "old_claims": dict(counted.old_claims),
        "sure": counted.sure,
    }


def _ledger(content: Iterable[Mapping[str, Any]]) -> Ledger:
    return {_place(line): _counted(line) for line in content}


def _begun(content: Iterable[Mapping[str, Any]]) -> Begins:
    return {_place(line): Begun(int(line["total"]), _counted(line)) for line in content}


def _place(line: Mapping[str, Any]) -> InventoryKey:
    key = identity.read_key(line["key"])
    return InventoryKey(key, names.read_resource_class(line["resource_class"]))


def _counted(line: Mapping[str, Any]) -> Counted:
    return Counted(
        frozenset(map(PciAddress.parse, line["devices"])),
        frozenset(map(PciAddress.parse, line["old_devices"])),
        dict(line["old_claims"]),
        bool(line["sure"]),
    )


def _provider_content(provider: ObservedProvider) -> dict[str, Any]:
    return {
        "uuid": provider.uuid,
        "name": provider.name,
        "parent": provider.parent,
        "generation": provider.generation,
        "inventories": {n: asdict(i) for n, i in provider.inventories.items()},
        "traits": sorted(provider.traits),
        "has_aggregates": provider.has_aggregates,
    }


def _last_pass(content: Mapping[str, Any]) -> LastPass:
    providers = [_provider(p) for p in content["providers"]]
    return LastPass(
        root=Root(**content["root"]) if content["root"] else None,
        keys=frozenset(content["keys"]),
        kinds=dict(content["kinds"]),
        ledger=_ledger(content["ledger"]),
        begun=_begun(content["begun"]),
        may_reshape=bool(content["may_reshape"]),
        read_at=float(content["read_at"]),
        traits=frozenset(map(names.read_trait, content["traits"])),
        providers={provider.uuid: provider for provider in providers},
    )


def _provider(content: Mapping[str, Any]) -> ObservedProvider:
    inventories = {
        names.read_resource_class(n): Inventory(**fields)
        for n, fields in content["inventories"].items()
    }
    traits = frozenset(map(names.read_trait, content["traits"]))
    return ObservedProvider(**{**content, "inventories": inventories, "traits": traits})
