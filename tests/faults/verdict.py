"""What must be true in the end: after one more clean pass all is as if nothing had gone wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from support.database import Row, World
from support.offers import offers_more

from pci_placement.model.outcome import Result
from pci_placement.state.store import LastPass

from .stage import Pass, Stage, make_pass
from .wire import Wire, client_over


def second_pass(stage: Stage) -> tuple[list[World], list[str]]:
    """Make the clean pass after the fault; its moments, and what is wrong with it."""
    wire = Wire(stage.known)
    return wire.moments, list(wrong_with(make_pass(stage, wire)))


def wrong_with(done: Pass) -> Iterator[str]:
    if done.error:
        yield f"the clean pass ended with {type(done.error).__name__}: {done.error}"
    elif done.report:
        outcome = done.report.outcome
        if outcome.stopped:
            yield f"the clean pass was stopped by {outcome.stopped}"
        yield from (
            f"the clean pass could not do {d.action}: {d.why}"
            for d in outcome.results
            if d.result is not Result.DONE
        )


def nothing_left(stage: Stage) -> Iterator[str]:
    """Whether the next plan is empty, and without the cache offers nothing more."""
    last_pass = stage.state.load()
    yield from lies(last_pass, stage.known.now.world)
    forgetful = replace(last_pass, providers={})
    with client_over(Wire(stage.known), stage.url) as client:
        if actions := stage.reconciler(client).look(last_pass).plan.actions:
            yield f"after the clean pass there is still to do: {actions}"
        again = stage.reconciler(client).look(forgetful)
        if again.plan.actions and not again.plan.blocked:
            yield f"without a memory there is still to do: {again.plan.actions}"
        if more := offers_more(again):
            yield f"without a memory more would be offered: {more}"


def lies(last_pass: LastPass, world: World) -> Iterator[str]:
    """Providers that the cache takes for unchanged and that are not as it says."""
    for uuid, known in last_pass.providers.items():
        row = world.get(uuid)
        if row and row.generation == known.generation:
            stocks = {name: tuple(_fields(i)) for name, i in known.inventories.items()}
            if (stocks, known.traits) != (row.stocks, frozenset(row.traits)):
                yield f"the cache says of {row.name} {known}, and Placement {row}"


def _fields(inventory: object) -> Iterator[float]:
    for name in ("total", "reserved", "min_unit", "max_unit", "step_size", "allocation_ratio"):
        yield getattr(inventory, name)


def differences(wanted: World, found: World) -> Iterator[str]:
    """Compare two ends; generations may differ."""
    for uuid in sorted({*wanted, *found}):
        this, that = wanted.get(uuid), found.get(uuid)
        if _content(this) != _content(that):
            yield f"without faults {this or uuid}, with it {that or 'nothing'}"


def _content(row: Row | None) -> tuple | None:
    return row and (row.name, row.parent, row.stocks, row.traits, row.aggregates, row.claims)
