"""The guest, its agent, and Placement outside: who a scenario acts on, and what must hold."""

from __future__ import annotations

import base64
import contextlib
import json
import pickle
import random
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from keystoneauth1 import session, token_endpoint
from sequences.judge import Broken, Judge, Word
from sequences.service import Service
from support.database import Database, World

from pci_placement.desired import make_desired
from pci_placement.embedded import EmbeddedPlacement
from pci_placement.model import Snapshot
from pci_placement.placement import Client, of_session
from pci_placement.settings import ConfigPath, load
from pci_placement.state.versions import unpack

from .agent import CONFIG, Agent, command
from .claims import Claims, mine
from .host import Host
from .lists import NAME, ROOT_NAME, STATE, Cards, write_lists
from .machine import Machine, booted
from .watch import Watch

AGAIN = 0.5

GUESTS_VIEW = "10.0.2.2"
"""Where our loopback is for the guest."""


class Stage:
    """Everything that there is."""

    def __init__(
        self,
        machine: Machine,
        run: Path,
        placement: EmbeddedPlacement,
        folder: Path,
        options: Mapping[str, object],
    ) -> None:
        self.hand = machine.hand()
        self.host = Host(machine, self.hand)
        self.agent = Agent(self.hand, run)
        self.placement = placement
        self.faults: list[str] = []
        self.cards = Cards.of(self.look())
        self.root = placement.create_compute_node(ROOT_NAME)
        url = placement.url.replace("127.0.0.1", GUESTS_VIEW)
        write_lists(run / CONFIG, url, self.cards, options)
        self.settings = load([ConfigPath(str(run / CONFIG))])
        self.claims = Claims(_client(placement.url), Service(self.root), _tables(folder))
        self.watch = Watch(folder, self.claims)
        self.judged = 0
        self.machine = machine

    def look(self) -> Snapshot:
        """The host as the agent sees it at this moment; written by our own code in the guest."""
        return pickle.loads(base64.b64decode(self.hand.snapshot()))  # noqa: S301  our own guest wrote it

    def fault(self, what: str) -> None:
        """Note what must not be."""
        self.faults.append(what)

    def learn(self) -> None:
        """Show the compute service the host of now, and what the last pass left."""
        service, host = self.claims.service, self.look()
        desired = make_desired(self.settings, host)
        service.now = service.looked = host
        service.tree, service.ledger = desired.tree, self._ledger()

    def _ledger(self):
        found = [name for name in self.hand.names(path=STATE) if name.endswith(".json")]
        texts = [base64.b64decode(self.hand.read(path=f"{STATE}/{name}")) for name in found]
        return unpack(texts[0]).ledger if texts else {}

    def judge(self, draw: random.Random, patience: float = 0.0) -> None:
        """At rest whatever can be claimed is there, and nobody has it.

        patience is for how many seconds it may still be otherwise, because the agent is not done.
        """
        self.judged += 1
        end = time.monotonic() + patience
        while (broken := self._judged(draw)) and time.monotonic() < end:
            time.sleep(AGAIN)
        if broken:
            self.fault(broken)

    def _judged(self, draw: random.Random) -> str:
        self.learn()
        service, rows = self.claims.service, self.watch.last.rows
        try:
            Judge(service, rows, mine(rows), set(service.tree.held), Word(), {}).judge(draw)
        except Broken as broken:
            return str(broken)
        return ""

    def compare(self) -> None:
        """Placement has what the guest's own command says that the host would have."""
        listing = command("cli", "provider", "list", "--desired", "-f", "json")
        code, out, err = self.hand.run(command=listing)
        if code:
            self.fault(f"provider list --desired: {code} {err}")
            return
        wanted = {row["name"]: row for row in json.loads(out)}
        rows = self.watch.last.rows
        have = {rows[uuid].name: rows[uuid] for uuid in mine(rows)}
        for name in wanted.keys() | have.keys():
            self._compare(name, wanted.get(name), have.get(name))

    def _compare(self, name: str, wanted: dict | None, have) -> None:
        theirs = have and ({c: s._asdict() for c, s in have.stocks.items()}, sorted(have.traits))
        ours = wanted and (wanted["inventories"], sorted(wanted["traits"]))
        if ours != theirs:
            self.fault(f"{name} is to be {ours}, and Placement has {theirs}")

    def all_faults(self) -> list[str]:
        """What must not have been, whoever noticed."""
        return [*self.faults, *self.claims.faults]


def _tables(folder: Path) -> World:
    with Database(folder) as database:
        return database.read()


def _client(url: str) -> Client:
    auth = token_endpoint.Token(url, "admin")
    return Client(of_session(session.Session(auth), None, None))


@contextlib.contextmanager
def staged(
    image: Path, say: Callable[[str], None], options: Mapping[str, object]
) -> Iterator[Stage]:
    """Boot, and set everything up but for the agent, which the scenario starts.

    options are those of [pci_placement] beside the few that every run needs.
    """
    run, tables = image / "run", image / "placement"
    for old in tables.glob("placement.*"):
        old.unlink()
    with booted(image, run, say) as machine, EmbeddedPlacement(tables) as placement:
        stage = Stage(machine, run, placement, tables, options)
        stage.host.rename(stage.host.name_of(stage.cards.named_nic), NAME)
        stage.watch.start()
        try:
            yield stage
        finally:
            stage.watch.end()
