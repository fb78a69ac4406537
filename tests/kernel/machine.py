"""The guest's machine: QEMU in software, with the topology of guest/topology.args."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from importlib.metadata import distribution
from pathlib import Path

from .hand import Hand

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
TOPOLOGY = HERE / "guest" / "topology.args"
PATIENCE = 180.0
"""Seconds until a boot is given up; most take 20 to 60."""

OUTSIDE = "52:54:00:00:00:01"
"""How guest/init knows the NIC that leads outside."""

TRIES = 3
"""Now and then one hangs early, in software."""

ENDING = 20.0

HOME_DISK, HOME_SLOT = "home.img", "0x5"
"""A disk that the guest has, or may have, mounted at /home."""


class MachineError(Exception):
    """The guest does not come up, or QEMU refuses."""


class Machine:
    """A guest that runs."""

    def __init__(self, process: subprocess.Popen, port: int) -> None:
        self._process, self._port = process, port
        self._answer()
        self.execute("qmp_capabilities")

    def execute(self, command: str, **arguments: object) -> object:
        """Have QEMU do something, by its machine protocol."""
        self._process.stdin.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._process.stdin.flush()
        while True:
            said = self._answer()
            if "error" in said:
                raise MachineError(f"{command} {arguments}: {said['error']}")
            if "return" in said:
                return said["return"]

    def hand(self) -> Hand:
        """Another connection to what acts in the guest."""
        return Hand(self._port)

    def _answer(self) -> dict:
        line = self._process.stdout.readline()
        if not line:
            raise MachineError(f"QEMU has ended with {self._process.wait()}")
        return json.loads(line)


@contextlib.contextmanager
def booted(
    image: Path, run: Path, say: Callable[[str], None], init: str = "init"
) -> Iterator[Machine]:
    """Boot a guest; it is gone in the end. run is a folder that both sides see, emptied before.

    init is what its process 1 begins with, a file of guest/.
    """
    _stage(run, init)
    for number in range(1, TRIES + 1):
        began, port = time.monotonic(), _free_port()
        with _started(image, run, port) as process:
            if _is_up(process, run / "ready"):
                say(f"the guest is up after {time.monotonic() - began:.0f} s")
                yield Machine(process, port)
                return
        said = (run / "console.log").read_text(errors="replace")[-300:]
        say(f"boot {number} of {TRIES} came to nothing: {said}{(run / 'qemu.log').read_text()}")
    raise MachineError(f"no boot succeeded; see {run}")


def _stage(run: Path, init: str) -> None:
    """Lay out what the guest shares with us, the package in it."""
    shutil.rmtree(run, ignore_errors=True)
    project = run / "project"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PROJECT / "pci_placement", project / "pci_placement", ignore=ignored)
    shutil.copy(HERE / "guest" / "hand.py", project)
    shutil.copy(HERE / "guest" / init, run / "init")
    shutil.copytree(PROJECT / "etc", run / "etc")
    _make_disk(run / HOME_DISK)
    # its entry points are how the commands are found
    metadata = Path(str(distribution("pci-placement").locate_file("."))).glob(
        "pci_placement-*.dist-info"
    )
    for folder in metadata:
        shutil.copytree(folder, project / folder.name)


def _make_disk(file: Path) -> None:
    with file.open("wb") as disk:
        disk.truncate(16 * 2**20)
    subprocess.run(["/sbin/mke2fs", "-q", "-t", "ext4", file], check=True)


def _is_up(process: subprocess.Popen, ready: Path) -> bool:
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        if ready.exists():
            return True
        time.sleep(0.1)
    return False


@contextlib.contextmanager
def _started(image: Path, run: Path, port: int) -> Iterator[subprocess.Popen]:
    (run / "ready").unlink(missing_ok=True)
    with (run / "qemu.log").open("wb") as log:
        process = subprocess.Popen(
            # it ends with us, however we end
            ["setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64", *_arguments(image, run, port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            process_group=0,  # Ctrl-C is for us, who end it in order
        )
    try:
        yield process
    finally:
        _end(process)


def _arguments(image: Path, run: Path, port: int) -> list[str]:
    return [*_topology(), *_fixed(image, run, port)]


def _topology() -> list[str]:
    lines = (line.split() for line in TOPOLOGY.read_text().splitlines())
    return [word for words in lines if words and words[0] != "#" for word in words]


def _fixed(image: Path, run: Path, port: int) -> list[str]:
    """What leads into the guest and out of it; 10.0.2.2 is our loopback there."""
    kernel = "console=ttyS0 panic=-1 random.trust_cpu=on mitigations=off intel_iommu=on"
    return [
        *("-nodefaults", "-no-user-config", "-no-reboot"),
        *("-display", "none", "-accel", "tcg,thread=single,tb-size=256"),
        *("-kernel", str(image / "vmlinuz"), "-initrd", str(image / "initrd.img")),
        *("-append", kernel, "-serial", f"file:{run / 'console.log'}", "-qmp", "stdio"),
        *("-drive", f"file={image / 'root.img'},format=raw,if=none,id=root,snapshot=on"),
        *("-device", "virtio-blk-pci,drive=root,bus=pcie.0,addr=0x1"),
        *("-netdev", f"user,id=outside,hostfwd=tcp:127.0.0.1:{port}-10.0.2.15:7000"),
        *("-device", f"virtio-net-pci,netdev=outside,mac={OUTSIDE},bus=pcie.0,addr=0x2,romfile="),
        *("-fsdev", f"local,id=run,path={run},security_model=none"),
        *("-device", "virtio-9p-pci,fsdev=run,mount_tag=run,bus=pcie.0,addr=0x3"),
        *("-device", "virtio-rng-pci,bus=pcie.0,addr=0x4"),
        *("-drive", f"file={run / HOME_DISK},format=raw,if=none,id=home"),
        *("-device", f"virtio-blk-pci,drive=home,bus=pcie.0,addr={HOME_SLOT}"),
    ]


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def _end(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(ENDING)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdin.close()
    process.stdout.close()
