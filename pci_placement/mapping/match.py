"""Which devices are offered: the snapshot, the whitelist and the aliases put together.

A PF is offered whole or through its VFs, never both by accident: the usual SR-IOV entry, the name
of the PF's interface and a physical network, selects the PF and its VFs.

Source: nova-specs, 2023.1, pci-device-tracking-in-placement, "Dependent device handling".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pci_placement.discovery.selection import Chooser, Selector, chooser, may_select_vfs, selector
from pci_placement.model import (
    DevType,
    Match,
    Matching,
    PciAddress,
    PciAlias,
    PciDevice,
    Refusal,
    Snapshot,
    State,
    Verdict,
    WhitelistEntry,
)

from .alias import Named, alias_names, wants_vfs_of
from .awaited import remote_vfs

BRIDGE = "a bridge carries other devices and is never offered"
NOT_LISTED = "no whitelist entry matches"
REMOTE_MANAGED = "remote_managed: such devices belong to nova and neutron"
VFS_OF_A_DPU = "VFs of {} are remote_managed: the card belongs to nova, neutron and its DPU"
VFS_OFFERED = "its VFs are offered instead of the whole card"
VFS_MEANT = "its entry selects its VFs as well, so they are meant; but none of them is offered"
VFS_AWAITED = "it is offered through its VFs, and it has none at present"
UNALIASED = "no alias names it, and [pci_placement] unaliased = ignore"
NOVA_REPORTS = (
    "no alias names it, and nova or cyborg report PCI devices on this node: under a class made of "
    "its ids it could be taken for one of theirs"
)
ELSEWHERE = "{} reports this card already: take it off one of the two whitelists"
ALLOW_HOST_USE = '"allow_host_use": true in its entry offers it all the same'
NO_PF = "{} has VFs and says that it can have none (sriov_totalvfs)"
PF_NOT_VISIBLE = "its PF {} is not visible"
PF_AND_VFS = "the whole card ({}) and its VFs ({}) are both offered: change one of the two entries"


def match_devices(
    snapshot: Snapshot,
    whitelist: Sequence[WhitelistEntry],
    aliases: Sequence[PciAlias],
    offer_unaliased: bool = True,
    elsewhere: Mapping[PciAddress, str] | None = None,
    exclusive: bool = False,
    left: Mapping[PciAddress, str] | None = None,
) -> Matching:
    """Decide about every device that could be read, and say why one is not offered.

    elsewhere are cards that another service reports to Placement, with the names of its providers;
    left are those that this host still offers below another root, with what to tell of them.
    With exclusive (pf_vf_exclusive) a PF may be offered beside its VFs.
    """
    selects, choose = selector(snapshot), chooser(snapshot, whitelist)
    named, elsewhere = alias_names(aliases), elsewhere or {}
    verdicts: dict[PciAddress, Verdict] = {
        device.address: _listed(device, choose, named, _refusal(device, offer_unaliased, elsewhere))
        for device in snapshot.devices
    }
    vfs, awaits_remote = _vfs_by_pf(snapshot), remote_vfs(snapshot, whitelist)
    for device in snapshot.devices:
        if device.dev_type is DevType.PF:
            own = vfs.get(device.address, [])
            if not own and awaits_remote(device):
                verdicts |= _of_a_dpu(verdicts, [device])
            verdicts |= _weigh(verdicts, device, own, aliases, selects, exclusive)
        elif device.parent_addr:
            verdicts |= _parentless(verdicts, device)
    for address, use in snapshot.in_use.items():
        verdicts |= _spare(verdicts.get(address), use)
    told = {card: ELSEWHERE.format(name) for card, name in elsewhere.items()} | {**(left or {})}
    verdicts |= _given_elsewhere(verdicts, told)
    return Matching(verdicts, {card: told[card] for card in snapshot.unsure if card in told})


def _given_elsewhere(
    verdicts: Mapping[PciAddress, Verdict], told: Mapping[PciAddress, str]
) -> dict[PciAddress, Verdict]:
    return {
        address: Refusal(verdict.device, State.NOT_OURS, told[verdict.device.card_addr])
        for address, verdict in verdicts.items()
        if verdict.device.card_addr in told and not _is_ignored(verdict)
    }


def _is_ignored(verdict: Verdict) -> bool:
    return isinstance(verdict, Refusal) and verdict.state is State.IGNORED


def _refusal(device: PciDevice, offer_unaliased: bool, elsewhere: Mapping[PciAddress, str]) -> str:
    """Why a device that no alias names is not offered; a card that is reported itself is held."""
    if not offer_unaliased:
        return UNALIASED
    return NOVA_REPORTS if elsewhere and device.card_addr not in elsewhere else ""


def _listed(
    device: PciDevice,
    choose: Chooser,
    named: Named,
    refuse_unaliased: str,
) -> Verdict:
    """What the lists say about a device by itself; the first entry that selects it counts."""
    entry = next(choose(device), None)
    if device.is_bridge:
        return _ignore(device, BRIDGE)
    if entry is None:
        return _ignore(device, NOT_LISTED)
    if entry.tags.remote_managed:
        return _ignore(device, REMOTE_MANAGED)
    match = Match(device, entry, named(device))
    has_class = match.aliases or entry.tags.resource_class
    return match if has_class or not refuse_unaliased else _ignore(device, refuse_unaliased)


def _ignore(device: PciDevice, reason: str) -> Refusal:
    return Refusal(device, State.IGNORED, reason)


def _vfs_by_pf(snapshot: Snapshot) -> dict[PciAddress, list[PciDevice]]:
    vfs: dict[PciAddress, list[PciDevice]] = {}
    for device in snapshot.devices:
        if device.parent_addr is not None:
            vfs.setdefault(device.parent_addr, []).append(device)
    return vfs


def _weigh(
    verdicts: Mapping[PciAddress, Verdict],
    pf: PciDevice,
    vfs: Sequence[PciDevice],
    aliases: Sequence[PciAlias],
    selects: Selector,
    exclusive: bool,
) -> dict[PciAddress, Verdict]:
    """Settle a PF that is listed: whole, or through its VFs, or a conflict that holds the card."""
    match = verdicts[pf.address]
    if not isinstance(match, Match):
        return {}
    if any(_is_remote(verdicts[vf.address]) for vf in vfs):
        return _of_a_dpu(verdicts, [pf, *vfs])
    rival = next((v for vf in vfs if isinstance(v := verdicts[vf.address], Match)), None)
    if not _whole(match, vfs, aliases, selects):
        return {pf.address: _ignore(pf, _instead(vfs, rival))}
    if rival is None or exclusive:
        return {}
    reason = PF_AND_VFS.format(match.entry.source, rival.entry.source)
    return _hold(verdicts, [pf, *vfs], reason)


def _of_a_dpu(
    verdicts: Mapping[PciAddress, Verdict], card: Sequence[PciDevice]
) -> dict[PciAddress, Verdict]:
    """A PF, the first of a card, goes where its VFs go."""
    reason = VFS_OF_A_DPU.format(card[0].address)
    return _hold(verdicts, card, reason, State.NOT_OURS)


def _is_remote(verdict: Verdict) -> bool:
    return isinstance(verdict, Refusal) and verdict.reason == REMOTE_MANAGED


def _instead(vfs: Sequence[PciDevice], offered: Match | None) -> str:
    """Why a PF is not offered whole."""
    if not vfs:
        return VFS_AWAITED
    return VFS_OFFERED if offered else VFS_MEANT


def _whole(
    match: Match, vfs: Sequence[PciDevice], aliases: Sequence[PciAlias], selects: Selector
) -> bool:
    """Whether a listed PF is meant as a whole card.

    It is where its entry says type-PF, or cannot select its VFs; where it has no VFs yet, also
    if no alias of type-VF waits for them.
    """
    if match.entry.tags.device_type is DevType.PF:
        return True
    if vfs:
        return not any(selects(match.entry, vf) for vf in vfs)
    return not (may_select_vfs(match.entry, match.device) and wants_vfs_of(match.device, aliases))


def _parentless(verdicts: Mapping[PciAddress, Verdict], vf: PciDevice) -> dict[PciAddress, Verdict]:
    """Hold a VF whose PF cannot be seen, or does not look like one, and that with it."""
    parent = verdicts.get(vf.card_addr)
    if parent is None:
        return _hold(verdicts, [vf], PF_NOT_VISIBLE.format(vf.card_addr))
    if parent.device.dev_type is not DevType.PF:
        return _hold(verdicts, [vf, parent.device], NO_PF.format(vf.card_addr))
    return {}


def _spare(verdict: Verdict | None, use: str) -> dict[PciAddress, Verdict]:
    """Do not give what the host itself lives on, unless its entry insists."""
    if not isinstance(verdict, Match) or verdict.entry.tags.allow_host_use:
        return {}
    refused = Refusal(verdict.device, State.NOT_OURS, f"{use}; {ALLOW_HOST_USE}")
    return {verdict.device.address: refused}


def _hold(
    verdicts: Mapping[PciAddress, Verdict],
    devices: Sequence[PciDevice],
    reason: str,
    state: State = State.HELD,
) -> dict[PciAddress, Verdict]:
    """Hold those of the devices that would otherwise be offered."""
    return {
        device.address: Refusal(device, state, reason)
        for device in devices
        if isinstance(verdicts[device.address], Match)
    }
