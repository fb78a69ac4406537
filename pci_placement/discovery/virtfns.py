"""The VFs that PFs name: `virtfnN` in the directory of a PF, the other end of `physfn`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress

from pci_placement.model import PciAddress

from .handles import opened

_PREFIX = "virtfn"


def pfs_by_vf(folder: int, pfs: Iterable[tuple[PciAddress, str]]) -> dict[PciAddress, PciAddress]:
    """The PF of each VF that a PF names; folder holds the directories of the given functions.

    The kernel makes this link before the VF's `physfn` and takes it away before that: a VF that
    is half-made, or half gone, may have either. What cannot be read, or is gone, names nothing.

    Source: Linux, drivers/pci/iov.c, pci_iov_sysfs_link and pci_iov_remove_virtfn.
    """
    return {vf: pf for pf, name in pfs for vf in _named_by(folder, name)}


def _named_by(folder: int, name: str) -> Iterator[PciAddress]:
    with suppress(OSError), opened(name, folder) as device:
        for link in os.listdir(device):
            if link.startswith(_PREFIX):
                with suppress(OSError, ValueError):
                    target = os.readlink(link, dir_fd=device)
                    yield PciAddress.parse(target.rpartition("/")[2])
