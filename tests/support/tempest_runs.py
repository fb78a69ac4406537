"""A real Tempest with our plugin, as an operator runs it, and what it says."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path

import yaml

from .daemons import PATIENCE
from .keystone import PROJECT, REGION, Cloud, password

TEMPEST = Path(sys.executable).with_name("tempest")
ADMINISTRATOR, NOBODY = "admin", "member"

PAGE = Path(__file__).parents[2] / "doc" / "tempest.md"
CONFIGURATION = re.search(r"^```cfg\n(.*?)^```", PAGE.read_text(), re.M | re.S)[1]
"""As an operator reads it there."""


@dataclass
class Said:
    """What a run said, and how many tests ended how."""

    code: int
    text: str

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many passed, were skipped and failed."""
        told = dict(re.findall(r"^ - (Passed|Skipped|Failed): (\d+)$", self.text, re.M))
        assert len(told) == 3, self.text
        return int(told["Passed"]), int(told["Skipped"]), int(told["Failed"])


class Operator:
    """Who has a folder with tempest.conf, and accounts that are there already."""

    def __init__(self, folder: Path, cloud: Cloud) -> None:
        self.folder = folder
        self._cloud = cloud
        self._running: subprocess.Popen | None = None
        (folder / "accounts.yaml").write_text(
            yaml.safe_dump([self._account(user) for user in (ADMINISTRATOR, NOBODY)])
        )

    def _account(self, user: str) -> dict[str, object]:
        known = {"username": user, "password": password(user), "project_name": PROJECT}
        return {**known, "domain_name": "Default", "roles": [user]}

    def run(self, checks: str = "pci_placement", region: str = REGION, **own: object) -> Said:
        """Run those checks whose names match."""
        self._configure(region, own)
        self._running = subprocess.Popen(
            [TEMPEST, "run", "--config-file", "tempest.conf", "--serial", "--regex", checks],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), "PYTHONWARNINGS": "ignore"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        text, _ = self._running.communicate(timeout=PATIENCE)
        return Said(self._running.returncode, text)

    def kill(self) -> None:
        """Kill the run that is under way, with all the processes that it has started."""
        os.killpg(self._running.pid, signal.SIGKILL)

    def forget_accounts(self) -> None:
        """Say that nobody uses the accounts, as after a kill: Tempest notes them in files."""
        shutil.rmtree(self.folder / "locks")

    def _configure(self, region: str, own: dict[str, object]) -> None:
        conf = ConfigParser()
        conf.read_string(CONFIGURATION)
        conf["identity"]["uri_v3"] = self._cloud.auth_url
        conf["identity"]["region"] = conf["placement"]["region"] = region
        conf["pci_placement"] = {name: str(value) for name, value in own.items()}
        with (self.folder / "tempest.conf").open("w") as file:
            conf.write(file)
