"""Whoever asks in whatever order: one device one consumer, and the same answer ever after.

A card with VFs of two classes, a card that is offered whole beside its VFs, a pool: claims come and
end, devices become unfit and fit again, and consumers ask in any order.
"""

from collections.abc import Mapping

from hypothesis import strategies
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from support.build import device, pf
from support.claimed import CARD_B, GPU, NIC, POOL, VFS_OF_A, WHOLE, facts, place, vfs
from support.examples import tried

from pci_placement.claims.choice import Chosen, choose
from pci_placement.claims.record import with_given, without
from pci_placement.model import ClaimRecord, InventoryKey, PciAddress

WHO = [f"c{number}" for number in range(6)]
OLD, NEW = place(VFS_OF_A, WHOLE), place(VFS_OF_A, NIC)
CARD, PARTS = place(CARD_B, WHOLE), place(CARD_B, NIC)
GPUS = place(POOL, GPU)
COUNTS = {
    OLD: vfs(4),  # whose class is about to change: both count the same ones
    NEW: vfs(4),
    CARD: [pf(CARD_B)],
    PARTS: vfs(3, "c1"),
    GPUS: [device(f"0000:0{n}:00.0", "10de:20b0", numa_node=n % 2) for n in range(4)],
}
PLACES = sorted(COUNTS)
DEVICES = {each.address: each for several in COUNTS.values() for each in several}


def clash(one: PciAddress, other: PciAddress) -> bool:
    """Whether two devices cannot be used by two at once."""
    cards = {DEVICES[address].card_addr for address in (one, other)}
    return one == other or (len(cards) == 1 and bool({one, other} & cards))


class Choices(RuleBasedStateMachine):
    """A host, what is claimed of it, and what everybody was told."""

    @initialize(before=strategies.sets(strategies.sampled_from(WHO), max_size=2))
    def begin(self, before: set[str]) -> None:
        self.record = ClaimRecord(of_before=frozenset(before))
        self.claims: dict[str, Mapping] = {}
        self.unfit: set[PciAddress] = set()
        self.told: dict[str, list[PciAddress]] = {}
        for who in before:
            self.claims[who] = {NEW: 1}

    @property
    def facts(self):
        return facts(COUNTS, self.claims, self.record, unfit=dict.fromkeys(self.unfit, "ill"))

    @rule(
        who=strategies.sampled_from(WHO),
        wanted=strategies.dictionaries(
            strategies.sampled_from(PLACES), strategies.integers(1, 2), min_size=1, max_size=2
        ),
    )
    def claim(self, who: str, wanted: Mapping) -> None:
        """Somebody claims something, as often as that is more than there is."""
        self.claims.setdefault(who, dict(sorted(wanted.items())))

    @rule(who=strategies.sampled_from(WHO), key=strategies.sampled_from([CARD, PARTS]))
    def take_of_a_card(self, who: str, key: InventoryKey) -> None:
        """The whole of it or a part: whoever is first keeps the other kind from everybody."""
        self.claims.setdefault(who, {key: 1})
        self.ask(who)

    @rule(who=strategies.sampled_from(WHO))
    def end(self, who: str) -> None:
        """A claim ends, and somebody who looks finds that out."""
        if self.claims.pop(who, None):
            self.told.pop(who, None)
            self.record = without(self.record, {who})

    @rule(address=strategies.sampled_from(sorted(DEVICES)))
    def fall_ill(self, address: PciAddress) -> None:
        self.unfit ^= {address}

    @rule(who=strategies.sampled_from(WHO))
    def ask(self, who: str) -> None:
        if who in self.record.given:
            found = [given.address for given in self.record.given[who]]
            assert found == self.told[who]
            return
        choice, before = choose(self.facts, who), self.record
        assert choice == choose(self.facts, who)
        if not isinstance(choice, Chosen):
            self.is_impossible(who)
            return
        self.record = with_given(before, who, choice.devices)
        self.told[who] = [given.address for given in choice.devices]
        self.is_what_was_wanted(who, choice)

    def is_impossible(self, who: str) -> None:
        """It is refused only where there are too few: also one that could be had by two ways."""
        if len(self.claims[who]) > 1 or who in self.record.of_before:
            return
        ((key, amount),) = self.claims[who].items()
        taken = {a for other, several in self.told.items() if other != who for a in several}
        taken |= self.may_be_held(who)
        free = [
            d.address
            for d in COUNTS[key]
            if d.address not in self.unfit and not any(clash(d.address, a) for a in taken)
        ]
        assert len(free) < amount

    def may_be_held(self, but: str = "") -> set[PciAddress]:
        """What those of before may have."""
        unknown = (self.record.of_before & self.claims.keys()) - {but}
        return {d.address for who in unknown for key in self.claims[who] for d in COUNTS[key]}

    def is_what_was_wanted(self, who: str, choice: Chosen) -> None:
        wanted = self.claims.get(who, {})
        counts = {key: [d.address for d in devices] for key, devices in COUNTS.items()}
        for key, amount in wanted.items():
            got = [given.address for given in choice.devices if given.place == key]
            assert len(got) == amount
            assert set(got) <= set(counts[key])
        assert len(choice.devices) == sum(wanted.values())
        assert not {given.address for given in choice.devices} & self.unfit

    @invariant()
    def one_device_one_consumer(self) -> None:
        all_told = [(who, a) for who, several in self.told.items() for a in several]
        for number, (_, one) in enumerate(all_told):
            assert not any(clash(one, other) for _, other in all_told[number + 1 :])

    @invariant()
    def nobody_has_what_one_of_before_may_have(self) -> None:
        since = {a for several in self.told.values() for a in several}
        assert not self.may_be_held() & since


Choices.TestCase.settings = tried(150, stateful_step_count=30)
TestChoices = Choices.TestCase
