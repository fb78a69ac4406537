"""A host that does not keep still: what it may look like, and the steps from one look to another.

A step changes either the hardware or the configuration, never both.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random

from support import hosts

from pci_placement.model import Snapshot

GPUS = {"0000:3b:00.0": 0, "0000:3c:00.0": 0, "0000:af:00.0": 1, "0000:b0:00.0": 1}
"""The plain devices, with their NUMA nodes."""

NIC, QAT = "0000:81:00.0", "0000:42:00.0"
FAST = "CUSTOM_FAST"


@dataclass(frozen=True, slots=True)
class Look:
    """What the host has, and what its configuration says.

    The VFs of the NIC are in two slots; upper_network and upper_fast make those of the upper one
    differ. The QAT card is whole where it has no VFs; with exclusive it is offered both ways.
    """

    gpus: frozenset[str] = frozenset(GPUS)
    nic_vfs: int | None = 8
    qat_vfs: int = 0
    gpu_alias: str = "gpu"
    nic_alias: str = "nic"
    network: str = "physnet1"
    upper_network: str | None = None
    upper_fast: bool = False
    pooling: str = "device"
    exclusive: bool = False

    @property
    def snapshot(self) -> Snapshot:
        """The hardware."""
        return hosts.snapshot(list(self._lines()))

    def _lines(self) -> Iterator[dict]:
        for address in sorted(self.gpus):
            yield {"address": address, "id": "10de:20b0", "class": "030200", "numa": GPUS[address]}
        yield _card(QAT, "8086:37c8", "37c9", {"count": self.qat_vfs, "first": "0000:42:00.1"})
        if self.nic_vfs is not None:
            vfs = {"count": self.nic_vfs, "first": "0000:81:10.0", "step": 2, "net": True}
            nic = _card(NIC, "8086:10c9", "10ca", vfs)
            yield {**nic, "class": "020000", "net": ["ens1f0"], "numa": 1}

    @property
    def lists(self) -> str:
        """The section [pci]."""
        return "\n".join(
            [
                "[pci]",
                f'alias = {{"name": "{self.gpu_alias}", "vendor_id": "10de",'
                ' "product_id": "20b0"}',
                f'alias = {{"name": "{self.nic_alias}", "vendor_id": "8086", "product_id": "10ca",'
                ' "device_type": "type-VF"}',
                'alias = {"name": "card", "vendor_id": "8086", "product_id": "37c8",'
                ' "device_type": "type-PF"}',
                'alias = {"name": "crypt", "vendor_id": "8086", "product_id": "37c9"}',
                # no device has these ids: it asks for what entries put into the class
                f'alias = {{"name": "fast", "resource_class": "{FAST}", "vendor_id": "fa57",'
                ' "product_id": "fa57"}',
                *self._entries(),
            ]
        )

    def _entries(self) -> Iterator[str]:
        yield 'device_spec = {"vendor_id": "10de", "product_id": "20b0"}'
        if self.exclusive:
            yield 'device_spec = {"vendor_id": "8086", "product_id": "37c8"}'
            yield 'device_spec = {"vendor_id": "8086", "product_id": "37c9"}'
        else:
            yield f'device_spec = {{"address": "{QAT}"}}'
        upper = self.upper_network or self.network
        fast = f', "resource_class": "{FAST}"' if self.upper_fast else ""
        if fast or upper != self.network:
            where = '"address": "0000:81:11.*"'
            yield f'device_spec = {{{where}, "physical_network": "{upper}"{fast}}}'
        yield f'device_spec = {{"devname": "ens1f0", "physical_network": "{self.network}"}}'

    @property
    def options(self) -> dict[str, str]:
        """Our own options that change."""
        return {"pooling": self.pooling, "pf_vf_exclusive": str(self.exclusive)}


def _card(address: str, ids: str, vf_device: str, vfs: dict) -> dict:
    card = {"address": address, "id": ids, "numa": 0, "totalvfs": 16, "vf_device": vf_device}
    return {**card, "vfs": vfs} if vfs["count"] else card


def _nic_vfs(look: Look, random: Random) -> Look:
    return replace(look, nic_vfs=random.choice([n for n in (0, 2, 3, 5, 8) if n != look.nic_vfs]))


def _nic_gone(look: Look, random: Random) -> Look:
    return replace(look, nic_vfs=None if look.nic_vfs is not None else random.choice((4, 8)))


def _qat_vfs(look: Look, random: Random) -> Look:
    return replace(look, qat_vfs=0 if look.qat_vfs else random.choice((2, 4)))


def _qat_more(look: Look, random: Random) -> Look:
    return replace(look, qat_vfs=random.choice((1, 3, 5)))


def _gpu(look: Look, random: Random) -> Look:
    return replace(look, gpus=look.gpus ^ {random.choice(sorted(GPUS))})


def _gpus_back(look: Look, _: Random) -> Look:
    return replace(look, gpus=frozenset(GPUS))


def _gpu_alias(look: Look, _: Random) -> Look:
    return replace(look, gpu_alias=_other(look.gpu_alias, "gpu", "a100"))


def _nic_alias(look: Look, _: Random) -> Look:
    return replace(look, nic_alias=_other(look.nic_alias, "nic", "port"))


def _network(look: Look, _: Random) -> Look:
    return replace(look, network=_other(look.network, "physnet1", "physnet2"))


def _upper_network(look: Look, _: Random) -> Look:
    return replace(look, upper_network=None if look.upper_network else "physnet3")


def _upper_fast(look: Look, _: Random) -> Look:
    return replace(look, upper_fast=not look.upper_fast)


def _pooling(look: Look, _: Random) -> Look:
    return replace(look, pooling=_other(look.pooling, "device", "numa"))


def _other(now: str, one: str, another: str) -> str:
    return another if now == one else one


STEPS: dict[str, Callable[[Look, Random], Look]] = {
    "VFs of the NIC": _nic_vfs,
    "the NIC goes or comes": _nic_gone,
    "whole QAT or VFs": _qat_vfs,
    "VFs of the QAT": _qat_more,
    "a GPU goes or comes": _gpu,
    "another GPU goes or comes": _gpu,
    "all GPUs are back": _gpus_back,
    "alias of the GPUs": _gpu_alias,
    "alias of the NIC": _nic_alias,
    "network of the NIC": _network,
    "network of the upper VFs": _upper_network,
    "class of the upper VFs": _upper_fast,
    "pooling": _pooling,
}


def script(random: Random, look: Look) -> Iterator[tuple[str, Look]]:
    """Steps without end: all of them in some order, then all of them in another."""
    while True:
        for what in random.sample(sorted(STEPS), len(STEPS)):
            new = STEPS[what](look, random)
            if new != look:
                look = new
                yield what, look
