"""The world of a sequence: passes that go well or not, and what is judged after each step."""

import random
import traceback

from support.compute import card_of

from pci_placement.desired import make_desired
from pci_placement.errors import PciPlacementError
from pci_placement.model import PciAddress
from pci_placement.passes.values import PassReport

from . import judge
from .judge import Broken, Judge
from .node import CARD, LISTED
from .people import People
from .service import offers
from .steps import Step
from .strike import Killed, Strike, calm


class World(People):
    """Everything that there is, and what must hold of it."""

    def do(self, step: Step) -> None:
        """Take a step, and look whether all is well; raises Broken."""
        kind, *args = step
        self.count(kind)
        try:
            getattr(self, f"_{kind}")(*args)
        except Broken:
            raise
        except Exception as error:
            raise Broken("crash", traceback.format_exc()) from error
        self.deleted |= self.there - self.rows.keys()
        self.there = set(self.rows)
        judge.foreign_as_is(self.foreign, self.rows)
        judge.no_stranger(self.foreign, self.rows)
        judge.claims_as_they_were(self.service.books.given, judge.devices_held(self.rows))

    def _of(self, number: int) -> int:
        """Which agent may act; one that knows less cannot know a provider that was renamed."""
        number = 1 if self._renamed() else number
        store = self.store(number)
        if number != self.acted and self.deleted & store.kept.providers.keys():
            store.grow_old()  # what was made anew may have reached the generation that it knows
        self.acted = number
        self.forgot |= number != 1 or (bool(self.mine()) and not store.kept.providers)
        return number

    def _sync(self, number: int, full: bool, force: bool) -> None:
        number = self._of(number)
        answer = self.agent(number).sync(full, force)
        report = answer.made.report
        if report.outcome.stopped or report.outcome.failed:
            raise Broken("not-through", f"{report.outcome.stopped} {report.outcome.failed}")
        self._went_through(report)
        actions = self.agent(number).preview(force=force).planned.plan.actions
        if actions:
            raise Broken("converge", f"a second pass would do {actions}")

    def _went_through(self, report: PassReport) -> None:
        planned = report.planned
        if planned.faults:
            told = (line for each in planned.faults for line in traceback.format_exception(each))
            raise Broken("crash", "".join(told))
        if planned.breaches:
            self._judged(planned.breaches)
        self._learn(report)
        self.synced = True
        self._note_spent()
        held = self.exempt
        self._judge_left()
        self.service.forgot = self.forgot
        found = Judge(self.service, self.rows, self.mine(), held, self.word, self._wanted())
        self.number += 1
        found.judge(random.Random(self.number))  # noqa: S311  nothing secret

    def _judged(self, breaches: tuple) -> None:
        """Our own judge had to take something out: a fault, unless nobody can know better."""
        if not self.forgot:
            raise Broken("unsafe", " ".join(map(str, breaches)))
        self.count("held back by the judge")

    def _judge_left(self) -> None:
        """What can be claimed below a root of before cannot be claimed here too."""
        left = self.left()
        for uuid, name, row in offers(self.rows, self.mine()):
            counted = set(map(card_of, self.service.counted(uuid, name)))
            if left & counted and self.service.room(uuid, name, row):
                raise Broken("twice", f"{name} of {row.name} is offered elsewhere too")

    def _wanted(self) -> dict[PciAddress, bool]:
        """Which devices are to be offered: listed, and reported by nobody else."""
        wanted = {a: self.lists.offered(a, self.host) for a in (CARD, *LISTED)}
        names_ = [row.name for row in self.foreign.values()]
        reported = {a for a in wanted if f"{self.root.name}_{card_of(a)}" in names_}
        return wanted | dict.fromkeys(reported, False)

    def _learn(self, report: PassReport) -> None:
        service, host = self.service, report.planned.host
        service.tree, service.ledger = host.tree, report.last_pass.ledger
        unsure = any(not counted.sure for counted in service.ledger.values())
        self.forgot = unsure or (self.forgot and self._is_in_question())
        if self.forgot:
            self.word.along.clear()
        service.looked, self.exempt = host.snapshot, set(host.tree.held)

    def _is_in_question(self) -> bool:
        """Whether what was forgotten matters: there are claims, or a device is out of service."""
        return bool(self.service.books.given or self.word.drained or self.word.spent)

    def _note_spent(self) -> None:
        """Who has a device that is for one-time use uses it up; another entry is another word."""
        once = {a for a in LISTED if self.lists.label(a) == "once"}
        self.word.spent |= once & self.service.in_use()
        self.word.spent &= {a for a in LISTED if self.lists.label(a) in ("once", None)}

    def _fault(self, kind: str, at: int, number: int, seed: int) -> None:
        strike = Strike(kind, at, lambda: self._claim(seed, 1))
        before, self.synced = self.synced, False
        number = self._of(number)
        agent, saves = self.agent(number), self.store(number).saves
        strike.on(self.adapter)
        try:
            report = agent.sync().made.report
        except (Killed, PciPlacementError) as error:
            self._cut_off(strike, error, number, saves)
        else:
            self._ended(report, strike, number, saves)
        finally:
            calm(self.adapter)
        self.synced |= before and not strike.struck
        self.count(f"{kind} {'struck' if strike.struck else 'missed'}")

    def _cut_off(self, strike: Strike, error: BaseException, number: int, saves: int) -> None:
        if not strike.struck:
            raise Broken("not-through", repr(error))
        self._half_known(number, saves)

    def _ended(self, report: PassReport, strike: Strike, number: int, saves: int) -> None:
        through = not (report.outcome.stopped or report.outcome.failed)
        if through and (not strike.struck or strike.kind not in ("rival",)):
            self._went_through(report)
        elif not strike.struck:
            raise Broken("not-through", f"{report.outcome}")
        else:
            self._half_known(number, saves)

    def _half_known(self, number: int, saves: int) -> None:
        """What a compute service knows after a pass that was cut off.

        It learns nothing from what an agent remembers that had not begun to write by then.
        """
        self.service.tree = make_desired(self.agent(number).settings, self.service.now).tree
        if self.store(number).saves > saves:
            self.service.ledger = self.store(number).kept.ledger or self.service.ledger
        self.word.follow(self.rows, self.service)
        # a part of it may be lost, see decision 42
        self.word.along.clear()

    def _lose(self, number: int) -> None:
        if not self._renamed():
            self.store(number).lose()

    def _rollback(self, number: int, seed: int) -> None:
        if not self._renamed():
            self.store(number).roll_back(seed)
            self.forgot = True

    def _renamed(self) -> bool:
        """A provider with a name that tells no key; that it stays then is documented."""
        return any("~" in self.rows[uuid].name for uuid in self.rows.keys() - self.foreign.keys())
