"""What is done to the guest's hardware, by its kernel's files, by `ip` and by QEMU."""

from __future__ import annotations

import os
import time

from pci_placement.model import PciAddress

from .hand import Hand
from .machine import Machine

DEVICES = "/sys/bus/pci/devices"
ELSEWHERE = "elsewhere"
"""A network namespace."""

PERIPHERAL = "/machine/peripheral"
PATIENCE = 60.0


class HostError(Exception):
    """The guest's kernel refuses what every kernel does."""


class Host:
    """The guest as somebody with a screwdriver and root sees it."""

    def __init__(self, machine: Machine, hand: Hand) -> None:
        self._machine, self._hand = machine, hand

    def set_vfs(self, pf: PciAddress | str, number: int) -> None:
        """Have so many VFs; the kernel only goes from none to some and back."""
        if self.vfs(pf) and number:
            self._write(f"{DEVICES}/{pf}/sriov_numvfs", "0")
        self._write(f"{DEVICES}/{pf}/sriov_numvfs", str(number))

    def vfs(self, pf: PciAddress | str) -> list[PciAddress]:
        """The VFs that it has."""
        names = self._hand.names(path=f"{DEVICES}/{pf}")
        links = [name for name in names if name.startswith("virtfn")]
        found = (self._hand.link(path=f"{DEVICES}/{pf}/{link}") for link in links)
        return sorted(PciAddress.parse(name) for name in found if name)

    def is_there(self, address: PciAddress | str) -> bool:
        """Whether the kernel has a device."""
        return bool(self._hand.names(path=f"{DEVICES}/{address}"))

    def driver(self, address: PciAddress) -> str:
        """The driver of a device; empty for none."""
        return self._hand.link(path=f"{DEVICES}/{address}/driver")

    def unbind(self, address: PciAddress) -> None:
        """Take its driver off a device."""
        if self.driver(address):
            self._write(f"{DEVICES}/{address}/driver/unbind", str(address))

    def bind(self, address: PciAddress, driver: str = "") -> None:
        """Give a device another driver, or its own."""
        self.unbind(address)
        self._write(f"{DEVICES}/{address}/driver_override", f"{driver}\n")
        self._write("/sys/bus/pci/drivers_probe", str(address))

    def name_of(self, pf: PciAddress) -> str:
        """What the interface of a NIC is called here; empty where it has none."""
        names = self._hand.names(path=f"{DEVICES}/{pf}/net")
        return names[0] if names else ""

    def rename(self, old: str, new: str) -> None:
        """Give an interface another name, which it must be down for."""
        self._ip("link", "set", old, "down")
        self._ip("link", "set", old, "name", new)

    def await_name(self, pf: PciAddress) -> str:
        """The name that udev gave an interface of ours: it takes a while."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            name = self.name_of(pf)
            if name and not name.startswith("eth"):
                return name
            time.sleep(0.2)
        raise HostError(f"{pf} has no interface")

    def take_away(self, name: str) -> None:
        """Move an interface to another namespace."""
        self._ip("netns", "add", ELSEWHERE)
        self._ip("link", "set", name, "netns", ELSEWHERE)

    def bring_back(self, name: str) -> None:
        """Move it back."""
        self._ip("-n", ELSEWHERE, "link", "set", name, "netns", "1")
        self._ip("netns", "del", ELSEWHERE)

    def await_presence(self, address: PciAddress | str, present: bool) -> None:
        """Wait until a device has come, or gone."""
        end = time.monotonic() + PATIENCE
        while self.is_there(address) is not present:
            if time.monotonic() > end:
                raise HostError(f"{address} does not {'come' if present else 'go'}")
            time.sleep(0.1)

    def plug(self, name: str, port: str, driver: str, **more: object) -> None:
        """Plug a card of QEMU into a port, which may not have let go of the last one yet."""
        end = time.monotonic() + PATIENCE
        while name in self._plugged() and time.monotonic() < end:
            time.sleep(0.1)
        self._machine.execute("device_add", driver=driver, id=name, bus=port, **more)

    def _plugged(self) -> set[str]:
        """The cards that QEMU has by name: it keeps one after the kernel has seen it go."""
        return {each["name"] for each in self._machine.execute("qom-list", path=PERIPHERAL)}

    def unplug(self, name: str) -> None:
        """Press the button beside it; the kernel lets go of it after 5 s."""
        self._machine.execute("device_del", id=name)

    def _write(self, path: str, text: str) -> None:
        if error := self._hand.write(path=path, text=text):
            raise HostError(f"{text.strip()!r} into {path}: {os.strerror(error)}")

    def _ip(self, *words: str) -> None:
        code, out, err = self._hand.run(command=["ip", *words])
        if code:
            raise HostError(f"ip {' '.join(words)}: {out}{err}")
