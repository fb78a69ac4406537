"""Reading tests/scenarios/*.yaml: steps, each with the host and configuration of the moment."""

from collections.abc import Iterator
from pathlib import Path

import yaml

from pci_placement.model import PciAddress, Snapshot
from pci_placement.settings import ConfigPath, Settings
from pci_placement.settings import load as load_settings

from . import hosts
from .placements import ROOT, consumer_uuid

SCENARIOS = sorted((Path(__file__).parents[1] / "scenarios").glob("*.yaml"))
ACTIONS = ("claim", "release", "reserve", "add_trait", "rename", "create_foreign", "delete")


def load(path: Path) -> dict:
    return yaml.safe_load(path.read_text())


def steps(scenario: dict) -> Iterator[tuple[dict, Snapshot, str]]:
    """Give each step with the host and configuration that hold in it."""
    host, config = [], ""
    for step in scenario["steps"]:
        host, config = step.get("host", host), step.get("config", config)
        yield step, hosts.snapshot(host), config


def given(step: dict) -> dict[str, frozenset[PciAddress]]:
    """Which devices consumers were given, as far as a step says so: as the record does."""
    return {
        consumer_uuid(who): frozenset(map(PciAddress.parse, addresses))
        for who, addresses in step.get("given", {}).items()
    }


def settings_of(folder: Path, config: str) -> Settings:
    return read_config(write_config(folder, config))


def read_config(*files: Path) -> Settings:
    return load_settings([ConfigPath(str(file)) for file in files])


def write_config(folder: Path, config: str) -> Path:
    file = folder / "zun.conf"
    own = f"[pci_placement]\nroot_provider_name = {ROOT.name}\nstate_dir = {folder}\n"
    file.write_text(own + config)
    return file


def act(step: dict, placement) -> None:
    """Let other users of Placement do what the step says of them."""
    for name in ACTIONS:
        for arguments in step.get(name, []):
            getattr(placement, name)(**arguments)
