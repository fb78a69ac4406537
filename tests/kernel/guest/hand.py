"""What acts in the guest for the outside: a line of JSON asks over TCP, a line answers.

It runs on the guest's Python with the package beside it, so that /sys is read here by the reader
that the agent has. Times are of the guest's clock that counts from its boot.
"""

from __future__ import annotations

import base64
import json
import os
import pickle
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from pci_placement.discovery.scan import scan

PORT = 7000
SHARED = Path("/mnt/run")
NETLINK_KOBJECT_UEVENT, FROM_KERNEL = 15, 1
SO_RCVBUFFORCE = 33
ROOM = 2**24
"""Bytes of events that may wait: more than there are."""

EVENTS: list[tuple[float, str, str, str]] = []
"""When each event of the kernel was there, its action, subsystem and path."""

STARTED: dict[int, subprocess.Popen] = {}


def listen() -> None:
    """Take down all events of the kernel."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, NETLINK_KOBJECT_UEVENT) as kernel:
        kernel.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, ROOM)
        kernel.bind((0, FROM_KERNEL))
        while True:
            head, *fields = kernel.recv(65536).decode(errors="replace").split("\0")
            known = dict(field.partition("=")[::2] for field in fields)
            action, _, path = head.partition("@")
            EVENTS.append((time.monotonic(), action, known.get("SUBSYSTEM", ""), path))


def clock() -> list[float]:
    """Seconds since the boot, and since 1970 as the agent's log has them."""
    return [time.monotonic(), time.time()]


def count() -> int:
    """How many events there were."""
    return len(EVENTS)


def events(since: int) -> list:
    """The events from this number on."""
    return EVENTS[since:]


def write(path: str, text: str) -> int:
    """Write into a file of the kernel; gives the number of the error, 0 for none."""
    try:
        descriptor = os.open(path, os.O_WRONLY)
        try:
            os.write(descriptor, text.encode())
        finally:
            os.close(descriptor)
    except OSError as error:
        return error.errno
    return 0


def run(command: list[str]) -> list:
    """Run a command: its exit code, what it said on stdout and on stderr."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return [done.returncode, done.stdout, done.stderr]


def start(command: list[str], log: str) -> int:
    """Start a program that goes on; gives its process id."""
    with (SHARED / log).open("ab") as file:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
    STARTED[process.pid] = process
    return process.pid


def ended(pid: int) -> int | None:
    """The exit code of what was started; None while it runs."""
    return STARTED[pid].poll()


def signal(pid: int, number: int) -> None:
    """Send it a signal."""
    STARTED[pid].send_signal(number)


def end(pid: int, number: int) -> int:
    """Send a signal that ends it, and wait for the end; gives the exit code."""
    STARTED[pid].send_signal(number)
    return STARTED[pid].wait()


def size(pid: int) -> dict[str, float]:
    """Memory in KiB, threads, open files and seconds of CPU of a process."""
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    spent = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[11:13]
    return {
        "rss": int(status["VmRSS"].split()[0]),
        "threads": int(status["Threads"]),
        "files": len(os.listdir(f"/proc/{pid}/fd")),
        "cpu": sum(map(int, spent)) / os.sysconf("SC_CLK_TCK"),
    }


def snapshot() -> str:
    """The host as the agent would see it now."""
    return base64.b64encode(pickle.dumps(scan())).decode()


def names(path: str) -> list[str]:
    """What is in a folder; nothing where there is none."""
    try:
        return sorted(os.listdir(path))
    except OSError:
        return []


def link(path: str) -> str:
    """The last part of what a link leads to; empty where there is none."""
    try:
        return os.path.basename(os.readlink(path))
    except OSError:
        return ""


def read(path: str) -> str:
    """All that is in a file."""
    return base64.b64encode(Path(path).read_bytes()).decode()


def spin(times: int) -> float:
    """Seconds that a loop takes here, so that it can be told how slow this guest is."""
    began = time.perf_counter()
    sum(i * i for i in range(times))
    return time.perf_counter() - began


DO: dict[str, Callable] = {
    each.__name__: each
    for each in (
        clock, count, events, write, run, start, ended, signal, end, size, snapshot, names, link,
        read, spin,
    )
}  # fmt: skip


class Asked(socketserver.StreamRequestHandler):
    """One connection from the outside."""

    def handle(self) -> None:
        for line in self.rfile:
            what, arguments = json.loads(line)
            try:
                answer = {"answer": DO[what](**arguments)}
            except Exception as error:
                answer = {"error": repr(error)}
            self.wfile.write(f"{json.dumps(answer)}\n".encode())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


def main() -> None:
    threading.Thread(target=listen, daemon=True).start()
    with Server(("10.0.2.15", PORT), Asked) as server:
        (SHARED / "ready").touch()
        server.serve_forever()


sys.exit(main())
