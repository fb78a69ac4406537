"""The host on disk: /sys, a configuration file, and what both have been and when."""

import itertools
import os
import shutil
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from support.hosts import change_tree, write_tree

from pci_placement.desired import make_desired
from pci_placement.model import ProviderTree, Root, Snapshot
from pci_placement.settings import ConfigPath, load

from .host import Look

SETTLE_TIME = 0.3
KEPT_TREES = 3

Moment = tuple[int, int]
"""Which configuration and which hardware, by number."""


@dataclass(frozen=True, slots=True)
class Since:
    """Something that holds from some time on, or a little later: when its change began."""

    began: float
    value: object


class World:
    """The host as passes see it, and its history."""

    def __init__(self, folder: Path, root: Root, url: str, look: Look) -> None:
        self.root = root
        self.sysfs, self.config = folder / "sys", folder / "pci-placement.conf"
        self._folder, self._url = folder, url
        self._numbers = itertools.count()
        self._trees: dict[Moment, ProviderTree] = {}
        self._old: list[Path] = []
        self._lock = threading.Lock()
        self.hosts: list[Since] = []
        self.configs: list[Since] = []
        self._swap(look.snapshot)
        self._configure(look)
        self.look = look
        self.settled: Moment = (0, 0)

    def change(self, look: Look, in_place: bool) -> None:
        """Become another look: /sys function by function or in one go, the file in one go."""
        before, self.look = self.look, look
        if look.snapshot == before.snapshot:
            self._configure(look)
        elif in_place:
            self.hosts.append(Since(time.monotonic(), look.snapshot))
            change_tree(self.sysfs.resolve(), before.snapshot, look.snapshot)
        else:
            self._swap(look.snapshot)
        # the newest that whoever begins to look now cannot miss
        self.settled = len(self.configs) - 1, len(self.hosts) - 1

    def _swap(self, snapshot: Snapshot) -> None:
        tree = write_tree(self._folder / f"sys-{next(self._numbers)}", snapshot)
        link = self._folder / "new-sys"
        link.symlink_to(tree.name)
        self.hosts.append(Since(time.monotonic(), snapshot))
        os.replace(link, self.sysfs)
        self._old.append(tree)
        # who reads an older one is reading a host whose devices are just being taken away
        while len(self._old) > KEPT_TREES:
            shutil.rmtree(self._old.pop(0))

    def _configure(self, look: Look) -> None:
        new = self._folder / "new.conf"
        new.write_text(self._text(look), encoding="utf-8")
        settings = load([ConfigPath(str(new))])
        self.configs.append(Since(time.monotonic(), settings))
        os.replace(new, self.config)

    def _text(self, look: Look) -> str:
        own = {
            "root_provider_uuid": self.root.uuid,
            "root_provider_name": self.root.name,
            "state_dir": self._folder / "state",
            "settle_time": SETTLE_TIME,
            **look.options,
        }
        lines = [f"{key} = {value}" for key, value in own.items()]
        access = ["auth_type = admin_token", f"endpoint = {self._url}", "token = admin"]
        return "\n".join(["[pci_placement]", *lines, "[placement]", *access, look.lists, ""])

    def window(self, floor: Moment, until: float) -> list[Moment]:
        """Every pair of a configuration and a hardware that a pass may have seen since."""
        lists = (self.configs, self.hosts)
        numbers = [
            [n for n in range(first, len(known)) if known[n].began <= until]
            for first, known in zip(floor, lists, strict=True)
        ]
        return list(itertools.product(*numbers))

    def known(self) -> list[Moment]:
        """The moments whose trees somebody asked for."""
        with self._lock:
            return list(self._trees)

    def tree(self, moment: Moment) -> ProviderTree:
        """What the host offers at a moment."""
        with self._lock:
            if moment not in self._trees:
                settings, snapshot = self.configs[moment[0]].value, self.hosts[moment[1]].value
                self._trees[moment] = make_desired(settings, snapshot).tree
            return self._trees[moment]
