"""What a scan of a host costs beside lspci, and what finding out that nothing changed does.

Usage: python bench/discovery.py [REPEATS]      (default: 7)

For trees of several sizes, PFs with VFs that all have a network name: the CPU time of one scan in
microseconds a function, that of reading and digest alone, that of `lspci -Dnmm` over the same tree
in the same run, and the ratio of the first to the last. Then how the time of a scan grows (1 is
linear), and the CPU time of whole processes that load, read and end. Each is the least of REPEATS.

lspci comes with `tools/install_system.sh pciutils`; without it there is no ratio.
"""

import math
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pci_placement.discovery.raw import read_tree
from pci_placement.discovery.sysfs import make_snapshot
from pci_placement.pci_address import split, written

SIZES = (1, 1), (8, 16), (16, 64), (64, 64), (65, 127)
"""PFs, and VFs of each: the last are 8,320 functions."""
TITLES, WIDTHS = ("PFs x VFs", "functions", "scan", "digest", "lspci", "ratio"), (10, 9, 8, 8, 8, 6)
PROJECT = Path(__file__).parents[1]
MEMORY = Path("/dev/shm")  # noqa: S108  /sys is in memory as well
BRIDGE = "devices/pci0000:00/0000:00:01.0"
READ_ONE = "from pci_placement.discovery.raw import read_tree; read_tree({tree!r}).digest"
READ_ALL = "from pci_placement.discovery.sysfs import Sysfs; Sysfs({tree!r}).read()"


def write_tree(root: Path, pfs: int, vfs: int) -> int:
    """Write what the kernel shows of such a host, as far as we or lspci read it."""
    (root / "bus/pci/devices").mkdir(parents=True)
    (root / "class/net").mkdir(parents=True)
    for pf in range(pfs):
        card = written((0, 1 + pf, 0, 0))
        for number in range(1 + vfs):
            address = written((0, 1 + pf, number >> 3, number & 7))
            write_function(root, address, card, f"ens{pf}" + (f"v{number - 1}" if number else ""))
            if number:
                (root / BRIDGE / card / f"virtfn{number - 1}").symlink_to(f"../{address}")
    return pfs * (1 + vfs)


def write_function(root: Path, address: str, card: str, name: str) -> None:
    is_vf = address != card
    product, driver = ("1889", "iavf") if is_vf else ("1592", "ice")
    _, bus, slot, function = split(address)
    files = {
        "uevent": f"DRIVER={driver}\nPCI_CLASS=20000\nPCI_ID=8086:{product}\n"
        f"PCI_SUBSYS_ID=8086:0002\nPCI_SLOT_NAME={address}\n"
        f"MODALIAS=pci:v00008086d0000{product}sv00008086sd00000002bc02sc00i00\n",
        "numa_node": f"{bus % 2}\n",
        "class": "0x020000\n",
        "vendor": "0x8086\n",
        "device": f"0x{product}\n",
        "revision": "0x02\n",
        "subsystem_vendor": "0x8086\n",
        "subsystem_device": "0x0002\n",
        **({} if is_vf else {"sriov_totalvfs": "128\n", "sriov_vf_device": "1889\n"}),
    }
    folder = root / BRIDGE / address
    (folder / "net" / name).mkdir(parents=True)
    for file, text in files.items():
        (folder / file).write_text(text)
    (folder / "config").write_bytes(bytes.fromhex("8680") + bytes(254))
    group = bus << 8 | slot << 3 | function
    (folder / "iommu_group").symlink_to(f"../../../../kernel/iommu_groups/{group}")
    if is_vf:
        (folder / "physfn").symlink_to(f"../{card}")
    (root / "bus/pci/devices" / address).symlink_to(f"../../../{BRIDGE}/{address}")
    (root / "class/net" / name).symlink_to(f"../../{BRIDGE}/{address}/net/{name}")


def own(work: Callable[[], object]) -> float:
    """CPU seconds of this process."""
    start = time.process_time()
    work()
    return time.process_time() - start


def other(command: list[str]) -> float:
    """CPU seconds of another process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def lspci(tree: Path) -> list[str] | None:
    program = shutil.which("lspci")
    options = "-Dnmm -A linux-sysfs -O hwdb.disable=1 -O".split()
    return [program, *options, f"sysfs.path={tree}/bus/pci"] if program else None


def measure(tree: Path, repeats: int) -> tuple[float, float, float]:
    """The least seconds of a scan, of reading and digest alone, and of lspci."""
    command = lspci(tree)
    times = [
        (
            own(lambda: make_snapshot(read_tree(tree))),
            own(lambda: read_tree(tree).digest),
            other(command) if command else math.nan,
        )
        for _ in range(repeats)
    ]
    return tuple(map(min, zip(*times, strict=True)))


def growth(points: list[tuple[int, float]]) -> float:
    """The power of the number of functions by which the time grows: the slope of the logarithms."""
    logs = [(math.log(count), math.log(seconds)) for count, seconds in points]
    means = [sum(axis) / len(logs) for axis in zip(*logs, strict=True)]
    above = sum((x - means[0]) * (y - means[1]) for x, y in logs)
    return above / sum((x - means[0]) ** 2 for x, _ in logs)


def processes(tree: Path, repeats: int) -> None:
    start = f"import sys; sys.path.insert(0, {str(PROJECT)!r}); import os"
    print(f"\n{'a process that':>30} {'ms':>7}")
    for what, script in {
        "only starts": "",
        "reads, and makes a digest": READ_ONE.format(tree=str(tree)),
        "scans": READ_ALL.format(tree=str(tree)),
    }.items():
        command = [sys.executable, "-I", "-S", "-c", f"{start}\n{script}"]
        print(f"{what:>30} {min(other(command) for _ in range(repeats)) * 1000:>7.1f}")


def main() -> None:
    repeats = int(sys.argv[1]) if sys.argv[1:] else 7
    where = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(dir=where) as folder:
        titles = zip(TITLES, WIDTHS, strict=True)
        print(" ".join(f"{title:>{width}}" for title, width in titles))
        points = []
        for pfs, vfs in SIZES:
            tree = Path(folder, f"{pfs}x{vfs}")
            count = write_tree(tree, pfs, vfs)
            scan, digest, theirs = measure(tree, repeats)
            points.append((count, scan))
            each = [f"{1e6 * seconds / count:>5.1f} us" for seconds in (scan, digest, theirs)]
            print(f"{f'{pfs} x {vfs}':>10} {count:>9} {' '.join(each)} {scan / theirs:>6.2f}")
        if lspci(tree) is None:
            print("no ratio: lspci is not installed (tools/install_system.sh pciutils)")
        print(f"time grows with the {growth(points[1:]):.2f}th power of functions, from 8 x 16 on")
        processes(Path(folder, "8x16"), 3 * repeats)


if __name__ == "__main__":
    main()
