"""What happens in a soak, drawn from a seed."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from pci_placement.desired import make_desired
from pci_placement.model import PciAddress, ProviderTree

from .follow import LIMIT, Step
from .lists import NAME
from .scenario import ADD, BROUGHT, PLUGGED, REMOVE, RENAMED, TAKEN
from .stage import Stage
from .wish import is_as_wanted

ANY = (ADD, REMOVE)
MOST = {"nic": 7, "disk": 8}
CARDS = (
    ("spare0", "e1000e", PLUGGED[0], {"netdev": "wire2"}),
    ("spare0", "igb", PLUGGED[0], {"netdev": "wire2"}),
    ("spare1", "nvme", PLUGGED[1], {"serial": "PLUGGED"}),
)


class Steps:
    """Draws one step after the other; knows what the host is like.

    A kind of step that cannot be just now gives None.
    """

    def __init__(self, stage: Stage, draw: Random) -> None:
        self._stage, self._host, self._draw = stage, stage.host, draw
        self._away = ""
        self._plugged: dict[str, str] = {}
        self._tree: ProviderTree | None = None

    def next(self) -> Step:
        """Something that happens to the host."""
        kinds = (self._vfs, self._plug, self._driver, self._interface, self._churn)
        while True:
            (kind,) = self._draw.choices(kinds, (6, 4, 2, 3, 2))
            step = kind()
            if step:
                return step

    def restore(self) -> None:
        """Give the first NIC its name and place back."""
        if self._away:
            self._back()

    def learn(self) -> None:
        """From now on Placement is to be as the host of now is."""
        self._tree = make_desired(self._stage.settings, self._stage.look()).tree

    def wanted(self, ours) -> bool:
        """Whether Placement is."""
        return self._tree is not None and is_as_wanted(self._tree, ours)

    def _step(self, name: str, act: Callable[[], object], *events: tuple[str, str]) -> Step:
        def acted(_: Stage) -> None:
            act()
            self.learn()

        return Step(name, acted, self.wanted, events, LIMIT)

    def _pfs(self) -> list[tuple[PciAddress | str, int]]:
        cards = self._stage.cards
        nics = [cards.named_nic, cards.other_nic]
        nics += [PLUGGED[0]] if self._plugged.get("spare0") == "plugged-igb" else []
        return [*((nic, MOST["nic"]) for nic in nics), (cards.split_disk, MOST["disk"])]

    def _vfs(self) -> Step | None:
        pf, most = self._draw.choice(self._pfs())
        number, before = self._draw.randint(0, most), len(self._host.vfs(pf))
        if number == before:
            return None
        return self._step(f"{pf}: {number} VFs", lambda: self._host.set_vfs(pf, number), *ANY)

    def _churn(self) -> Step:
        pfs = [self._draw.choice(self._pfs()) for _ in range(self._draw.randint(2, 6))]
        numbers = [(pf, self._draw.randint(1, most)) for pf, most in pfs]

        def churn() -> None:
            for pf, number in numbers:
                self._host.set_vfs(pf, number)

        return self._step(f"{len(numbers)} changes of VFs at once", churn, *ANY)

    def _plug(self) -> Step:
        port, driver, address, more = self._draw.choice(CARDS)
        card = self._plugged.pop(port, None)
        if card:
            return self._step(f"{card} pulled", lambda: self._pull(card, address), REMOVE)
        self._plugged[port] = f"plugged-{driver}"
        plug = lambda: self._push(port, driver, address, more)  # noqa: E731  done in its step
        return self._step(f"{driver} plugged in", plug, ADD)

    def _push(self, port: str, driver: str, address: str, more: dict[str, str]) -> None:
        self._host.plug(f"plugged-{driver}", port, driver, **more)
        self._host.await_presence(address, True)

    def _pull(self, card: str, address: str) -> None:
        self._host.unplug(card)
        self._host.await_presence(address, False)

    def _driver(self) -> Step | None:
        """Nothing that Placement has to follow: what it has must only stay right."""
        vfs = [vf for nic in self._nics() for vf in self._host.vfs(nic)]
        if not vfs:
            return None
        vf, driver = self._draw.choice(vfs), self._draw.choice(["", "vfio-pci", None])
        act = lambda: self._host.unbind(vf) if driver is None else self._host.bind(vf, driver)  # noqa: E731  done in its step
        name = {None: "none", "": "its own"}.get(driver, driver)
        return self._step(f"{vf}: driver {name}", act)

    def _nics(self) -> tuple[PciAddress, PciAddress]:
        return self._stage.cards.named_nic, self._stage.cards.other_nic

    def _interface(self) -> Step:
        if self._away:
            event = RENAMED if self._away == "renamed" else BROUGHT
            return self._step(f"no longer {self._away}", self._back, event)
        self._away = self._draw.choice(["renamed", "in another namespace"])
        if self._away == "renamed":
            return self._step("renamed", lambda: self._host.rename(NAME, "renamed0"), RENAMED)
        return self._step("in another namespace", lambda: self._host.take_away(NAME), TAKEN)

    def _back(self) -> None:
        if self._away == "renamed":
            self._host.rename("renamed0", NAME)
        else:
            self._host.bring_back(NAME)
        self._away = ""
