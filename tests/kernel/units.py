"""`make units`: the units of etc/ under a real systemd, with their sandbox, on a real kernel."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from keystoneauth1 import session, token_endpoint
from support.command import by_token

from pci_placement.embedded import EmbeddedPlacement
from pci_placement.model import PciAddress
from pci_placement.placement import Client, of_session

from .hand import Hand
from .host import Host
from .lists import ROOT_NAME
from .machine import HOME_SLOT, Machine, booted

AGENT, ONCE, TIMER = "pci-placement-agent.service", "pci-placement.service", "pci-placement.timer"
CONFIG = "/etc/pci-placement/pci-placement.conf"
HOME = PciAddress.parse(f"0000:00:{int(HOME_SLOT, 16):02x}.0")
GUESTS_VIEW = "10.0.2.2"
PROMISED = 5.0
PATIENCE = 60.0
"""Seconds for what nobody promises; the guest is slow."""

LISTS = """
[pci]
device_spec = {{"vendor_id": "8086", "product_id": "10ca", "physical_network": "physnet1"}}
device_spec = {{"address": "{home}"}}
alias = {{"name": "{nic}", "vendor_id": "8086", "product_id": "10ca", "device_type": "type-VF"}}

[placement]
{placement}

[pci_placement]
root_provider_name = {root}
sync_interval = 15
settle_time = 1
"""
DROP_IN = "/etc/systemd/system/{}.d/{}.conf"


class UnitsError(Exception):
    """A command that must work does not."""


class Systemd:
    """The guest's systemd, as an operator speaks with it."""

    def __init__(self, hand: Hand) -> None:
        self._hand = hand

    def shell(self, line: str) -> str:
        """Run a line of bash that must work."""
        code, out, err = self._hand.run(command=["bash", "-c", line])
        if code:
            raise UnitsError(f"{line}: {code} {out} {err}")
        return str(out)

    def does(self, *words: str) -> bool:
        """Whether systemctl does something, and says so with 0."""
        return self._hand.run(command=["systemctl", *words])[0] == 0

    def show(self, unit: str, name: str) -> str:
        """A property of a unit."""
        return self.shell(f"systemctl show -P {name} {unit}").strip()

    def write(self, path: str, text: str) -> None:
        """Write a file."""
        self.shell(f"mkdir -p $(dirname {path}); cat > {path} <<'END'\n{text}\nEND")

    def drop_in(self, unit: str, name: str, *lines: str) -> None:
        """Override something of a unit, or no longer."""
        text = "\n".join(["[Service]", *lines]) if lines else ""
        self.write(DROP_IN.format(unit, name), text)
        self.shell("systemctl daemon-reload")

    def log(self, unit: str) -> list[str]:
        """What a unit has written."""
        return self.shell(f"journalctl -o cat -u {unit}").splitlines()


class Units:
    """Tries what doc/service.md says, and notes what is otherwise."""

    def __init__(self, machine: Machine, placement: EmbeddedPlacement, say: Callable) -> None:
        hand = machine.hand()
        self.host, self.systemd = Host(machine, hand), Systemd(hand)
        self.faults: list[str] = []
        self._say, self._placement = say, placement
        auth = token_endpoint.Token(placement.url, "admin")
        self._client = Client(of_session(session.Session(auth), None, None))
        self._nic = self._second_nic()

    def _second_nic(self) -> str:
        found = self.systemd.shell(
            "grep -l 0x10c9 /sys/bus/pci/devices/*/device | xargs dirname | xargs -n1 basename"
        )
        return found.split()[-1]

    def holds(self, what: str, is_so: bool) -> None:
        """Note that something is as it should be, or is not."""
        self._say(f"{'  ok ' if is_so else 'FAULT'}  {what}")
        if not is_so:
            self.faults.append(what)

    def comes(self, what: str, is_so: Callable[[], bool], within: float = PATIENCE) -> None:
        """The same of what takes time."""
        began = time.monotonic()
        while not (so := is_so()) and time.monotonic() - began < within:
            time.sleep(0.1)
        self.holds(f"{what} ({time.monotonic() - began:.1f} s)", so)

    def offers(self, what: str, wanted: dict[str, int], within: float = PATIENCE) -> None:
        """What can be claimed is this, after a while."""
        self.comes(what, lambda: self.free() == wanted, within)
        if self.free() != wanted:
            self._say(f"       it is {self.free()}")

    def configure(self, nic: str = "nic", more: str = "") -> None:
        """Write the configuration as root does, for the service's group to read."""
        url = self._placement.url.replace("127.0.0.1", GUESTS_VIEW)
        text = LISTS.format(home=HOME, nic=nic, placement=by_token(url), root=ROOT_NAME)
        self.systemd.write(CONFIG, text + more)
        self.systemd.shell(f"chown root:pci-placement {CONFIG}; chmod 640 {CONFIG}")

    def free(self) -> dict[str, int]:
        """How much of each class can be claimed below the node."""
        free: dict[str, int] = {}
        for one in self._get("/resource_providers")["resource_providers"]:
            inventories = self._get(f"/resource_providers/{one['uuid']}/inventories")
            for name, have in inventories["inventories"].items():
                free[name] = free.get(name, 0) + have["total"] - have["reserved"]
        return {name: n for name, n in free.items() if n and name.startswith("CUSTOM_PCI_")}

    def _get(self, path: str) -> dict:
        return self._client.send("GET", path)

    def run(self) -> None:
        """Everything, in the order in which an operator would."""
        self._placement.create_compute_node(ROOT_NAME)
        self.host.set_vfs(self._nic, 2)
        self.configure()
        self.starts()
        self.follows()
        self.reloads()
        self.is_watched()
        self.sees_what_is_mounted()
        self.refuses()
        self.runs_once()

    def starts(self) -> None:
        """It is up after a pass, as nobody in particular."""
        self.holds("it starts", self.systemd.does("start", AGENT))
        self.holds("it runs as its user", self.systemd.show(AGENT, "User") == "pci-placement")
        status = self.systemd.show(AGENT, "StatusText")
        self.holds(
            f"its status is a sentence: {status}",
            status.startswith("2 devices in 2 providers; 1 not"),
        )
        self.offers("the VFs are on offer, /home is not", {"CUSTOM_PCI_NIC": 2})
        pid = self.systemd.show(AGENT, "MainPID")
        rights = self.systemd.shell(f"grep -h Cap /proc/{pid}/status").split()[1::2]
        self.holds("it has no capability", set(rights) == {"0" * 16})
        mount = self.systemd.shell(f"grep ' /sys sysfs ' /proc/{pid}/mounts").split()
        self.holds("its /sys is read-only", mount[3].split(",")[0] == "ro")

    def follows(self) -> None:
        """The kernel is heard in the sandbox."""
        self.host.set_vfs(self._nic, 5)
        self.offers("5 VFs are on offer", {"CUSTOM_PCI_NIC": 5}, 2 * PROMISED)
        heard = [line for line in self.systemd.log(AGENT) if "cannot be heard" in line]
        self.holds("the kernel can be heard", heard == [])

    def reloads(self) -> None:
        """A good configuration counts after a reload, a bad one does not."""
        self.configure(nic="fast")
        self.holds("it reloads", self.systemd.does("reload", AGENT))
        self.offers("another alias counts", {"CUSTOM_PCI_FAST": 5})
        self.configure(more="settle_time = soon\n")
        self.holds("it reloads what is wrong", self.systemd.does("reload", AGENT))
        self.comes(
            "what is wrong is told",
            lambda: any("the last good one stays" in line for line in self.systemd.log(AGENT)),
        )
        self.holds("it goes on", self.systemd.show(AGENT, "ActiveState") == "active")
        self.configure()
        self.systemd.does("reload", AGENT)
        self.offers("the first alias counts again", {"CUSTOM_PCI_NIC": 5})

    def is_watched(self) -> None:
        """A process that does nothing any more is replaced."""
        self.systemd.drop_in(AGENT, "watchdog", "WatchdogSec=8s", "TimeoutStopSec=2s")
        self.systemd.does("restart", AGENT)
        pid = self.systemd.show(AGENT, "MainPID")
        self.systemd.shell(f"kill -STOP {pid}")
        self.comes(
            "the watchdog starts it anew",
            lambda: (
                int(self.systemd.show(AGENT, "NRestarts")) >= 1
                and self.systemd.show(AGENT, "MainPID") != pid
                and self.systemd.show(AGENT, "ActiveState") == "active"
            ),
        )
        self.systemd.drop_in(AGENT, "watchdog")
        began = time.monotonic()
        self.holds("it stops", self.systemd.does("stop", AGENT))
        self.holds("in time", time.monotonic() - began < 2 * PROMISED)
        self.holds("and well", self.systemd.show(AGENT, "Result") == "success")

    def sees_what_is_mounted(self) -> None:
        """What doc/service.md warns of is so: who does not see a mounted disk offers it."""
        told = [line for line in self.systemd.log(AGENT) if str(HOME) in line]
        self.holds("that /home is not given away is told", any("/home" in line for line in told))
        self.systemd.drop_in(AGENT, "home", "ProtectHome=yes")
        self.systemd.does("start", AGENT)
        self.comes("with ProtectHome=yes it would be given away", lambda: len(self.free()) == 2)
        self.systemd.drop_in(AGENT, "home")
        self.systemd.does("restart", AGENT)
        self.offers("without it, it no longer is", {"CUSTOM_PCI_NIC": 5})
        self.systemd.does("stop", AGENT)

    def refuses(self) -> None:
        """A configuration that is wrong, or not for it to read, is no reason to try for ever."""
        self.configure(more="settle_time = soon\n")
        self._does_not_start("a configuration that is wrong", "settle_time")
        self.configure()
        self.systemd.shell(f"chown root:root {CONFIG}")
        self._does_not_start("a configuration of somebody else", "permission denied")
        self.configure()

    def _does_not_start(self, what: str, told: str) -> None:
        self.holds(f"{what}: it does not start", not self.systemd.does("start", AGENT))
        self.holds("its exit code is 2", self.systemd.show(AGENT, "ExecMainStatus") == "2")
        self.holds("the reason is told", any(told in line for line in self.systemd.log(AGENT)))
        self.holds("it is not tried again", self.systemd.show(AGENT, "NRestarts") == "0")
        self.systemd.does("reset-failed", AGENT)

    def runs_once(self) -> None:
        """The timer and its service."""
        self.host.set_vfs(self._nic, 3)
        self.holds("one pass is made", self.systemd.does("start", ONCE))
        self.offers("3 VFs are on offer", {"CUSTOM_PCI_NIC": 3})
        self.holds("it is no failure", self.systemd.show(ONCE, "Result") == "success")
        self._placement.stop()
        self.systemd.shell("rm -f /var/lib/pci-placement/*.quiet")
        self.holds("without Placement it is none either", self.systemd.does("start", ONCE))
        told = self.systemd.log(ONCE)
        self.holds("but no pass, which is told", any("no pass: no answer" in line for line in told))
        self._placement.start()
        self.holds("the timer starts", self.systemd.does("start", TIMER))
        self.host.set_vfs(self._nic, 4)
        self.offers("and makes a pass", {"CUSTOM_PCI_NIC": 4}, 3 * PATIENCE)


def try_units(image: Path, say: Callable[[str], None]) -> Sequence[str]:
    """Boot, try everything, and give what does not hold."""
    run, tables = image / "run", image / "placement"
    for old in tables.glob("placement.*"):
        old.unlink()
    with (
        booted(image, run, say, "init-systemd") as machine,
        EmbeddedPlacement(tables) as placement,
    ):
        units = Units(machine, placement, say)
        try:
            units.run()
        finally:
            with contextlib.suppress(UnitsError):
                journal = units.systemd.shell("journalctl -b -o short-iso")
                (run / "journal.log").write_text(journal)
        return units.faults
