"""How the time for long lists grows with their length.

Usage: python bench/lists.py [N]      (default: 2500; twice of it as well)

For each kind of list, N and 2 N of it on a host with 512 devices: the seconds to read and check the
files, to match the devices and to say what an operator should hear (`config validate`, and the part
of `plan` that needs no Placement); and the ratio, which is 2 where the work is proportional.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pci_placement.desired import make_desired
from pci_placement.mapping.lint import lint_host
from pci_placement.mapping.lint_layout import lint_layout
from pci_placement.model import PciAddress, PciDevice, Snapshot
from pci_placement.settings import ConfigPath, Settings, read

DEVICES = 512


def alias(name: int, product: int, more: str = "") -> str:
    return (
        f'alias = {{"name": "a{name}", "vendor_id": "8086", "product_id": "{product:04x}"{more}}}'
    )


LISTS: dict[str, Callable[[int], str]] = {
    "keys of one entry": lambda n: (
        "device_spec = {" + ", ".join(f'"key{number}": 1' for number in range(n)) + "}"
    ),
    "a key given twice": lambda n: (
        "device_spec = {" + ", ".join(f'"key{number // 2}": 1' for number in range(n)) + "}"
    ),
    "traits of one entry": lambda n: (
        'device_spec = {"vendor_id": "8086", "traits": "'
        + ",".join(f"T{i}" for i in range(n))
        + '"}'
    ),
    "aliases of their own ids": lambda n: "\n".join(alias(i, i) for i in range(n)),
    "aliases of the same ids": lambda n: "\n".join(alias(i, 0) for i in range(n)),
    "aliases of one name": lambda n: "\n".join(alias(0, i) for i in range(n)),
    "aliases in a chain": lambda n: "\n".join(
        alias(i, product) for i in range(n // 2) for product in (i, i + 1)
    ),
    "aliases of type-VF": lambda n: "\n".join(
        alias(i, i, ', "device_type": "type-VF"') for i in range(n)
    ),
    "aliases of a class": lambda n: "\n".join(
        alias(i, i, f', "resource_class": "CUSTOM_C{i}"') for i in range(n)
    ),
    "aliases of one class": lambda n: "\n".join(
        alias(i, i, ', "resource_class": "CUSTOM_C"') for i in range(n)
    ),
    "entries by address": lambda n: "\n".join(
        f'device_spec = {{"address": "{place(i)}"}}' for i in range(n)
    ),
    "entries by ids": lambda n: "\n".join(
        f'device_spec = {{"vendor_id": "8086", "product_id": "{i:04x}"}}' for i in range(n)
    ),
    "entries by name": lambda n: "\n".join(
        f'device_spec = {{"devname": "ens{i}"}}' for i in range(n)
    ),
    "entries by expression": lambda n: "\n".join(
        f'device_spec = {{"address": {{"bus": "{i:04x}"}}}}' for i in range(n)
    ),
    "entries and aliases of a class": lambda n: "\n".join(
        f'device_spec = {{"vendor_id": "8087", "product_id": "{i:04x}", "resource_class": "C{i}"}}'
        f"\n{alias(i, i, f', {chr(34)}resource_class{chr(34)}: {chr(34)}C{i}{chr(34)}')}"
        for i in range(n // 2)
    ),
    "old names": lambda n: "\n".join(
        'passthrough_whitelist = {"vendor_id": "8086"}' for _ in range(n)
    ),
}


def place(number: int) -> PciAddress:
    rest, function = divmod(number, 8)
    bus, slot = divmod(rest, 32)
    return PciAddress(bus >> 8, bus & 0xFF, slot, function)


def host() -> Snapshot:
    """Devices of as many kinds, each with an interface."""
    return Snapshot(
        tuple(
            PciDevice(place(8 * i), "8086", f"{i:04x}", devnames=(f"eth{i}",))
            for i in range(DEVICES)
        )
    )


def work(file: Path, snapshot: Snapshot) -> Settings:
    settings = read([ConfigPath(str(file))])
    desired = make_desired(settings, snapshot)
    lists = settings.whitelist, settings.aliases
    list(lint_host(snapshot, *lists, desired.matching))
    list(lint_layout(desired.tree))
    return settings


def written(folder: Path, text: str) -> Path:
    file = folder / "zun.conf"
    everything = "" if "device_spec" in text else '\ndevice_spec = {"vendor_id": "8086"}'
    file.write_text(f"[pci]\n{text}{everything}\n")
    return file


def seconds(file: Path) -> float:
    start = time.perf_counter()
    work(file, host())
    return time.perf_counter() - start


def main() -> None:
    n = int(sys.argv[1]) if sys.argv[1:] else 2500
    print(f"{'':>32} {n:>8} {2 * n:>8} {'ratio':>6}")
    with tempfile.TemporaryDirectory() as folder:
        for name, text in LISTS.items():
            once, twice = (seconds(written(Path(folder), text(many))) for many in (n, 2 * n))
            print(f"{name:>32} {once:>7.2f}s {twice:>7.2f}s {twice / once:>6.1f}", flush=True)


if __name__ == "__main__":
    main()
