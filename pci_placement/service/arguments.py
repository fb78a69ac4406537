"""The command line of `pci-placement-agent`: what is read before anything else is imported."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import pci_placement
from pci_placement.text.usage import tell_in_one_line


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the options; ends the program with 2 where they make no sense.

    config_paths are pairs of a path and whether it is a folder, in the order in which they count.
    """
    return make_parser().parse_args(argv)


def make_parser() -> argparse.ArgumentParser:
    """All options of the program."""
    parser = argparse.ArgumentParser("pci-placement-agent", description=_ABOUT, allow_abbrev=False)
    tell_in_one_line(parser)
    _add_global_options(parser)
    parser.add_argument("--once", action="store_true", help="make one pass and end as sync does")
    parser.add_argument(
        "--log-format",
        choices=("text", "json"),
        default="text",
        help="how a line on stderr is written (default: %(default)s)",
    )
    return parser


_ABOUT = (
    "Keeps Placement true to the PCI devices of this host, pass by pass. SIGHUP reads the "
    "configuration again, SIGUSR1 makes a pass now, SIGTERM ends it."
)


def _add_global_options(parser: argparse.ArgumentParser) -> None:
    """Those of pci-placement."""
    parser.add_argument("--version", action="version", version=pci_placement.__version__)
    _add_config_options(parser)
    parser.add_argument("--sysfs", metavar="DIR", default="/sys", help="default: %(default)s")
    parser.add_argument("--os-cloud", metavar="NAME", help="a cloud of clouds.yaml")
    parser.add_argument(
        "-q", "--quiet", action="store_true", help="only warnings and errors on stderr"
    )
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="a line for every pass, and of the libraries"
    )
    parser.add_argument("--debug", action="store_true", help="a traceback with every error")


def _add_config_options(parser: argparse.ArgumentParser) -> None:
    """Files and folders go into one list, because their order counts."""
    parser.add_argument(
        "--config-file",
        dest="config_paths",
        action="append",
        type=lambda path: (path, False),
        default=[],
        metavar="FILE",
        help="read this configuration (repeatable; default: the usual places of pci-placement)",
    )
    parser.add_argument(
        "--config-dir",
        dest="config_paths",
        action="append",
        type=lambda path: (path, True),
        metavar="DIR",
        help="read all *.conf files of this folder (repeatable)",
    )
