"""How the place of a PCI function is written: `dddd:bb:ss.f`."""

Address = tuple[int, int, int, int]
"""Domain, bus, slot and function."""

_HEX_DIGITS = frozenset("0123456789abcdefABCDEF")


def split(text: str) -> Address | None:
    """Read an address; the domain may have up to eight digits (VMD gives 10000:).

    None for anything else, trailing newlines and non-ASCII digits included.

    Source: Linux, drivers/pci/controller/vmd.c, vmd_find_free_domain.
    """
    domain, bus, slot, function = text[:-8], text[-7:-5], text[-4:-2], text[-1:]
    if (
        not 4 <= len(domain) <= 8
        or (text[-8], text[-5], text[-2]) != (":", ":", ".")
        or not _HEX_DIGITS.issuperset(domain + bus + slot)
        or slot[0] not in "01"
        or function not in "01234567"
    ):
        return None
    return int(domain, 16), int(bus, 16), int(slot, 16), int(function)


def written(address: Address) -> str:
    """Write an address as the kernel does."""
    domain, bus, slot, function = address
    return f"{domain:04x}:{bus:02x}:{slot:02x}.{function:x}"
