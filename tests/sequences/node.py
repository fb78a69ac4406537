"""One compute node as values: what is plugged in, and what its operator wrote."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from support import build
from support.placements import ROOT

from pci_placement.model import (
    AddressGlob,
    DevType,
    Layout,
    PciAddress,
    PciAlias,
    PciDevice,
    Pooling,
    Snapshot,
    WhitelistEntry,
)
from pci_placement.model.config import Limits
from pci_placement.settings import ConfigPath, Settings, load

CARD = PciAddress(0, 1, 0, 0)
VFS = tuple(PciAddress(0, 1, 2, number) for number in range(4))
PLAIN = tuple(PciAddress(0, bus, 0, 0) for bus in (2, 3, 4))
LISTED = (*VFS, *PLAIN)
"""What has an entry of its own each."""

GONE = "gone"
LABELS = {
    "": {},
    "own": {"resource_class": "CUSTOM_OWN"},
    "fast": {"traits": build.traits("FAST")},
    "net": {"physical_network": "two"},
    "once": {"one_time_use": True},
}
ALIASES = {"qat": {"ids": "8086:0443"}, "nic": {"ids": "8086:154c", "device_type": DevType.VF}}


@dataclass(frozen=True, slots=True)
class Host:
    """What is plugged in: a card that may have VFs, and plain devices by their product."""

    card: str = "pf"
    vfs: int = 4
    plain: tuple[str, ...] = ("0443", "0443", "0443")

    def plugged(self, number: int, product: str) -> "Host":
        plain = [product if n == number else each for n, each in enumerate(self.plain)]
        return replace(self, plain=tuple(plain))

    def devices(self) -> Iterator[PciDevice]:
        if self.card == "pf":
            yield build.pf(str(CARD), numa_node=0)
            yield from (build.vf(str(a), parent=str(CARD), numa_node=0) for a in VFS[: self.vfs])
        elif self.card != GONE:
            yield build.device(str(CARD), "8086:1572", class_code="020000", numa_node=0)
        for address, product in zip(PLAIN, self.plain, strict=True):
            if product != GONE:
                yield build.device(str(address), f"8086:{product}", numa_node=0)


@lru_cache(maxsize=4096)
def snapshot(host: Host) -> Snapshot:
    return build.snapshot(*host.devices())


@dataclass(frozen=True, slots=True)
class Lists:
    """What the operator wrote: a label for each listed device (None: no entry), and the options."""

    labels: tuple[str | None, ...] = ("",) * len(LISTED)
    whole: bool = False
    aliases: tuple[tuple[str, str | None], ...] = (("qat", "qat"), ("nic", "nic"))
    pooling: Pooling = Pooling.DEVICE
    exclusive: bool = False
    max_removals: int | None = None

    def labelled(self, number: int, label: str | None) -> "Lists":
        labels = [label if n == number else each for n, each in enumerate(self.labels)]
        return replace(self, labels=tuple(labels))

    def named(self, alias: str, name: str | None) -> "Lists":
        return replace(self, aliases=tuple({**dict(self.aliases), alias: name}.items()))

    def label(self, address: PciAddress) -> str | None:
        """How a device is labelled; None if it is on no list."""
        if address == CARD:
            return ""
        return self.labels[LISTED.index(address)]

    def offered(self, address: PciAddress, host: Host) -> bool:
        """Whether the operator wants a device offered, by the plainest reading of the lists."""
        if address == CARD:
            return host.card != "pf" or self.whole
        return self.label(address) is not None


def _entries(lists: Lists) -> Iterator[WhitelistEntry]:
    by_address = zip(LISTED, lists.labels, strict=True)
    for number, (address, label) in enumerate(by_address, 1):
        if label is not None:
            yield build.entry(number, address=AddressGlob(*address), **LABELS[label])
    kinds = [DevType.PCI, DevType.PF] if lists.whole else [DevType.PCI]
    for number, kind in enumerate(kinds, 20):
        yield build.entry(number, address=AddressGlob(*CARD), device_type=kind)


def _aliases(lists: Lists) -> Iterator[PciAlias]:
    for number, (alias, name) in enumerate(lists.aliases, 1):
        if name is not None:
            yield build.alias(name, **ALIASES[alias], number=number)


@lru_cache(maxsize=1)
def _empty() -> Settings:
    with TemporaryDirectory() as folder:
        file = Path(folder, "zun.conf")
        file.write_text(f"[pci_placement]\nroot_provider_name = {ROOT.name}\nsettle_time = 0\n")
        return load([ConfigPath(str(file))])


@lru_cache(maxsize=4096)
def settings(lists: Lists, root_name: str) -> Settings:
    """As `settings.load` gives them, with lists made here."""
    return replace(
        _empty(),
        root_provider_name=root_name,
        whitelist=tuple(_entries(lists)),
        aliases=tuple(_aliases(lists)),
        layout=Layout(lists.pooling, lists.exclusive),
        limits=Limits(lists.max_removals),
    )
