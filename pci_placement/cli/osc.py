"""The plugin of openstackclient: `openstack pci device list` and so on, the same command classes.

The session is openstackclient's; it looks for the functions and names below.

Source: openstackclient/common/clientmanager.py, get_plugin_modules.
"""

from __future__ import annotations

import argparse
from typing import Any

from pci_placement import placement

from .options import add_host_options

API_NAME = "pci"
API_VERSION_OPTION = "os_pci_api_version"
API_VERSIONS = {"1": "pci_placement.cli.osc.make_client"}
DEFAULT_API_VERSION = "1"


def make_client(instance: Any) -> placement.Client:
    """Give the client that commands find as `client_manager.pci`."""
    adapter = placement.of_session(instance.session, instance.region_name, instance.interface)
    return placement.Client(adapter)


def build_option_parser(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add our global options under names that are free among openstackclient's."""
    add_host_options(parser, "pci-")
    parser.add_argument("--os-pci-api-version", default=DEFAULT_API_VERSION, help=argparse.SUPPRESS)
    return parser
