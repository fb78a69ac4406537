"""A claim that somebody else really makes just before one of our requests."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests
from support.database import World
from support.placements import claim, consumer_uuid

from pci_placement import identity, names

from .kinds import Fault, Forward
from .safety import Guard
from .stage import Stage

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CONSUMER = consumer_uuid("a rival of ours")
ALL_SLOTS = 65536

ONCE = "HW_PCI_ONE_TIME_USE"


@dataclass(slots=True)
class Rival:
    """Claims one device, if one is free: of the provider that a write is about, or of another.

    turn picks one of several that are free; held is what it claimed, status the answer that our
    request got then.
    """

    stage: Stage
    guard: Guard
    send: Callable[..., Any]
    turn: int
    elsewhere: bool = False
    held: dict[str, dict[str, int]] = field(default_factory=dict)
    status: int = 0

    @property
    def fault(self) -> Fault:
        return Fault("rival", self._strike)

    def claim(self) -> None:
        self._apart(lambda: claim(self.send, CONSUMER, self.held))

    def release(self) -> None:
        self._apart(lambda: self.send("DELETE", f"/allocations/{CONSUMER}"))

    def _apart(self, act: Callable[[], object]) -> None:
        """Talk to the server itself: what a rival does is no request of the pass."""
        self.stage.known.load()
        act()
        self.stage.known.adopt()

    def could_have_come_first(self) -> bool:
        """Whether the same claim was possible before the pass."""
        return _is_free(self.held, self.stage.known.start.world)

    def _strike(self, request: requests.PreparedRequest, forward: Forward) -> requests.Response:
        self.held = self._pick(request, self.stage.known.now.world)
        if self.held:
            self.claim()
        answer = forward(request)
        self.status = answer.status_code
        return answer

    def _pick(self, request: requests.PreparedRequest, world: World) -> dict[str, dict[str, int]]:
        """One free device, and the slots that go with it."""
        found = [
            {uuid: {name: 1} | _slots(self.stage, world, uuid, name)}
            for uuid in self._providers(request, world)
            for name in sorted(set(world[uuid].stocks) - {names.SLOT})
        ]
        free = [held for held in found if _is_free(held, world)]
        return free[self.turn % len(free)] if free else {}

    def _providers(self, request: requests.PreparedRequest, world: World) -> list[str]:
        """Those of ours that a write is about, or all others."""
        text = f"{request.path_url} {request.body or ''}" if request.method != "GET" else ""
        named = set(UUID.findall(text))
        ours = sorted(uuid for uuid in world if self.guard.is_ours(uuid))
        # a device for one-time use that somebody had stays reserved: the end is meant to differ
        lasting = [uuid for uuid in ours if ONCE not in world[uuid].traits]
        return [uuid for uuid in lasting if (uuid in named) != self.elsewhere]


def _is_free(held: dict[str, dict[str, int]], world: World) -> bool:
    return all(
        uuid in world and world[uuid].free(name) >= amount
        for uuid, resources in held.items()
        for name, amount in resources.items()
    )


def _slots(stage: Stage, world: World, uuid: str, name: str) -> dict[str, int]:
    """The slots that go with a claim, where a provider has some: all of them for a PF."""
    if names.SLOT not in world[uuid].stocks:
        return {}
    card = identity.key_in_name(world[uuid].name)
    own = {str(device): c for device, c in stage.before.get(uuid, {}).items()}
    several = len(set(own.values())) > 1
    return {names.SLOT: ALL_SLOTS if several and own.get(card) == name else 1}
