"""A cloud with zun and with us: nodes with devices, of which both tell Placement."""

from __future__ import annotations

import contextlib
from collections import Counter
from pathlib import Path

from keystoneauth1 import session, token_endpoint
from keystoneauth1.plugin import BaseAuthPlugin

from pci_placement.model import LastPass
from pci_placement.placement import Client, of_session
from pci_placement.settings import ConfigPath, load
from pci_placement.sync import Reconciler
from support import hosts
from support.cloud import HOST, LISTS, told

from .cloud import SCHEDULER, Zun, running

NOT_ENOUGH = "There are not enough hosts available."


def on(key: str, host: str = "node") -> str:
    """The name of a provider of ours."""
    return f"{host}:pci:{key}"


class Stage:
    """Zun, Placement, and a pass of ours on any node at any time."""

    def __init__(
        self,
        folder: Path,
        placement_url: str,
        auth: BaseAuthPlugin | None = None,
        region: str | None = None,
    ) -> None:
        self.folder = folder
        self.placement_url = placement_url
        self._auth = auth or token_endpoint.Token(placement_url, "admin")
        self.client = Client(of_session(session.Session(self._auth), region, None))
        self._undo = contextlib.ExitStack()
        self._left: dict[str, LastPass | None] = {}
        self.zun: Zun

    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> None:
        self._undo.close()

    def open(self, text: str) -> Stage:
        """Start a zun that has no node yet, on a zun.conf of this text."""
        self.zun = self._undo.enter_context(running(self.folder, self._auth, text))
        return self

    def start(self, lists: str = LISTS, scheduler: str = SCHEDULER, **nodes) -> Stage:
        """Start zun; nodes are hosts by name, and the devices that each has."""
        self.open(lists + scheduler)
        for host, lines in (nodes or {"node": HOST}).items():
            self.zun.node(host)
            self.sync(host, lines)
        return self

    def sync(self, host: str = "node", lines=HOST, lists: str | None = None, **own: str) -> list:
        """A pass on one node, which has these devices and, if given, other lists; what it did."""
        file = self.folder / f"{host}.conf"
        options = {"root_provider_name": host, "state_dir": self.folder / host, **own}
        section = "\n".join(f"{key} = {value}" for key, value in options.items())
        text = self.zun.file.read_text() if lists is None else lists
        file.write_text(f"[pci_placement]\n{section}\n{text}")
        snapshot = hosts.snapshot(list(lines))
        reconciler = Reconciler(
            load([ConfigPath(str(file))]), lambda: snapshot, self.client, [].append
        )
        report = reconciler.run_once(self._left.get(host))
        self._left[host] = report.last_pass
        return told(done.action for done in report.outcome.results)

    # --- what Placement says

    def allocated(self, consumer: str) -> dict[str, dict[str, int]]:
        """What a container holds of Placement, by the provider's name."""
        found = self.client.send("GET", f"/allocations/{consumer}", None, "1.31")
        return {self.name(uuid): on["resources"] for uuid, on in found["allocations"].items()}

    def devices(self, consumer: str) -> dict[str, int]:
        """The devices that a container holds, by provider."""
        return {
            name: amount
            for name, held in self.allocated(consumer).items()
            for of, amount in held.items()
            if of.startswith("CUSTOM_")
        }

    def classes(self, consumer: str) -> Counter[str]:
        """How many devices of each class a container holds."""
        held = self.allocated(consumer).values()
        found = Counter()
        for resources in held:
            found.update({of: n for of, n in resources.items() if of.startswith("CUSTOM_")})
        return found

    def name(self, uuid: str) -> str:
        return self.client.send("GET", f"/resource_providers/{uuid}")["name"]

    def reserve(self, provider: str, amount: int | None = None) -> None:
        """Keep so many devices of a provider back, or all, as an operator does by hand."""
        found = self.client.send("GET", f"/resource_providers?name={provider}")
        url = f"/resource_providers/{found['resource_providers'][0]['uuid']}/inventories"
        body = self.client.send("GET", url)
        for inventory in body["inventories"].values():
            inventory["reserved"] = inventory["total"] if amount is None else amount
        self.client.send("PUT", url, body)

    def everything(self) -> dict[str, object]:
        """All providers, with their generations, inventories, traits and allocations."""
        listed = self.client.send("GET", "/resource_providers")["resource_providers"]
        return {
            provider["name"]: {
                "provider": provider,
                **{
                    part: self.client.send("GET", f"/resource_providers/{provider['uuid']}/{part}")
                    for part in ("inventories", "traits", "aggregates", "allocations")
                },
            }
            for provider in listed
        }


def create(stage: Stage, pci: object, **more) -> str:
    """A container that zun accepts; its uuid."""
    answer = stage.zun.create(pci, **more)
    assert answer.status == 202, answer
    return answer.body["uuid"]


def refused(stage: Stage, uuid: str) -> str:
    """Why a container is not started; it holds nothing, and no node knows of it."""
    container = stage.zun.show(uuid)
    assert container.status == "Error"
    assert stage.allocated(uuid) == {}
    assert all(uuid not in node.driver.created for node in stage.zun.nodes.values())
    return container.status_reason
