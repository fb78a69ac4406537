"""A planner that is wrong: what it says of one card is left out, or nothing at all is written."""

from dataclasses import replace

import pytest
from support.cloud import CARD, PLAIN, VFS, name
from support.seen import is_there

from pci_placement import names, sync
from pci_placement.model import DeleteTrait, SetInventories
from pci_placement.plan import planner


@pytest.fixture
def generous(monkeypatch):
    """Let the planner offer more of one provider than there is, as a bug of ours would."""

    def generous(key: str) -> None:
        really = planner.actions_for

        def actions_for(provider, *arguments):
            actions = really(provider, *arguments)
            return list(map(_more, actions)) if provider.key == key else actions

        monkeypatch.setattr(planner, "actions_for", actions_for)

    return generous


def _more(action):
    if not isinstance(action, SetInventories):
        return action
    more = {n: replace(i, total=i.total + 1) for n, i in action.inventories.items()}
    return replace(action, inventories=more)


@pytest.mark.parametrize(("key", "card", "served"), [(PLAIN, PLAIN, VFS), (VFS, CARD, PLAIN)])
def test_an_unsafe_part_is_not_carried_out_and_the_others_are_served(
    run, generous, real, key, card, served
):
    generous(key)
    done = run("sync")
    assert done.code == 5
    assert "not carried out, because it is not safe" in done.err
    assert "(listed)" in done.err
    assert is_there(real, served)
    assert not is_there(real, card)


@pytest.fixture
def harmful(monkeypatch):
    """Let the planner forget a trait that is somebody else's."""
    really = sync.make_plan

    def make_plan(*arguments, **options):
        made = really(*arguments, **options)
        return replace(made, actions=(*made.actions, DeleteTrait(names.trait("CUSTOM_OURS_NOT"))))

    monkeypatch.setattr(sync, "make_plan", make_plan)


@pytest.mark.usefixtures("harmful")
@pytest.mark.parametrize("command", ["sync", "plan"])
def test_an_unsafe_plan_is_shown_and_nothing_of_it_is_written(run, real, command):
    done = run(command)
    assert done.code == 1
    assert "the plan is not safe, so nothing was written" in done.err
    assert "CUSTOM_OURS_NOT is not ours to forget" in done.err
    assert f"create_provider {name(PLAIN)}" in done.err
    assert "Traceback" not in done.err
    assert not is_there(real, PLAIN)
