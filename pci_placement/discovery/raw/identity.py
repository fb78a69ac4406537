"""What a PCI function is: class, vendor id, product id and driver."""

from __future__ import annotations

from .attributes import UnreadableDevice, content, hexadecimal, link, plain, required

Identity = tuple[str, str, str, str | None]
"""Class (six hexadecimal digits), vendor id and product id (four), and driver."""

NO_UEVENT = (
    "has no uevent, and others here have one: it is being removed, or a capture is incomplete"
)


class Uevents:
    """Reads class, ids and driver at once; many functions are of few kinds.

    Source: Linux, drivers/pci/pci-driver.c, pci_uevent.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, Identity] = {}

    def identity(self, device: int) -> Identity:
        """Who a device is; the files stand in for a uevent that does not say it."""
        uevent = content(device, "uevent")
        if uevent is None:
            raise UnreadableDevice(NO_UEVENT)
        before, _, name = uevent.partition(b"\nPCI_SLOT_NAME=")
        kind = before + b"\n" + name.partition(b"\n")[2]  # all but its name is of its kind
        found = self._known.get(kind)
        if found is None:
            found = _told(plain(kind))
            if found is None:
                return without_uevent(device)
            self._known[kind] = found
        return found


def _told(uevent: str) -> Identity | None:
    said = dict(line.split("=", 1) for line in uevent.splitlines() if "=" in line)
    if "PCI_CLASS" not in said or "PCI_ID" not in said:
        return None
    vendor_id, _, product_id = said["PCI_ID"].partition(":")
    return _checked(said["PCI_CLASS"], vendor_id, product_id, said.get("DRIVER"))


def without_uevent(device: int) -> Identity:
    """Who a device is, by the files that say it one by one."""
    return _checked(
        required(device, "class", "class"),
        required(device, "vendor", "vendor id"),
        required(device, "device", "product id"),
        link(device, "driver"),
    )


def _checked(class_code: str, vendor_id: str, product_id: str, driver: str | None) -> Identity:
    return (
        hexadecimal("class", class_code, 6),
        hexadecimal("vendor id", vendor_id, 4),
        hexadecimal("product id", product_id, 4),
        driver,
    )
