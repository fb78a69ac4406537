"""`claim …`: which device of this host each consumer has."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pci_placement.agent import ClaimedDevice, Claims
from pci_placement.agent.claim_lines import ClaimLine, Unassigned
from pci_placement.claims.cdi import document
from pci_placement.errors import ClaimRefused
from pci_placement.mapping.find import find_device
from pci_placement.model import Problem, Severity
from pci_placement.text.counts import counted

from .base import PciLister, is_our_table
from .grouped import MIDDLE
from .output import terminal_width

CLAIM = (
    "consumer address provider resource_class vendor_id product_id driver iommu_group devname cdi"
).split()
CLAIM_BRIEF = "address resource_class driver iommu_group devname".split()
CLAIM_LINE = [*CLAIM, "state"]
CLAIM_LINE_BRIEF = "consumer address provider resource_class state".split()
CLAIM_LINE_NARROW = "consumer address state".split()

NOTHING_CLAIMED = "consumer {} has claimed no device of this host"
NO_STATE = "Placement could not be asked: this is what was given, and some of it may have ended"

NO_NODES = (
    "it is not known which nodes of /dev a container needs of {}: bind it to vfio-pci, or hand it "
    "over in another way"
)

Row = dict[str, Any]


class ClaimShow(PciLister):
    """Show which devices of this host a consumer has, and give it those that it has claimed.

    The first answer is chosen and written down; it stays the same until the claim has ended.
    """

    columns = CLAIM
    brief = CLAIM_BRIEF
    whole = ("address",)
    example = "7d0c2f4e-6a3b-4d2c-8c4e-3b9d2b7a5e11"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the consumer, and the other form of the answer."""
        parser.add_argument(
            "consumer", metavar="CONSUMER", help="the uuid of a container, a server"
        )
        parser.add_argument(
            "--format-cdi",
            action="store_true",
            help="print a document of the Container Device Interface instead of a table",
        )

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Ask, and say so where there is nothing."""
        self.refuse_capture()
        devices = self._claims().devices_of(parsed_args.consumer)
        if not devices:
            raise ClaimRefused(NOTHING_CLAIMED.format(parsed_args.consumer))
        self._devices = devices
        return self.table(CLAIM, map(_row, devices))

    def produce_output(self, parsed_args: argparse.Namespace, column_names: Any, data: Any) -> int:
        """Print the table, or the document."""
        if not parsed_args.format_cdi:
            return int(super().produce_output(parsed_args, column_names, data) or 0)
        self.progress.end()
        self.app.stdout.write(f"{json.dumps(_document(self._devices), indent=2)}\n")
        return 0

    def _claims(self) -> Claims:
        return Claims(self.agent(self.settings()))


class ClaimSet(PciLister):
    """Write down which devices a consumer has that had its claim before that was written down.

    Until somebody says it, nobody is given a device that it may have.
    """

    columns = CLAIM
    brief = CLAIM_BRIEF
    whole = ("address",)
    example = "7d0c2f4e-6a3b-4d2c-8c4e-3b9d2b7a5e11 0000:81:10.0"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the consumer, and its devices."""
        parser.add_argument("consumer", metavar="CONSUMER", help="the uuid of who uses them")
        parser.add_argument(
            "addresses", metavar="ADDRESS", nargs="+", help="a device, such as 0000:81:10.0"
        )

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Write it down, and show it."""
        self.refuse_capture()
        settings = self.settings()
        here = self.host(settings).snapshot
        addresses = [find_device(text, here) for text in parsed_args.addresses]
        claims = Claims(self.agent(settings))
        devices = claims.state(parsed_args.consumer, addresses)
        if not devices:
            raise ClaimRefused(NOTHING_CLAIMED.format(parsed_args.consumer))
        return self.table(CLAIM, map(_row, devices))


class ClaimList(PciLister):
    """List the devices that consumers were given, and the claims of which nobody has asked."""

    only_reads = True
    columns = CLAIM_LINE
    whole = ("consumer", "address", "state")
    by_claim = False
    example = "-c consumer -c address -c state"

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Show a person a row for all devices of a claim of which nobody knows which they are."""
        self.by_claim = is_our_table(parsed_args)
        self.brief = CLAIM_LINE_BRIEF if terminal_width() >= MIDDLE else CLAIM_LINE_NARROW
        return super().run(parsed_args)

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Compare what was given with what is claimed."""
        claims = Claims(self.agent(self.settings()))
        lines = claims.lines()
        if any(line.state is None for line in lines):
            self.warn([Problem(NO_STATE, severity=Severity.WARNING)])
        return self.table(CLAIM_LINE, _by_claim(lines) if self.by_claim else map(_line, lines))


def _document(devices: Sequence[ClaimedDevice]) -> Mapping[str, Any]:
    made = document(devices)
    if not made["devices"]:
        bound = ", ".join(f"{d.address} ({d.driver or 'no driver'})" for d in devices)
        raise ClaimRefused(NO_NODES.format(bound))
    return made


def _row(device: ClaimedDevice | Unassigned) -> Row:
    found = {name: getattr(device, name, None) for name in CLAIM}
    address = found["address"]
    return found | {"address": None if address is None else str(address)}


def _line(line: ClaimLine) -> Row:
    return _row(line.device) | {"state": line.state.value if line.state else None}


def _by_claim(lines: Iterable[ClaimLine]) -> Iterator[Row]:
    """A line for all that are the same, with how many devices that is in place of an address."""
    for line, number in Counter(lines).items():
        row = _line(line)
        yield row | {"address": row["address"] or counted(number, "device")}
