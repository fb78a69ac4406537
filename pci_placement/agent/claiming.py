"""Who has which device of this host: chosen once, written down, and then always the same.

    from pci_placement.agent import claimed_devices
    devices = claimed_devices("9a2d6b1e-4c3f-4f0e-8a57-0d2c8b1f6e11")

No pass is made for it, and none is waited for.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pci_placement.claims.answer import ClaimedDevice
from pci_placement.claims.choice import Chosen, Refused, choose
from pci_placement.claims.facts import Facts
from pci_placement.claims.record import with_given, without
from pci_placement.claims.statement import stated
from pci_placement.desired import make_desired
from pci_placement.discovery.scan import LIVE_SYSFS, scan
from pci_placement.errors import (
    ClaimRefused,
    PciPlacementError,
    RequestError,
)
from pci_placement.model import ClaimRecord, ConsumerUuid, PciAddress, ProviderUuid
from pci_placement.settings import ConfigPath, load

from .build import build
from .claim_facts import Asked, Counting
from .claim_lines import ClaimLine, claim_lines
from .claim_record import Desk, at_desk, known
from .one_pass import Agent
from .upkeep import described, tell_runtimes

LOOK_SECONDS = 10.0
"""For how long Placement is asked whether a claim is still there; without an answer it is."""
NO_CONSUMER = "{!r} is no uuid of a consumer: write it as Placement does, such as {}"
EXAMPLE = "9a2d6b1e-4c3f-4f0e-8a57-0d2c8b1f6e11"
ANOTHER_DEVICE = (
    "{} was given {}, which was {} and is another device now: look who changed it, and delete the "
    "consumer's claim before anything else uses it"
)


def claimed_devices(
    consumer: str, config_files: Iterable[str] = (), *, sysfs: str = LIVE_SYSFS
) -> tuple[ClaimedDevice, ...]:
    """Which devices of this host a consumer has; nothing where it has claimed none here.

    The first answer is chosen, by what the consumer has claimed in Placement, and written down
    before it is given; later ones are the same until the claim has ended, and need no Placement.
    Any number of processes and threads may ask at once.
    consumer is the uuid under which it claims (of a container, a server); without config_files the
    usual places are read.

    Raises ClaimRefused where no device can be given (the message says why of each), ClaimUnknown,
    Locked or Unreachable where a later try may succeed, and another PciPlacementError.
    """
    settings = load([ConfigPath(file) for file in config_files])
    return Claims(build(settings, sysfs=sysfs)).devices_of(consumer)


@dataclass(frozen=True, slots=True)
class Claims:
    """Which devices consumers have on one host; for who asks more than once."""

    agent: Agent

    def devices_of(self, consumer: str) -> tuple[ClaimedDevice, ...]:
        """As `claimed_devices`."""
        who = _consumer(consumer)
        root = self._root_of(who)
        with self._desk(root) as desk:
            here = self._counting(root)
            if who in desk.record.given and self._has_ended(here, who):
                desk.write(without(desk.record, {who}))
            if who not in desk.record.given:
                self._first(desk, here, who, lambda facts: choose(facts, who))
            self._tell_runtimes(desk, here)
            return self._answer(desk.record, here, who)

    def state(self, consumer: str, addresses: Iterable[PciAddress]) -> tuple[ClaimedDevice, ...]:
        """Write down which devices a consumer has that had its claim before the record was begun.

        Raises what `claimed_devices` does.
        """
        who, root, named = _consumer(consumer), self._root(), [*addresses]
        with self._desk(root) as desk:
            here = self._counting(root)
            self._first(desk, here, who, lambda facts: stated(facts, who, named))
            self._tell_runtimes(desk, here)
            return self._answer(desk.record, here, who)

    def release(self, consumer: str) -> None:
        """Let a consumer have nothing any more: its device may be given to others.

        For who has just ended what used it, and does not want to wait for the claim to end. Where
        it has a claim still and asks again, it may get another device.
        """
        who = _consumer(consumer)
        root = self._root_of(who)
        with self._desk(root) as desk:
            desk.write(without(desk.record, {who}))
            self._tell_runtimes(desk, self._counting(root))

    def lines(self) -> tuple[ClaimLine, ...]:
        """Every device that somebody was given, and every claim of which nobody asked.

        Where Placement cannot be asked, what was given is told without a state.
        """
        root = self._root()
        record = known(self.agent.roots.claims(root).read())
        here = self._counting(root)
        here.check()
        given = list(described(here, self.agent.sysfs).described_all(record))
        try:
            asked = self._asked(here)
            with asked.client.within(self.agent.settings.pass_timeout):
                return tuple(claim_lines(given, record, asked))
        except PciPlacementError:
            return tuple(ClaimLine(each) for each in given)

    # --- the steps

    def _first(
        self,
        desk: Desk,
        here: Counting,
        who: ConsumerUuid,
        choice_of: Callable[[Facts], Chosen | Refused],
    ) -> None:
        """Let a consumer have all that it has claimed, if it has claimed anything."""
        here.check()
        asked = self._asked(here)
        with asked.client.within(self.agent.settings.pass_timeout):
            claimed = asked.client.claims_of(who)
            if not here.wanted(claimed):
                return
            facts = asked.facts(desk.record, claimed)
        choice = choice_of(facts)
        if isinstance(choice, Refused):
            raise ClaimRefused(choice.reason)
        desk.write(with_given(facts.record, who, choice.devices, facts.once))

    def _answer(
        self, record: ClaimRecord, here: Counting, who: ConsumerUuid
    ) -> tuple[ClaimedDevice, ...]:
        answer = described(here, self.agent.sysfs)
        for given in record.given.get(who, ()):
            if answer.is_another(given):
                then = f"{given.vendor_id}:{given.product_id}"
                raise ClaimRefused(ANOTHER_DEVICE.format(who, given.address, then))
        return answer.described(record, who)

    def _has_ended(self, here: Counting, who: ConsumerUuid) -> bool:
        """Whether a claim is surely gone; where nobody can tell it is not."""
        with contextlib.suppress(PciPlacementError):
            asked = self._asked(here)
            with asked.client.within(LOOK_SECONDS):
                return asked.is_over(asked.client.claims_of(who))
        return False

    def _asked(self, here: Counting) -> Asked:
        return Asked(self.agent.reconciler().client, here)

    def _counting(self, root: ProviderUuid) -> Counting:
        settings, roots = self.agent.settings, self.agent.roots
        host = make_desired(settings, scan(self.agent.sysfs), left=roots.left(root))
        return Counting(root, host, roots.look(root).last_pass)

    def _tell_runtimes(self, desk: Desk, here: Counting) -> None:
        agent = self.agent
        if problem := tell_runtimes(agent.settings, desk.record, here, agent.sysfs):
            agent.tell(problem)

    def _desk(self, root: ProviderUuid) -> contextlib.AbstractContextManager[Desk]:
        return at_desk(self.agent.settings, self.agent.roots, root)

    def _root_of(self, who: ConsumerUuid) -> ProviderUuid:
        """The root below which a consumer was given devices: maybe one of before."""
        roots, own = self.agent.roots, self._root()
        with contextlib.suppress(OSError):
            for root in (own, *roots.others(own)):
                found = roots.claims(root).read()
                if isinstance(found, ClaimRecord) and who in found.given:
                    return root
        return own

    def _root(self) -> ProviderUuid:
        """The root of this host; what was known at the last pass needs no Placement."""
        known = self.agent.roots.remembered()
        return known or self.agent.reconciler().find_root()


def _consumer(text: str) -> ConsumerUuid:
    """A consumer as Placement writes it."""
    with contextlib.suppress(ValueError):
        return ConsumerUuid(str(uuid.UUID(text)))
    raise RequestError(NO_CONSUMER.format(text, EXAMPLE))
