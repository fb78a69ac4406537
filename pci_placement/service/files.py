"""The configuration files, and whether they are still what was read."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass

from pci_placement.quiet.inputs import digest_of_configuration
from pci_placement.quiet.invocation import Invocation


def invocation_of(arguments: argparse.Namespace) -> Invocation:
    """How this program was called, as far as it decides which files are read."""
    program = sys.argv[0].rpartition("/")[2]
    return Invocation(tuple(arguments.config_paths), arguments.sysfs, program, arguments.quiet)


@dataclass(frozen=True, slots=True)
class Files:
    """All files that are or would be read, and what stood in them at one moment."""

    invocation: Invocation
    digest: str

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> Files:
        """The files as they are now."""
        invocation = invocation_of(arguments)
        return cls(invocation, digest_of_configuration(invocation))

    @property
    def are_others(self) -> bool:
        """Whether something else stands in them now, or in others beside them."""
        return digest_of_configuration(self.invocation) != self.digest
