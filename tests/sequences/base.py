"""A node, its agents and a Placement; what is plugged in and what stands on the lists."""

from collections import defaultdict
from dataclasses import replace
from uuid import NAMESPACE_DNS, uuid5

from support.memory import MemoryAdapter
from support.placements import ROOT
from support.side_by_side import SideBySide

from pci_placement import identity
from pci_placement.agent import Agent
from pci_placement.model import PciAddress, Root
from pci_placement.placement import Client
from pci_placement.sync import Reconciler

from .judge import Word
from .node import PLAIN, Host, Lists, settings, snapshot
from .service import Service, offers
from .store import Folder, Store

OTHER = Root("0d5c8c7e-2f3a-4b52-9a0e-3a4a6d6b1f01", "other")
ROOTS = {root.name: root for root in (ROOT, OTHER)}
NEWEST, SINCE_LONG_AGO = "1.39", 1e9


class Base:
    """What every step has to do with; `counts` tells what was tried."""

    def __init__(self, both: SideBySide | None = None) -> None:
        self.host, self.lists, self.root = Host(), Lists(), ROOT
        self.adapter = both.memory if both else MemoryAdapter()
        self.asked = both or self.adapter
        self.begun: set[str] = set()
        self.folders: dict[int, Folder] = defaultdict(Folder)
        self.service = Service(ROOT.uuid, now=snapshot(self.host))
        self.word = Word()
        self.forgot = False
        self.acted, self.there, self.deleted = 1, set(), set()
        self.number, self.synced, self.exempt = 0, False, set()
        self.counts: dict[str, int] = {}
        self.foreign: dict[str, object] = {}
        for root in ROOTS.values():
            self._create(root.uuid, root.name, None, {"VCPU": {"total": 64}})
        self._create(str(uuid5(NAMESPACE_DNS, "disks")), "node-disks", ROOT.uuid, {})

    @property
    def rows(self) -> dict:
        return self.adapter.placement.state.providers

    def send(self, method: str, url: str, body=None):
        sent = {} if body is None else {"json": body}
        return self.asked.request(url, method, raise_exc=False, microversion=NEWEST, **sent)

    def _create(self, uuid: str, name: str, parent: str | None, inventories: dict) -> None:
        body = {"uuid": uuid, "name": name} | ({"parent_provider_uuid": parent} if parent else {})
        self.send("POST", "/resource_providers", body)
        if inventories:
            body = {"resource_provider_generation": 0, "inventories": inventories}
            self.send("PUT", f"/resource_providers/{uuid}/inventories", body)
        self.foreign[uuid] = self.rows[uuid]

    def mine(self) -> set[str]:
        """Our providers below the root that this node has now."""
        members = self.adapter.placement.state.tree_of(self.root.uuid)
        return set(members) - self.foreign.keys()

    def left(self) -> set[PciAddress]:
        """The cards of which something can be claimed below a root that this node had before."""
        ours = self.rows.keys() - self.foreign.keys() - self.mine()
        keys = [identity.key_in_name(row.name) or "" for _, _, row in offers(self.rows, ours)]
        return {card for key in keys if (card := identity.card_of_key(key))}

    def count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    def _changed(self, **fields) -> None:
        for name, value in fields.items():
            self.synced = self.synced and getattr(self, name) == value
            setattr(self, name, value)
        self.service.now = snapshot(self.host)

    def _vfs(self, number: int) -> None:
        self._changed(host=replace(self.host, vfs=number))

    def _card(self, kind: str) -> None:
        self._changed(host=replace(self.host, card=kind))

    def _plug(self, number: int, product: str) -> None:
        if self.host.plain[number] != product:
            self.word.forget({PLAIN[number]})
        self._changed(host=self.host.plugged(number, product))

    def _label(self, number: int, label: str | None) -> None:
        self._changed(lists=self.lists.labelled(number, label))

    def _alias(self, alias: str, name: str | None) -> None:
        self._changed(lists=self.lists.named(alias, name))

    def _whole(self, on: bool) -> None:
        self._changed(lists=replace(self.lists, whole=on))

    def _pooling(self, kind: str) -> None:
        self._changed(lists=replace(self.lists, pooling=type(self.lists.pooling)(kind)))

    def _exclusive(self, on: bool) -> None:
        self._changed(lists=replace(self.lists, exclusive=on))

    def _removals(self, most: int | None) -> None:
        self._changed(lists=replace(self.lists, max_removals=most))

    def store(self, number: int) -> Store:
        return self.folder(number).of(self.root.uuid)

    def folder(self, number: int) -> Folder:
        """A folder forgets what passes left, and never that there were some below a root."""
        self.begun.add(self.root.uuid)
        for uuid in self.begun:
            self.folders[number].of(uuid)
        return self.folders[number]

    def agent(self, number: int) -> Agent:
        made = settings(self.lists, self.root.name)
        client = Client(self.asked)
        scan = lambda: snapshot(self.host)  # noqa: E731  the host of this moment
        reconciler = Reconciler(made, scan, client, [].append)
        return Agent(made, lambda: reconciler, self.folder(number), lambda: SINCE_LONG_AGO)
