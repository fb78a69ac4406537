"""The world of a sequence: a node, its agents, a Placement, claims, and somebody who meddles."""

import random
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import NAMESPACE_DNS, uuid5

from support.compute import card_of
from support.memory import MemoryAdapter
from support.placements import ROOT
from support.side_by_side import SideBySide

from pci_placement import identity, names
from pci_placement.agent import Agent
from pci_placement.desired import make_desired
from pci_placement.errors import PciPlacementError
from pci_placement.model import PciAddress, Root
from pci_placement.model.outcome import Result
from pci_placement.placement import Client
from pci_placement.sync import PassReport, Reconciler

from . import judge
from .judge import Broken, Judge, Word
from .known import KNOWN, UNKNOWN_STATE_BREAKS
from .node import CARD, LISTED, PLAIN, VFS, Host, Lists, settings, snapshot
from .service import Service, offers
from .steps import Step
from .store import Folder, Store
from .strike import Killed, Strike, calm

OTHER = Root("0d5c8c7e-2f3a-4b52-9a0e-3a4a6d6b1f01", "other")
ROOTS = {root.name: root for root in (ROOT, OTHER)}
NEWEST, SINCE_LONG_AGO = "1.39", 1e9
VCPU = {"VCPU": 1}
CONSUMER = {"project_id": "lab", "user_id": "lab", "consumer_type": "CONTAINER"}


class World:
    """Everything that there is, and what must hold of it; `counts` tells what was tried."""

    def __init__(self, known: frozenset[str] = KNOWN, both: SideBySide | None = None) -> None:
        self.known = known
        self.host, self.lists, self.root = Host(), Lists(), ROOT
        self.adapter = both.memory if both else MemoryAdapter()
        self.asked = both or self.adapter
        self.begun: set[str] = set()
        self.folders: dict[int, Folder] = defaultdict(Folder)
        self.service = Service(ROOT.uuid, "two classes" in known, now=snapshot(self.host))
        self.word = Word()
        self.forgot = False
        self.number, self.synced, self.exempt = 0, False, set()
        self.counts: dict[str, int] = {}
        self.foreign: dict[str, object] = {}
        for root in ROOTS.values():
            self._create(root.uuid, root.name, None, {"VCPU": {"total": 64}})
        self._create(str(uuid5(NAMESPACE_DNS, "disks")), "node-disks", ROOT.uuid, {})

    # --- Placement

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

    # --- steps

    def do(self, step: Step) -> None:
        """Take a step, and look whether all is well; raises Broken."""
        kind, *args = step
        self.count(kind)
        try:
            getattr(self, f"_{kind}")(*args)
        except Broken:
            raise
        except Exception as error:
            raise Broken("crash", traceback.format_exc()) from error
        judge.foreign_as_is(self.foreign, self.rows)
        judge.no_stranger(self.foreign, self.rows)
        judge.claims_as_they_were(self.service.books.given, judge.devices_held(self.rows))

    def _changed(self, **fields) -> None:
        for name, value in fields.items():
            self.synced = self.synced and getattr(self, name) == value
            setattr(self, name, value)
        self.service.now = snapshot(self.host)

    def _vfs(self, number: int) -> None:
        if "regrouped drain" in self.known:
            self.word.drained -= set(VFS[number:])
        self._changed(host=replace(self.host, vfs=number))

    def _card(self, kind: str) -> None:
        if self.lists.exclusive and self.service.holders(CARD) and "turned card" in self.known:
            return
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

    # --- passes

    def store(self, number: int) -> Store:
        return self.folder(number).of(self.root.uuid)

    def folder(self, number: int) -> Folder:
        """A folder forgets what passes left, and never that there were some below a root."""
        self.begun.add(self.root.uuid)
        for uuid in self.begun:
            self.folders[number].of(uuid)
        return self.folders[number]

    def _of(self, number: int) -> int:
        """Which agent may act; one that knows less cannot know a provider that was renamed."""
        number = 1 if self._renamed() else number
        store = self.store(number)
        self.forgot |= number != 1 or (bool(self.mine()) and not store.kept.providers)
        return number

    def agent(self, number: int) -> Agent:
        made = settings(self.lists, self.root.name)
        client = Client(self.asked)
        scan = lambda: snapshot(self.host)  # noqa: E731  the host of this moment
        reconciler = Reconciler(made, scan, client, [].append)
        return Agent(made, lambda: reconciler, self.folder(number), lambda: SINCE_LONG_AGO)

    def _sync(self, number: int, full: bool, force: bool) -> None:
        number = self._of(number)
        answer = self.agent(number).sync(full, force)
        report = answer.made.report
        if report.outcome.stopped or report.outcome.failed:
            raise Broken("not-through", f"{report.outcome.stopped} {report.outcome.failed}")
        self._went_through(report)
        actions = self.agent(number).preview(force=force).planned.plan.actions
        if actions and not self._may_go_on(report, actions):
            self._broken(Broken("converge", f"a second pass would do {actions}"))

    def _may_go_on(self, report: PassReport, actions: tuple) -> bool:
        """Whether a fault that is known leaves a second pass something to do."""
        skipped = any(done.result is Result.SKIPPED for done in report.outcome.results)
        reasons = {
            "limit grows": bool(report.planned.plan.withheld),
            "slots stay": skipped,
            "drained growth": all(map(_of_the_drained, actions)),
        }
        return any(reasons[name] for name in reasons.keys() & self.known)

    def _broken(self, broken: Broken) -> None:
        """Raise it, unless it may come from a fault that is known."""
        known = self.forgot and "unknown state" in self.known
        if not known or broken.what not in UNKNOWN_STATE_BREAKS:
            raise broken
        self.count(f"looked past: {broken.what}")

    def _went_through(self, report: PassReport) -> None:
        planned = report.planned
        if planned.faults:
            raise Broken("crash", "".join(map(traceback.format_exception, planned.faults)))
        self._learn(report)
        self.synced = True
        self._note_spent(planned.host.tree)
        held = self.exempt
        self._judge_left()
        found = Judge(self.service, self.rows, self.mine(), held, self.word, self._wanted())
        self.number += 1
        try:
            found.judge(random.Random(self.number))  # noqa: S311  nothing secret
        except Broken as broken:
            self._broken(broken)

    def _judge_left(self) -> None:
        """What can be claimed below a root of before cannot be claimed here too."""
        left = self.left()
        for uuid, name, row in offers(self.rows, self.mine()):
            counted = set(map(card_of, self.service.counted(uuid, name)))
            if left & counted and self.service.room(uuid, name, row):
                self._broken(Broken("twice", f"{name} of {row.name} is offered elsewhere too"))

    def _wanted(self) -> dict[PciAddress, bool]:
        """Which devices are to be offered: listed, and reported by nobody else."""
        wanted = {a: self.lists.offered(a, self.host) for a in (CARD, *LISTED)}
        below = self.adapter.placement.state.tree_of(self.root.uuid)  # of others nobody can know
        names_ = [row.name for uuid, row in self.foreign.items() if uuid in below]
        reported = {a for a in wanted if f"node_{card_of(a)}" in names_}
        return wanted if "not ours" in self.known else wanted | dict.fromkeys(reported, False)

    def _learn(self, report: PassReport) -> None:
        service, host = self.service, report.planned.host
        service.tree, service.ledger = host.tree, report.last_pass.ledger
        service.looked, self.exempt = host.snapshot, set(host.tree.held)

    def _note_spent(self, tree) -> None:
        """Who has a device that is for one-time use uses it up; another entry is another word."""
        once = {a for p in tree.providers if p.one_time_use for a in p.addresses}
        if "once while held" not in self.known:
            once = {a for a in LISTED if self.lists.label(a) == "once"}
        used = once & self.service.in_use()
        if "once out of a pool" in self.known:
            used = {a for a in used if self._is_claimed_alone(a)}
        self.word.spent |= used
        self.word.spent &= {a for a in LISTED if self.lists.label(a) in ("once", None)}

    def _is_claimed_alone(self, address: PciAddress) -> bool:
        """Whether a device is claimed of the provider that it has for itself."""
        row = self.rows.get(identity.provider_uuid(self.root.uuid, str(address)))
        return row is not None and bool(row.claims)

    def _fault(self, kind: str, at: int, number: int, seed: int) -> None:
        strike = Strike(kind, at, lambda: self._claim(seed, 1))
        before, self.synced = self.synced, False
        number = self._of(number)
        agent = self.agent(number)
        strike.on(self.adapter)
        try:
            report = agent.sync().made.report
        except (Killed, PciPlacementError) as error:
            self._cut_off(strike, error, number)
        else:
            self._ended(report, strike, number)
        finally:
            calm(self.adapter)
        self.synced |= before and not strike.struck
        self.count(f"{kind} {'struck' if strike.struck else 'missed'}")

    def _cut_off(self, strike: Strike, error: BaseException, number: int) -> None:
        if not strike.struck:
            raise Broken("not-through", repr(error))
        self._half_known(number)

    def _ended(self, report: PassReport, strike: Strike, number: int) -> None:
        through = not (report.outcome.stopped or report.outcome.failed)
        if through and (not strike.struck or strike.kind not in ("rival",)):
            self._went_through(report)
        elif not strike.struck:
            raise Broken("not-through", f"{report.outcome}")
        else:
            self._half_known(number)

    def _half_known(self, number: int) -> None:
        """What a compute service knows after a pass that was cut off."""
        self.service.tree = make_desired(self.agent(number).settings, self.service.now).tree
        self.service.ledger = self.store(number).kept.ledger or self.service.ledger

    def _lose(self, number: int) -> None:
        if not self._renamed():
            self.store(number).lose()

    def _rollback(self, number: int, seed: int) -> None:
        if not self._renamed():
            self.store(number).roll_back(seed)
            self.forgot = True

    def _renamed(self) -> bool:
        """A provider with a name that tells no key; that it stays then is documented."""
        return any("~" in self.rows[uuid].name for uuid in self.rows.keys() - self.foreign.keys())

    # --- claims

    def _claim(self, seed: int, amount: int) -> None:
        found = [
            (uuid, name, row)
            for uuid, name, row in offers(self.rows, self.mine())
            if self.service.room(uuid, name, row) >= amount
        ]
        if found:
            self._claim_of(*found[seed % len(found)], amount, random.Random(seed))  # noqa: S311

    def _claim_of(self, uuid: str, name: str, row, amount: int, draw: random.Random) -> None:
        free = self.service.free(uuid, name)
        if len(free) < amount:
            self.count("claim without a device")
            return
        self.number += 1
        consumer = str(uuid5(NAMESPACE_DNS, f"{self.number}"))
        held = {uuid: self.service.resources(uuid, name, row, amount), self.root.uuid: VCPU}
        body = {"allocations": {each: {"resources": r} for each, r in held.items()}}
        answer = self.send(
            "PUT", f"/allocations/{consumer}", body | CONSUMER | {"consumer_generation": None}
        )
        if answer.status_code == 204:
            self.service.give(consumer, set(draw.sample(free, amount)))
            self.count("claim granted")
        else:
            self.count(f"claim refused {answer.status_code}")

    def _release(self, seed: int) -> None:
        given = self.service.books.given
        if given:
            consumer = sorted(given)[seed % len(given)]
            self.send("DELETE", f"/allocations/{consumer}")
            del given[consumer]

    # --- operators, and who meddles

    def _drain(self, seed: int, drained: bool = True) -> None:
        address = (CARD, *PLAIN)[seed % 4]
        try:
            made = self.agent(1).set_drained(address, drained)
        except PciPlacementError:
            return
        if made.report.outcome.stopped or made.report.outcome.failed:
            raise Broken("not-through", f"{made.report.outcome}")
        self._heard(address, drained)

    def _heard(self, address: PciAddress, drained: bool) -> None:
        devices = set(self._of_card(address))
        if drained:
            self.word.drained |= devices
        else:
            self.word.forget({address, *devices} | (set(VFS) if address == CARD else set()))
            self.synced = False
            self.word.reserved.clear()

    def _of_card(self, address: PciAddress) -> Iterator[PciAddress]:
        for uuid, name, _ in offers(self.rows, self.mine()):
            if str(address) in self.rows[uuid].name:
                yield from self.service.counted(uuid, name)

    def _undrain(self, seed: int) -> None:
        self._drain(seed, False)

    def _inventories(self, uuid: str, change: Callable[[dict], None]) -> None:
        url = f"/resource_providers/{uuid}/inventories"
        body = self.send("GET", url).json()
        change(body["inventories"])
        self.send("PUT", url, body)

    def _reserve(self, seed: int) -> None:
        found = [o for o in offers(self.rows, self.mine()) if o[2].stocks[o[1]].reserved == 0]
        if found and not self._is_marked(found[seed % len(found)][2]):
            uuid, name, _ = found[seed % len(found)]
            self._inventories(uuid, lambda all_: all_[name].update(reserved=1))
            self.word.reserved[uuid, name] = 1

    def _is_marked(self, row) -> bool:
        return bool({names.DRAINED, names.DRAINING} & set(row.traits))

    def _unreserve(self, seed: int) -> None:
        found = sorted(self.word.reserved)
        if found:
            uuid, name = found[seed % len(found)]
            row = self.rows.get(uuid)
            if row and name in row.stocks and not self._is_marked(row):
                self._inventories(uuid, lambda all_: all_[name].update(reserved=0))
                self.word.forget(set(self.service.counted(uuid, name)))
                self.synced = False
            del self.word.reserved[uuid, name]

    def _one(self, seed: int) -> str | None:
        found = sorted(self.mine(), key=lambda uuid: self.rows[uuid].name)
        return found[seed % len(found)] if found else None

    def _rename(self, seed: int) -> None:
        uuid = self._one(seed)
        if uuid:
            row = self.rows[uuid]
            body = {"name": f"{row.name}~{self.number}", "parent_provider_uuid": row.parent}
            self.send("PUT", f"/resource_providers/{uuid}", body)

    def _trait(self, seed: int) -> None:
        uuid = self._one(seed)
        if uuid and self.rows[uuid].traits:
            self.send("PUT", "/traits/CUSTOM_OF_SOMEBODY")
            url = f"/resource_providers/{uuid}/traits"
            body = self.send("GET", url).json()
            self.send("PUT", url, {**body, "traits": [*body["traits"], "CUSTOM_OF_SOMEBODY"]})

    def _delete(self, seed: int) -> None:
        uuid = self._one(seed)
        if uuid:
            row = self.rows[uuid]
            gone = {a for name in row.stocks for a in self.service.counted(uuid, name)}
            if self.send("DELETE", f"/resource_providers/{uuid}").status_code == 204:
                self.word.forget(gone)
                self.word.lose_reserved(uuid)

    def _ratio(self, seed: int) -> None:
        """Somebody offers more than there is, until the next pass."""
        uuid = self._one(seed)
        if uuid and self.rows[uuid].stocks:
            self.synced = False
            self._inventories(
                uuid, lambda all_: [i.update(allocation_ratio=2.0) for i in all_.values()]
            )

    def _neighbour(self, address: str, reports: bool) -> None:
        uuid, name = str(uuid5(NAMESPACE_DNS, address)), f"node_{address}"
        if reports and uuid not in self.rows:
            self._create(uuid, name, ROOT.uuid, {"CUSTOM_PCI_8086_0443": {"total": 1}})
        elif not reports and uuid in self.rows:
            self.send("DELETE", f"/resource_providers/{uuid}")
            del self.foreign[uuid]
        self.synced = False

    def _root(self, name: str) -> None:
        """The host calls itself otherwise."""
        if name != self.root.name:
            self.root, self.synced, before = ROOTS[name], False, self.service
            self.service = Service(self.root.uuid, before.by_class, now=before.now)
            self.service.books, self.service.kinds = before.books, before.kinds
            self.word = Word()


def _of_the_drained(action) -> bool:
    """Whether an action leaves nothing to claim of what it writes."""
    written = getattr(action, "inventories", {})
    return bool(written) and all(i.reserved == i.total for i in written.values())
