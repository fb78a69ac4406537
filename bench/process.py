"""What a process costs that finds nothing to do, against one that only sends the same request.

Usage: python bench/process.py [PYTHON]

PYTHON is an interpreter with pci-placement and without what its tests need, because keystoneauth
loads osprofiler where that is installed; by default this one. CPU is user and system time, the
least of several runs of each, by turns; memory is the largest resident set.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from node import CONFIG
from support import hosts

from pci_placement.embedded import EmbeddedPlacement

RUNS = 9
BARE = """
import sys
from keystoneauth1 import adapter, session, token_endpoint
placement = adapter.Adapter(
    session.Session(token_endpoint.Token(sys.argv[1], "admin")), service_type="placement"
)
placement.get(f"/resource_providers?in_tree={sys.argv[2]}", microversion="1.39").json()
"""
ONCE = "import sys; from pci_placement.service.main import main; sys.exit(main())"
COMMAND = "import sys; from pci_placement.cli.main import main; sys.exit(main())"
SHAPES = ((8, 16), (16, 64), (64, 129))


def cost(command: list[str]) -> float:
    """The CPU of one process, in milliseconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)
    return 1000 * spent


def costs(commands: dict[str, list[str]]) -> dict[str, float]:
    """The least that each command took; by turns, so that a busy moment meets all of them."""
    runs = [{name: cost(command) for name, command in commands.items()} for _ in range(RUNS)]
    return {name: min(run[name] for run in runs) for name in commands}


def resident(command: list[str]) -> float:
    """The largest resident set of one process, in MiB."""
    told = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], capture_output=True); "
    told += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    done = subprocess.run(
        [sys.executable, "-c", told, *command], check=True, capture_output=True, text=True
    )
    return statistics.median([int(done.stdout)]) / 1024


def cards(pfs: int, vfs: int) -> list[dict]:
    return [
        {
            "address": f"{number:04x}:00:00.0",
            "id": "8086:1572",
            "class": "020000",
            "totalvfs": vfs,
            "vf_device": "154c",
            "vfs": {"first": f"{number:04x}:01:00.0", "count": vfs},
        }
        for number in range(1, pfs + 1)
    ]


def main() -> None:
    python = sys.argv[1] if len(sys.argv) > 1 else sys.executable
    with tempfile.TemporaryDirectory() as folder, EmbeddedPlacement(Path(folder)) as server:
        print(f"{'':>10} {'bare':>9} {'--once':>9} {'ratio':>6} {'MiB':>6}")
        for number, (pfs, vfs) in enumerate(SHAPES):
            server.reset()
            root = server.create_compute_node("node")
            node = Path(folder, str(number))
            node.mkdir()
            tree = hosts.write_tree(node / "sys", hosts.snapshot(cards(pfs, vfs)))
            file = node / "zun.conf"
            file.write_text(CONFIG.format(url=server.url, folder=node / "state", name="node"))
            bare = [python, "-c", BARE, server.url, root]
            options = ["--config-file", str(file), "--sysfs", str(tree)]
            once = [python, "-c", ONCE, "--once", *options]
            for _ in range(2):  # one that writes, one that leaves a note
                cost(once)
            seen = len(server.requests)
            took = costs({"bare": bare, "once": once})
            if len(server.requests) - seen != 2 * RUNS:
                raise SystemExit("these passes were not quiet")
            ratio = took["once"] / took["bare"]
            print(
                f"{pfs:>4} x {vfs:<3} {took['bare']:>6.0f} ms {took['once']:>6.0f} ms "
                f"{ratio:>6.2f} {resident(once):>6.1f}"
            )
        offline = {
            "--version": [python, "-c", COMMAND, "--version"],
            "device list": [python, "-c", COMMAND, *options, "device", "list"],
            "alias list": [python, "-c", COMMAND, *options, "alias", "list"],
        }
        took = costs({"bare": bare, **offline})
        for name in offline:
            print(f"{name:<12} {took[name] / took['bare']:>6.2f} times the bare one")


main()
