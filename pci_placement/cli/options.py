"""The options that all commands share: where the configuration, /sys and the cloud are."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from pci_placement.discovery.scan import LIVE_SYSFS
from pci_placement.settings import ConfigPath

NOT_IN_RANGE = "{!r} is no whole number from {}"


def add_global_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where everything is."""
    add_host_options(parser)
    parser.add_argument("--os-cloud", metavar="NAME", help="a cloud of clouds.yaml")


def add_host_options(parser: argparse.ArgumentParser, prefix: str = "") -> None:
    """Add the options that say where the configuration and /sys are.

    Files and folders go into one list, because their order counts.
    """
    parser.add_argument(
        f"--{prefix}config-file",
        dest="pci_config_paths",
        action="append",
        type=ConfigPath,
        default=None,
        metavar="FILE",
        help="read this configuration (repeatable; default: the usual places of pci-placement)",
    )
    parser.add_argument(
        f"--{prefix}config-dir",
        dest="pci_config_paths",
        action="append",
        type=lambda path: ConfigPath(path, is_dir=True),
        metavar="DIR",
        help="read all *.conf files of this folder (repeatable)",
    )
    parser.add_argument(
        f"--{prefix}sysfs",
        dest="pci_sysfs",
        metavar="DIR",
        default=LIVE_SYSFS,
        help="a folder that contains bus/, or a file of `host capture` (default: /sys)",
    )


def whole_number(least: int, most: int = sys.maxsize) -> Callable[[str], int]:
    """Give what reads a number in these bounds; argparse would name the function that refuses."""
    bounds = f"{least} to {most}" if most < sys.maxsize else f"{least} on"

    def read(text: str) -> int:
        is_number = text.isascii() and text.isdigit() and len(text) <= len(str(most))
        if not (is_number and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(NOT_IN_RANGE.format(text, bounds))
        return int(text)

    return read
