"""Real events of the kernel of this machine, of a real device, which is left as it is."""

import os
from pathlib import Path

import pytest

DEVICES = Path("/sys/bus/pci/devices")


def teller():
    """What lets the kernel tell that something of a device changed, though nothing did.

    Skips a test where only root may, or where there is no device.
    """
    files = [device / "uevent" for device in sorted(DEVICES.glob("*"))]
    if not files or not os.access(files[0], os.W_OK):
        pytest.skip("only root may let the kernel tell of a PCI device, where there is one")

    def tell(times: int = 1) -> None:
        for _ in range(times):
            files[0].write_text("change")

    return tell
