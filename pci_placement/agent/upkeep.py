"""What is told of given devices to container runtimes, and what a pass does to keep that true."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from pci_placement.claims.answer import ClaimedDevice, Here
from pci_placement.claims.cdi import document
from pci_placement.claims.record import without
from pci_placement.desired import Desired
from pci_placement.discovery.raw.nodes import device_nodes
from pci_placement.errors import PciPlacementError
from pci_placement.model import (
    ClaimRecord,
    ConsumerUuid,
    PciDevice,
    Problem,
    ProviderUuid,
    Severity,
)
from pci_placement.settings import Settings
from pci_placement.state.cdi import CdiFile
from pci_placement.state.claims import Unknown
from pci_placement.state.roots import Roots

from .answers import Pass
from .claim_facts import Asked, Counting
from .claim_record import at_desk
from .turn import Turn

if TYPE_CHECKING:
    from pci_placement.placement import Client

RUNTIMES_NOT_TOLD = "cannot tell container runtimes in {}: {}"
LET_IT_BE_WRITTEN = "let [pci_placement] cdi_dir be a folder that can be written, or leave it empty"


def described(here: Counting, sysfs: str) -> Here:
    """A host as answers describe it."""
    return Here(here.name, here.counts, here.devices, partial(_made, sysfs))


def _made(sysfs: str, device: PciDevice) -> tuple[str, ...]:
    return device_nodes(sysfs, str(device.address))


def tell_runtimes(
    settings: Settings, record: ClaimRecord, here: Counting, sysfs: str
) -> Problem | None:
    """Let container runtimes know all devices that were given, if that is wanted; why not."""
    return _tell(settings, here.root, described(here, sysfs).described_all(record))


def tell_runtimes_of_nothing(settings: Settings, root: ProviderUuid) -> Problem | None:
    """Let container runtimes know that nothing was given below a root; why not."""
    return _tell(settings, root, ())


def _tell(
    settings: Settings, root: ProviderUuid, devices: Iterable[ClaimedDevice]
) -> Problem | None:
    if not settings.cdi_dir:
        return None
    try:
        CdiFile(settings.cdi_dir, root).tell(document(devices))
    except OSError as error:
        told = RUNTIMES_NOT_TOLD.format(settings.cdi_dir, error.strerror)
        return Problem(told, LET_IT_BE_WRITTEN, severity=Severity.WARNING)
    return None


def kept_up(mine: Turn, made: Pass, host: Desired, sysfs: str, look: bool) -> Pass:
    """The same pass, once container runtimes know what is true after it; look as in `keep_up`."""
    client, settings = mine.reconciler.client, mine.reconciler.settings
    here = Counting(mine.root, host, made.report.last_pass)
    if problem := keep_up(settings, mine.roots, client, here, sysfs, look):
        mine.keeper.tell(problem)
    return replace(made, requests=client.sent - mine.sent)


def keep_up(
    settings: Settings, roots: Roots, client: Client, here: Counting, sysfs: str, look: bool
) -> Problem | None:
    """Tell container runtimes what is true after a pass.

    look: forget before whose claims have ended, which is one request for each that is known.
    """
    found = roots.claims(here.root).read()
    if isinstance(found, Unknown):
        return None
    if look and (found.given or found.of_before):
        # what cannot be found out now, or is being changed, is found out next time
        with contextlib.suppress(PciPlacementError), client.within(settings.pass_timeout):
            found = _without_ended(settings, roots, Asked(client, here))
    return tell_runtimes(settings, found, here, sysfs)


def _without_ended(settings: Settings, roots: Roots, asked: Asked) -> ClaimRecord:
    with at_desk(settings, roots, asked.here.root, patience=0) as desk:
        desk.write(without(desk.record, set(_ended(desk.record, asked))))
        return desk.record


def _ended(record: ClaimRecord, asked: Asked) -> Iterator[ConsumerUuid]:
    for who in sorted(record.given.keys() | record.of_before):
        if asked.is_over(asked.client.claims_of(who)):
            yield who
