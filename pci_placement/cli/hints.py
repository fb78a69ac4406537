"""What to write so that a device of this host is offered, for all commands that speak of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pci_placement.desired import Desired, make_desired
from pci_placement.mapping.alias import alias_names
from pci_placement.mapping.nearest import how_to_offer
from pci_placement.model import PciAddress, PciDevice, Refusal, WhitelistEntry
from pci_placement.settings import Settings

NOT_OFFERED_HERE = "{} of this host is not offered: {}"
MORE_NOT_OFFERED = "{} and {} more of this host are not offered: {}"


def hint(settings: Settings, host: Desired, address: PciAddress) -> str | None:
    """The nearest entry, and the line that offers a device; nothing where it is offered."""
    verdict = host.matching.verdicts.get(address)
    if not isinstance(verdict, Refusal):
        return None

    def judge(entries: Sequence[WhitelistEntry]) -> Desired:
        return make_desired(replace(settings, whitelist=tuple(entries)), host.snapshot)

    return how_to_offer(verdict, host.snapshot, settings.whitelist, judge) or None


def not_offered(settings: Settings, host: Desired, alias: str) -> Iterator[str]:
    """Why devices that an alias means are not offered here, and what to write; once for a why."""
    named = alias_names(settings.aliases)
    groups: dict[str, list[PciDevice]] = {}
    for device in host.snapshot.devices:
        if alias in named(device) and (why := _why(host, device)):
            groups.setdefault(why, []).append(device)
    for why, (first, *more) in groups.items():
        told = "; ".join(filter(None, (why, hint(settings, host, first.address))))
        form = MORE_NOT_OFFERED if more else NOT_OFFERED_HERE
        yield form.format(first.address, *([len(more)] if more else []), told)


def _why(host: Desired, device: PciDevice) -> str:
    """Why a device is not offered; "" where it is."""
    verdict = host.matching.verdicts[device.address]
    return verdict.reason if isinstance(verdict, Refusal) else host.kept.get(device.card_addr, "")
