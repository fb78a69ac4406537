"""How the address of a PCI function is written: `dddd:bb:ss.f`."""

Address = tuple[int, int, int, int]
"""Domain, bus, slot and function."""

_HEX_DIGITS = frozenset("0123456789abcdefABCDEF")


def split(text: str) -> Address | None:
    """Read an address; the domain may have up to eight digits (VMD gives 10000:).

    None for anything else, trailing newlines and non-ASCII digits included.

    Source: Linux, drivers/pci/controller/vmd.c, vmd_find_free_domain.
    """
    digits = text.replace(":", "").replace(".", "")
    if text[-8::3] != "::." or not 9 <= len(digits) == len(text) - 3 <= 13:
        return None
    if not _HEX_DIGITS.issuperset(digits):
        return None
    number = int(digits, 16)
    slot, function = number >> 4 & 0xFF, number & 0xF
    if slot > 0x1F or function > 7:
        return None
    return number >> 20, number >> 12 & 0xFF, slot, function


def written(address: Address) -> str:
    """Write an address as the kernel does."""
    domain, bus, slot, function = address
    return f"{domain:04x}:{bus:02x}:{slot:02x}.{function:x}"
