"""Passes that want nothing: what is made, or planned, of a node that is retired."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from pci_placement.desired import make_desired
from pci_placement.errors import RootNotFound
from pci_placement.model import LastPass, Problem, ProviderUuid
from pci_placement.plan.left_over import left_by, left_over
from pci_placement.state.roots import Roots
from pci_placement.sync import Reconciler

from .answers import PassAnswer, Preview, Standing
from .turn import Turn
from .upkeep import kept_up, tell_runtimes_of_nothing

if TYPE_CHECKING:
    from pci_placement.placement import Client


def ended(mine: Turn, standing: Standing, last_pass: LastPass, sysfs: str) -> PassAnswer:
    """Make a pass that wants nothing; runtimes go on to know what those have who still run."""
    made = mine.make(Reconciler.retire, last_pass)
    left = left_over(made.report.planned.observed, made.report.last_pass.providers)
    settings = mine.reconciler.settings
    if settings.cdi_dir:
        host = make_desired(settings, mine.reconciler.scan())
        made = kept_up(mine, made, host, sysfs, bool(made.report.outcome.results))
    return PassAnswer(standing, made, retires=True, left=left)


def preview_end(
    reconciler: Reconciler, last_pass: LastPass, standing: Standing | None = None
) -> Preview:
    """Plan such a pass, without writing."""
    planned = reconciler.look_at_the_end(last_pass)
    left = left_by(planned.plan, planned.observed)
    return Preview(planned, standing, retires=True, left=left)


@contextlib.contextmanager
def unless_gone(
    reconciler: Reconciler,
    roots: Roots,
    root: ProviderUuid | None,
    tell: Callable[[Problem], None],
) -> Iterator[None]:
    """Raise RootNotFound, unless it is this host's root that is gone, and all below it."""
    try:
        yield
    except RootNotFound:
        settings, client = reconciler.settings, reconciler.client
        with client.within(settings.pass_timeout):
            if root is None or not _is_all_gone(client, roots, root):
                raise
        if problem := tell_runtimes_of_nothing(settings, root):
            tell(problem)


def _is_all_gone(client: Client, roots: Roots, root: ProviderUuid) -> bool:
    """Whether a root, and all that the last pass left below it, is gone.

    False where nobody remembers a pass: then its name may be wrong.
    """
    last_pass = roots.look(root).last_pass
    if last_pass.root is None or last_pass.root.uuid != root:
        return False
    return not any(map(client.tree, (root, *last_pass.providers)))
