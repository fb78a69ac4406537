"""A planner that errs writes nothing that is not safe: all is refused, or one card's part."""

from dataclasses import replace

import pytest
from support.cloud import CARD, PLAIN, VFS, name
from support.command import writes
from support.seen import is_there, on_offer

from pci_placement.model import CreateProvider, DeleteTrait, SetTraits
from pci_placement.names import read_trait
from pci_placement.plan.planner import make_plan

NIC = "CUSTOM_PCI_NIC"


@pytest.fixture
def erring(monkeypatch):
    """Let the planner err: what it plans goes through a function."""

    def err(change) -> None:
        def plan(*given, **options):
            made = make_plan(*given, **options)
            return replace(made, actions=tuple(change(made.actions)))

        monkeypatch.setattr("pci_placement.passes.planning.make_plan", plan)

    return err


def foreign_name_forgotten(actions):
    return (*actions, DeleteTrait(read_trait("CUSTOM_GOLD")))


def plain_without_traits(actions):
    return [a for a in actions if not (isinstance(a, SetTraits) and a.name == name(PLAIN))]


def plain_misplaced(actions):
    return [
        replace(a, name="mine") if isinstance(a, CreateProvider) and a.name == name(PLAIN) else a
        for a in actions
    ]


def test_an_unsafe_plan_is_shown_and_nothing_is_written(run, erring, real, placement):
    erring(foreign_name_forgotten)
    before = writes(placement)
    done = run("sync")
    assert (done.code, done.out) == (1, "")
    assert writes(placement) == before
    assert not is_there(real, PLAIN)
    assert "Traceback" not in done.err
    assert "the plan is not safe, so nothing was written" in done.err
    assert "CUSTOM_GOLD is not ours to forget" in done.err
    assert f"create_provider {name(PLAIN)}" in done.err


@pytest.mark.usefixtures("real")
def test_it_is_refused_where_it_is_only_shown(run, erring):
    erring(foreign_name_forgotten)
    assert run("plan").code == 1


def test_a_node_that_retires_is_judged_too(run, erring, real):
    assert run("sync").code == 0
    erring(foreign_name_forgotten)
    assert run("retire --yes").code == 1
    assert is_there(real, PLAIN)


@pytest.mark.parametrize("change", [plain_without_traits, plain_misplaced])
def test_the_part_of_one_card_is_left_out_and_the_others_are_served(run, erring, real, change):
    erring(change)
    done = run("sync")
    assert done.code == 5
    assert f"held back: {name(PLAIN)}: not carried out, because it is not safe" in done.err
    assert not is_there(real, PLAIN)
    assert is_there(real, CARD)
    assert on_offer(real, VFS) == {NIC: (4, 0)}


def test_the_next_pass_that_does_not_err_serves_it(run, erring, real):
    erring(plain_without_traits)
    assert run("sync").code == 5
    erring(lambda actions: actions)
    assert run("sync").code == 0
    assert is_there(real, PLAIN)
