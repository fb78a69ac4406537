"""The turn of one pass: which root is this host's, and that nobody else writes below it.

Which root a name means is remembered, so that the lock is there before anything is asked, and then
confirmed: the provider may have been created anew, or somebody else may have its name by now.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from pci_placement.errors import AuthError, PciPlacementError, Unreachable
from pci_placement.model import LastPass, Problem, ProviderUuid
from pci_placement.passes.values import PassReport
from pci_placement.settings import Settings
from pci_placement.state.roots import Roots
from pci_placement.sync import Reconciler

from .alone import Keeper
from .answers import Pass
from .beginning import begin_record
from .retirement import retired_since

if TYPE_CHECKING:
    from pci_placement.placement import Client

NO_ROOT = ProviderUuid("")

Run = Callable[[Reconciler, LastPass], PassReport]


@dataclass(frozen=True, slots=True)
class Turn:
    """A root below which nobody else writes now; sent is how many requests came before."""

    root: ProviderUuid
    reconciler: Reconciler
    roots: Roots
    keeper: Keeper
    sent: int

    def make(self, run: Run, last_pass: LastPass) -> Pass:
        """Make a pass, and write down what it leaves."""
        store = self.roots.of(self.root)
        reconciler = replace(self.reconciler, keep=partial(self.keeper.keep, store))
        report = run(reconciler, last_pass)
        unchanged = not report.outcome.results and store.says(report.last_pass)
        if not unchanged:
            self.keeper.keep(store, report.last_pass)
        self._begin_record(report)
        sent = reconciler.client.sent - self.sent
        return Pass(report, sent, self.keeper.problem, unchanged)

    def _begin_record(self, report: PassReport) -> None:
        """From now on it is known who has which device; if not, the next pass tries again."""
        client, seen = self.reconciler.client, report.planned.observed
        with self.keeper.trying(), contextlib.suppress(PciPlacementError):
            if problem := begin_record(self.roots.claims(self.root), client, seen):
                self.keeper.tell(problem)

    @classmethod
    def before(cls, reconciler: Reconciler, roots: Roots, tell: Callable[[Problem], None]) -> Turn:
        """A turn that has no root yet: only those below others may be taken."""
        keeper = Keeper(reconciler.settings.state_dir, tell)
        return cls(NO_ROOT, reconciler, roots, keeper, reconciler.client.sent)

    @contextlib.contextmanager
    def below(self, root: ProviderUuid) -> Iterator[Turn]:
        """The turn below another root, on the way. Raises Locked."""
        with self.keeper.alone(self.roots.of(root)):
            yield replace(self, root=root, reconciler=replace(self.reconciler, at=root))


@contextlib.contextmanager
def turn(
    reconciler: Reconciler, roots: Roots, tell: Callable[[Problem], None], create: bool = False
) -> Iterator[Turn]:
    """Wait for nobody: raises Locked while another pass runs, and RootNotFound."""
    settings, client = reconciler.settings, reconciler.client
    keeper, sent = Keeper(settings.state_dir, tell), client.sent
    with (
        client.within(settings.pass_timeout),
        logged_in(client),
        contextlib.ExitStack() as stack,
    ):
        with keeper.trying():
            for problem in roots.upgrade():
                tell(problem)
        believed = roots.remembered()
        if believed:
            _enter(stack, settings, roots, keeper, believed)
        else:
            stack.enter_context(keeper.alone(roots.spelled))
        root = reconciler.ensure_root(believed) if create else reconciler.find_root(believed)
        if root != believed:
            _enter(stack, settings, roots, keeper, root)
        with keeper.trying():
            roots.remember(root)
        for problem in roots.of(root).complaints():
            tell(problem)
        yield Turn(root, replace(reconciler, at=root), roots, keeper, sent)


@contextlib.contextmanager
def logged_in(client: Client) -> Iterator[None]:
    """Keep the login for the next pass, unless it may be why this one came to nothing."""
    try:
        yield
    except (Unreachable, AuthError):
        client.forget_login()
        raise
    client.keep_login()


def _enter(
    stack: contextlib.ExitStack,
    settings: Settings,
    roots: Roots,
    keeper: Keeper,
    root: ProviderUuid,
) -> None:
    """Lock a root; that this node was retired below another is written down first.

    The lock is what tells later that a pass over this root was begun.
    """
    if retired_since(settings, roots, root):
        with keeper.trying():
            roots.adopt_retirement(root)
    stack.enter_context(keeper.alone(roots.of(root)))
