"""Who claims, and who meddles: users, operators, neighbours."""

import random
from collections.abc import Callable, Iterator
from uuid import NAMESPACE_DNS, uuid5

from support.compute import card_of

from pci_placement import identity, names
from pci_placement.errors import PciPlacementError
from pci_placement.model import PciAddress

from .base import ROOTS, Base
from .judge import Broken, Reservation, Word
from .node import CARD, PLAIN, VFS
from .service import Service, offers

VCPU = {"VCPU": 1}
CONSUMER = {"project_id": "lab", "user_id": "lab", "consumer_type": "CONTAINER"}


class People(Base):
    """Steps of others."""

    def _claim(self, seed: int, amount: int) -> None:
        found = [
            (uuid, name, row)
            for uuid, name, row in offers(self.rows, self.mine())
            if self.service.room(uuid, name, row) >= amount
        ]
        if found:
            self._claim_of(*found[seed % len(found)], amount, random.Random(seed))  # noqa: S311  nothing secret

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
            self.word.forget_reserved()

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
            uuid, name, row = found[seed % len(found)]
            self._inventories(uuid, lambda all_: all_[name].update(reserved=1))
            self.word.times += 1
            devices = frozenset(self.service.counted(uuid, name))
            self.word.reserved[uuid, name] = Reservation(1, names.ids_among(row.traits), devices)
            # of another card that has come meanwhile nobody said anything
            self.word.along.append(frozenset(filter(self.service.is_there, devices)))

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
        # whoever acts from then on must have known it, or nobody knows which devices it counts
        if uuid in self.store(1).kept.providers:
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
            if names.DRAINED in row.traits:
                # with it goes all that was said of its card, also of what is not counted just now
                card = identity.card_of_key(identity.key_in_name(row.name) or "")
                gone |= {a for a in self.word.drained if card_of(a) == card}
            if self.send("DELETE", f"/resource_providers/{uuid}").status_code == 204:
                self.word.forget(gone)
                self.word.follow(self.rows, self.service)

    def _ratio(self, seed: int) -> None:
        """Somebody offers more than there is, until the next pass."""
        uuid = self._one(seed)
        if uuid and self.rows[uuid].stocks:
            self.synced = False
            self._inventories(
                uuid, lambda all_: [i.update(allocation_ratio=2.0) for i in all_.values()]
            )

    def _neighbour(self, address: str, reports: bool) -> None:
        name = f"{self.root.name}_{address}"
        uuid = str(uuid5(NAMESPACE_DNS, name))
        if reports and uuid not in self.rows:
            self._create(uuid, name, self.root.uuid, {"CUSTOM_PCI_8086_0443": {"total": 1}})
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
            self.word = Word(times=self.word.times, once=self.word.once)
