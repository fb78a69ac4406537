"""Those who claim: each asks as a scheduler, claims as zun does, holds for a while and releases."""

import contextlib
import threading
import time
import uuid
from collections.abc import Iterator
from random import Random

from keystoneauth1 import session, token_endpoint
from keystoneauth1.adapter import Adapter

from pci_placement.errors import GenerationConflict, PlacementError, RequestError, Unreachable
from pci_placement.mapping import request
from pci_placement.placement import Client
from pci_placement.settings import Settings

from .account import Account
from .judge import Allocations, Judge
from .world import World

MOST_HELD = 4
"""Claims that one worker holds at a time."""

TRIES = 4

PAUSE = 0.05
"""Seconds after which somebody asks again who got nothing."""


def client_of(url: str) -> Client:
    """A client with a connection of its own, which sends nothing twice."""
    auth = token_endpoint.Token(url, "admin")
    return Client(Adapter(session.Session(auth), service_type="placement", connect_retries=0))


def ask(client: Client, method: str, url: str) -> dict:
    """Send what may be sent twice; a server that fails gets a few more chances."""
    for _ in range(TRIES - 1):
        with contextlib.suppress(Unreachable):
            return client.send(method, url, None, request.MICROVERSION)
    return client.send(method, url, None, request.MICROVERSION)


def allocations_of(client: Client, consumer: str) -> Allocations:
    """What Placement has of a consumer."""
    answer = ask(client, "GET", f"/allocations/{consumer}")
    return {uuid: held["resources"] for uuid, held in answer["allocations"].items()}


class Worker(threading.Thread):
    """Claims and releases as fast as it can until `stop`; then it still holds what it has."""

    def __init__(
        self, world: World, judge: Judge, account: Account, url: str, random: Random
    ) -> None:
        super().__init__(daemon=True)
        self.stop = threading.Event()
        self._world, self._judge, self._account = world, judge, account
        self._client, self._random = client_of(url), random
        self._held: dict[str, float] = {}
        self.crash: Exception | None = None

    def run(self) -> None:
        """Go on until told to stop."""
        try:
            while not self.stop.is_set():
                self._turn()
        except Exception as error:  # the verdict tells
            self.crash = error

    def _turn(self) -> None:
        for consumer in self._due(time.monotonic()):
            self.release(consumer)
        if len(self._held) < MOST_HELD:
            self._claim()
        else:
            self.stop.wait(0.01)

    def _due(self, now: float) -> list[str]:
        return [consumer for consumer, until in self._held.items() if until <= now]

    def release_all(self) -> None:
        """Release everything; from whoever stopped it."""
        for consumer in list(self._held):
            self.release(consumer)

    # --- a claim

    def _claim(self) -> None:
        settings = self._settings()
        usage = self._wish(settings)
        try:
            groups = request.translate(
                request.parse_usage(usage),
                settings.aliases,
                together=self._random.random() < 0.2,
                exclusive=settings.layout.exclusive,
            )
            query = f"resources=VCPU:1&{request.query(groups)}"
            found = self._client.allocation_candidates(query, request.MICROVERSION)
        except (PlacementError, RequestError) as error:
            # a class or a trait that no pass has made yet: the scheduler's list is ahead of it
            self._missed("not known yet")
            self._check_status(error, 400)
            return
        except Unreachable as error:
            self._server_failed(error)
            return
        if found:
            chosen = found[0] if self._random.random() < 0.5 else self._random.choice(found)
            self._put(usage, chosen.allocations)
        else:
            self._missed("no candidates")

    def _missed(self, why: str) -> None:
        """Nothing to claim; to ask again at once would only take the server from the others."""
        self._account.count("claims", why)
        self.stop.wait(PAUSE)

    def _settings(self) -> Settings:
        """The scheduler's lists: mostly those of the last pass, now and then ahead of it."""
        settled = self._world.configs[self._judge.seen[0]].value
        return settled if self._random.random() < 0.8 else self._world.configs[-1].value

    def _wish(self, settings: Settings) -> str:
        name = self._random.choice([alias.name for alias in settings.aliases])
        count = self._random.choices((1, 2, 3), (6, 3, 1))[0]
        network = self._world.look.network
        there = name == self._world.look.nic_alias and self._random.random() < 0.3
        return f"{name}:{count}@{network}" if there else f"{name}:{count}"

    def _put(self, usage: str, allocations: Allocations) -> None:
        consumer = str(uuid.UUID(int=self._random.getrandbits(128), version=4))
        body = {
            "allocations": {p: {"resources": dict(r)} for p, r in allocations.items()},
            "project_id": "race",
            "user_id": "race",
            "consumer_generation": None,
        }
        floors = self._judge.floors
        try:
            self._client.send("PUT", f"/allocations/{consumer}", body, request.MICROVERSION)
        except GenerationConflict:
            self._account.count("claims", "409 concurrent update")
        except PlacementError as error:
            # the candidate is stale: somebody was faster, or a pass took it off the offer
            self._account.count("claims", f"{error.status} stale candidate")
            self._check_status(error, 409, 400)
        except Unreachable as error:
            self._server_failed(error)
            self._forget(consumer)
        else:
            self._account.count("claims", "granted")
            self._account.note(f"{consumer} has {usage}")
            self._judge.claimed(consumer, allocations, floors, time.monotonic())
            self._held[consumer] = time.monotonic() + self._while()

    def _while(self) -> float:
        return self._random.choices((0.0, 0.5, 2.0, 8.0), (2, 3, 3, 2))[0] * self._random.random()

    def _check_status(self, error: Exception, *expected: int) -> None:
        if isinstance(error, PlacementError) and error.status not in expected:
            self._judge.fault(f"a claim was answered: {error}")

    def _server_failed(self, error: Exception) -> None:
        # Placement's own, such as a deadlock that it does not try again
        self._account.count("claims", "5xx")
        self._account.note(f"Placement failed a worker: {error}")

    def _forget(self, consumer: str) -> None:
        """After a failure nobody knows whether the claim is there."""
        if allocations_of(self._client, consumer):
            ask(self._client, "DELETE", f"/allocations/{consumer}")

    # --- a release

    def release(self, consumer: str) -> None:
        """Check that it is all there, and give it back."""
        claimed = self._judge.live[consumer]
        self._judge.check(consumer, claimed, allocations_of(self._client, consumer))
        self._judge.releasing(consumer)
        self._account.note(f"{consumer} is released")
        del self._held[consumer]
        try:
            ask(self._client, "DELETE", f"/allocations/{consumer}")
        except PlacementError as error:
            self._judge.fault(f"a release was answered: {error}")
        else:
            self._account.count("claims", "released")
            self._see_it_gone(consumer)

    def _see_it_gone(self, consumer: str) -> None:
        """Placement grants a release that meets a move of the claim, and keeps the claim.

        It deletes what it found before, and the move has just written anew (doc/model.md).
        """
        if allocations_of(self._client, consumer):
            self._account.count("claims", "release undone by a move, said again")
            ask(self._client, "DELETE", f"/allocations/{consumer}")


class Watcher(threading.Thread):
    """Looks, one claim after the other, whether what is held is there."""

    def __init__(self, judge: Judge, account: Account, url: str) -> None:
        super().__init__(daemon=True)
        self.stop = threading.Event()
        self._judge, self._account, self._client = judge, account, client_of(url)
        self.crash: Exception | None = None

    def run(self) -> None:
        """Go on until told to stop."""
        try:
            while not self.stop.wait(0.3):
                self.look()
        except Exception as error:  # the verdict tells
            self.crash = error

    def look(self) -> None:
        """Check every claim once; those that are released meanwhile do not count."""
        for consumer, claimed in self._live():
            found = allocations_of(self._client, consumer)
            if consumer in self._judge.live:
                self._account.count("checks", "claims found whole")
                self._judge.check(consumer, claimed, found)

    def _live(self) -> Iterator[tuple[str, Allocations]]:
        return iter(list(self._judge.live.items()))
