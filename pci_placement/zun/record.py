"""What this node knows of its devices: who has which, and which of them are given by Placement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from pci_placement.agent import Agent, Claims, build
from pci_placement.desired import make_desired
from pci_placement.discovery.scan import LIVE_SYSFS, scan

from .attach import Attachment, Device, attachment
from .gpus import gpu_at
from .lists import Lists


@dataclass(frozen=True, slots=True)
class Record:
    """The devices of this host; asked anew each time, as the files and the host are then."""

    lists: Lists
    sysfs: ClassVar[str] = LIVE_SYSFS

    def attachment(self, consumer: str) -> Attachment:
        """What a consumer's devices come to; nothing where it has claimed none.

        Raises CannotAttach, and as `pci_placement.agent.Claims.devices_of` does.
        """
        devices: Sequence[Device] = self._claims().devices_of(consumer)
        return attachment(devices, gpu_at, bool(self.lists.current().cdi_dir))

    def release(self, consumer: str) -> None:
        """Let a consumer have nothing any more; it was deleted, or never came to be."""
        self._claims().release(consumer)

    def given_by_placement(self) -> frozenset[str]:
        """The addresses of all functions of all cards of which this host offers something."""
        host = scan(self.sysfs)
        wanted = make_desired(self.lists.current(), host).tree.providers
        offered = {address for provider in wanted for address in provider.addresses}
        cards = {device.card_addr for device in host.devices if device.address in offered}
        return frozenset(str(each.address) for each in host.devices if each.card_addr in cards)

    def _claims(self) -> Claims:
        return Claims(self._agent())

    def _agent(self) -> Agent:
        return build(self.lists.current(), sysfs=self.sysfs)
