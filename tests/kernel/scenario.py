"""The steps of `make kernel-test`, one after the other, while one claim is held."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from support.database import Row

from .follow import Step
from .lists import DISK, NAME, NIC, WHOLE, WHOLE_NIC, WIRE
from .stage import Stage
from .watch import Wanted

ADD, REMOVE = ("add", "pci"), ("remove", "pci")
RENAMED, TAKEN, BROUGHT = ("move", "net"), ("remove", "net"), ("add", "net")
PLUGGED = "0000:43:00.0", "0000:44:00.0"
"""What is plugged into the ports spare0 and spare1."""


def offers(key: object, name: str, total: int) -> Wanted:
    """Whether a provider has so many of a class, none of them reserved."""

    def wanted(ours: Mapping[str, Row]) -> bool:
        stocks = ours[str(key)].stocks if str(key) in ours else {}
        return name in stocks and (stocks[name].total, stocks[name].reserved) == (total, 0)

    return wanted


def absent(key: object) -> Wanted:
    """Whether there is no such provider."""
    return lambda ours: str(key) not in ours


def drained(key: object, name: str) -> Wanted:
    """Whether a provider is there for who has it, and nobody else gets anything of it."""

    def wanted(ours: Mapping[str, Row]) -> bool:
        row = ours.get(str(key))
        return bool(row and name in row.stocks and row.claims and row.free(name) == 0)

    return wanted


def is_offered_at_first(stage: Stage) -> Wanted:
    """What the first pass of the first process comes to."""
    return offers(stage.cards.whole_disk, WHOLE, 1)


def smoke(stage: Stage) -> Iterator[Step]:
    """A few steps, for a quick look."""
    nic, other = stage.cards.named_nic, stage.cards.other_nic
    yield _vfs(stage, nic, 4, NIC)
    yield _vfs(stage, other, 2, NIC)
    yield from _plug(stage, "spare1", "nvme", DISK, PLUGGED[1], serial="PLUGGED")


def claimed(stage: Stage) -> Iterator[Step]:
    """All other steps, with a claim of a VF of the second NIC."""
    yield from _resized(stage)
    yield from _drivers(stage)
    yield from _interfaces(stage)
    yield from _plugged(stage)
    yield from _under_use(stage)
    yield _churn(stage)


def _vfs(stage: Stage, pf, number: int, name: str) -> Step:
    key, host = f"{pf}:vf", stage.host
    wanted = offers(key, name, number) if number else absent(key)
    event = ADD if number else REMOVE
    return Step(f"{pf}: {number} VFs", lambda _: host.set_vfs(pf, number), wanted, (event,))


def _resized(stage: Stage) -> Iterator[Step]:
    nic, disk = stage.cards.named_nic, stage.cards.split_disk
    for number in (0, 7, 3):
        yield _vfs(stage, nic, number, NIC)
    for number in (8, 0, 2):
        yield _vfs(stage, disk, number, DISK)


def _drivers(stage: Stage) -> Iterator[Step]:
    """A driver says nothing about what can be given away: Placement must not even blink."""
    nic, other, disk, host = *_cards(stage), stage.host
    for pf in (nic, other):
        vf = host.vfs(pf)[-1]
        as_it_is = offers(f"{pf}:vf", NIC, len(host.vfs(pf)))
        yield Step(f"{vf}: no driver", lambda _, vf=vf: host.unbind(vf), as_it_is)
        yield Step(f"{vf}: vfio-pci", lambda _, vf=vf: host.bind(vf, "vfio-pci"), as_it_is)
        yield Step(f"{vf}: its own driver", lambda _, vf=vf: host.bind(vf), as_it_is)
    as_it_is = offers(disk, WHOLE, 1)
    yield Step(f"{disk}: vfio-pci", lambda _: host.bind(disk, "vfio-pci"), as_it_is)
    yield Step(f"{disk}: its own driver", lambda _: host.bind(disk), as_it_is)
    yield Step(
        f"{nic}: no driver, no VFs", lambda _: host.unbind(nic), absent(f"{nic}:vf"), (REMOVE,)
    )
    whole = offers(nic, WHOLE_NIC, 1)
    yield Step(f"{nic}: its own driver", lambda _: _rebind(stage), whole, (RENAMED,))
    yield _vfs(stage, nic, 4, NIC)


def _rebind(stage: Stage) -> None:
    stage.host.bind(stage.cards.named_nic)
    stage.host.rename(stage.host.await_name(stage.cards.named_nic), NAME)


def _cards(stage: Stage) -> tuple:
    return stage.cards.named_nic, stage.cards.other_nic, stage.cards.whole_disk


def _interfaces(stage: Stage) -> Iterator[Step]:
    """The first NIC is listed by the name of its interface: without it nothing is listed there.

    What is listed by ids further down is its VFs, then for another network.
    """
    host, key = stage.host, f"{stage.cards.named_nic}:vf"
    there, gone = _on(key, "PHYSNET0"), _on(key, "PHYSNET1")
    yield Step("renamed", lambda _: host.rename(NAME, "renamed0"), gone, (RENAMED,))
    yield Step("named as before", lambda _: host.rename("renamed0", NAME), there, (RENAMED,))
    yield Step("in another namespace", lambda _: host.take_away(NAME), gone, (TAKEN,))
    yield Step("back from there", lambda _: host.bring_back(NAME), there, (BROUGHT,))


def _on(key: str, network: str) -> Wanted:
    trait = f"CUSTOM_PHYSNET_{network}"
    return lambda ours: key in ours and trait in ours[key].traits and bool(ours[key].stocks)


def _plugged(stage: Stage) -> Iterator[Step]:
    yield from _plug(stage, "spare0", "e1000e", WIRE, PLUGGED[0], netdev="wire2")
    yield from _plug(stage, "spare1", "nvme", DISK, PLUGGED[1], serial="PLUGGED")
    first, *_, last = _plug(stage, "spare0", "igb", NIC, PLUGGED[0], netdev="wire2")
    yield Step(first.name, first.act, absent(f"{PLUGGED[0]}:vf"), (ADD,))
    yield _vfs(stage, PLUGGED[0], 2, NIC)
    yield Step(last.name, last.act, absent(f"{PLUGGED[0]}:vf"), (REMOVE,))


def _plug(stage: Stage, port: str, driver: str, name: str, key: str, **more: str) -> Iterator[Step]:
    host, card = stage.host, f"plugged-{driver}"
    plug = lambda _: host.plug(card, port, driver, **more)  # noqa: E731  done in its step
    yield Step(f"{driver} plugged in", plug, offers(key, name, 1), (ADD,))
    yield Step(f"{driver} pulled out", lambda _: host.unplug(card), absent(key), (REMOVE,))


def _under_use(stage: Stage) -> Iterator[Step]:
    """The VF that is claimed goes, with all others, and they come back."""
    other, host = stage.cards.other_nic, stage.host
    key, number = f"{other}:vf", len(host.vfs(other))
    gone = drained(key, NIC)
    yield Step(f"{other}: 0 VFs, in use", lambda _: host.set_vfs(other, 0), gone, (REMOVE,))
    yield _vfs(stage, other, number, NIC)


def _churn(stage: Stage) -> Step:
    """So quickly that most events tell of what is gone again."""
    nic, host = stage.cards.named_nic, stage.host

    def churn(_: Stage) -> None:
        for number in (7, 1, 5, 2, 7, 3, 6):
            host.set_vfs(nic, number)

    return Step(f"{nic}: 7, 1, 5, 2, 7, 3, 6 VFs", churn, offers(f"{nic}:vf", NIC, 6), (ADD,))
