"""What vendors and products are called: the list that lspci has, where it is installed.

Source: pci.ids; pciutils, lib/names-parse.c, id_parse_list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from .raw.files import read_file

PLACES = ("/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids")
_COMPANIES = ("Corporation", "Corp.", "Inc.", "Inc", "Ltd.", "Limited", "Technologies")
Ids = tuple[str, str]
"""Vendor and product, four hexadecimal digits each."""


def product_names(wanted: Collection[Ids], places: Iterable[str] = PLACES) -> dict[Ids, str]:
    """The names of those of the products that are known; none where no list is installed."""
    if not wanted:
        return {}
    for place in places:
        content = read_file(place)
        if content is not None:
            return parse(content.decode(errors="replace").splitlines(), wanted)
    return {}


def parse(lines: Iterable[str], wanted: Collection[Ids]) -> dict[Ids, str]:
    """Read the list as far as it is about what is wanted; classes follow the vendors."""
    vendors = {vendor for vendor, _ in wanted}
    found: dict[Ids, str] = {}
    vendor, name = "", ""
    for line in lines:
        if line.startswith("C "):
            break
        if line[:1] not in ("", "\t", "#"):
            vendor, _, name = line.partition("  ")
        elif vendor in vendors and line[:1] == "\t" and line[1:2] != "\t":
            product, _, called = line.strip().partition("  ")
            if (vendor, product) in wanted:
                found[vendor, product] = f"{_short(name)} {called}"
    return found


def _short(vendor: str) -> str:
    """A vendor as people call it: without what kind of company it is."""
    words = vendor.partition(",")[0].split()
    return " ".join(words[:-1] if len(words) > 1 and words[-1] in _COMPANIES else words)
