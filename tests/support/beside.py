"""A Placement to which another service writes as well, and passes of ours on any node."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from keystoneauth1 import session, token_endpoint
from keystoneauth1.plugin import BaseAuthPlugin

from pci_placement.model import LastPass
from pci_placement.placement import Client, of_session
from pci_placement.settings import ConfigPath, load
from pci_placement.sync import PassReport, Reconciler
from support import hosts
from support.cloud import told


def on(key: str, host: str = "node") -> str:
    """The name of a provider of ours."""
    return f"{host}:pci:{key}"


class Beside:
    """Placement, a pass of ours on any node at any time, and what Placement says then."""

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

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._undo.close()

    def make_pass(self, host: str, lines: Iterable[dict], lists: str, **own: str) -> PassReport:
        """A pass on one node, which has these devices and lists."""
        file = self.folder / f"{host}.conf"
        options = {"root_provider_name": host, "state_dir": self.folder / host, **own}
        section = "\n".join(f"{key} = {value}" for key, value in options.items())
        file.write_text(f"[pci_placement]\n{section}\n{lists}")
        snapshot = hosts.snapshot(list(lines))
        reconciler = Reconciler(
            load([ConfigPath(str(file))]), lambda: snapshot, self.client, [].append
        )
        report = reconciler.run_once(self._left.get(host))
        self._left[host] = report.last_pass
        return report

    # --- what Placement says

    def allocated(self, consumer: str) -> dict[str, dict[str, int]]:
        """What a consumer holds of Placement, by the provider's name."""
        found = self.client.send("GET", f"/allocations/{consumer}", None, "1.31")
        return {self.name(uuid): on["resources"] for uuid, on in found["allocations"].items()}

    def devices(self, consumer: str) -> dict[str, int]:
        """The devices that a consumer holds, by provider."""
        return {
            name: amount
            for name, held in self.allocated(consumer).items()
            for of, amount in held.items()
            if of.startswith("CUSTOM_")
        }

    def classes(self, consumer: str) -> Counter[str]:
        """How many devices of each class a consumer holds."""
        held = self.allocated(consumer).values()
        found = Counter()
        for resources in held:
            found.update({of: n for of, n in resources.items() if of.startswith("CUSTOM_")})
        return found

    def name(self, uuid: str) -> str:
        return self.client.send("GET", f"/resource_providers/{uuid}")["name"]

    def uuid(self, provider: str) -> str:
        found = self.client.send("GET", f"/resource_providers?name={provider}")
        return found["resource_providers"][0]["uuid"]

    def reserve(self, provider: str, amount: int | None = None) -> None:
        """Keep so many devices of a provider back, or all, as an operator does by hand."""
        url = f"/resource_providers/{self.uuid(provider)}/inventories"
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


def did(report: PassReport) -> list[str]:
    """What a pass did."""
    return told(done.action for done in report.outcome.results)
