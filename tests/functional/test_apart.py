"""A fault in the plan of one card holds that card, and serves the rest of the host."""

import pytest
from support.cloud import CARD, LISTS, NIC, PLAIN, QAT, VFS, name
from support.seen import is_there, on_offer

from pci_placement.plan import counting, planner

THE_FAULT = "a fault of this program keeps it from being planned (KeyError: 'a bug')"


@pytest.fixture
def faulty(monkeypatch):
    """Let the plan of some providers fail, as a bug of ours would."""

    def faulty(*keys: str) -> None:
        really = planner.actions_for

        def actions_for(provider, *arguments):
            if provider.key in keys:
                raise KeyError("a bug")
            return really(provider, *arguments)

        monkeypatch.setattr(planner, "actions_for", actions_for)

    return faulty


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize(
    ("key", "card", "served"), [(PLAIN, PLAIN, VFS), (VFS, CARD, PLAIN), (CARD, CARD, PLAIN)]
)
def test_a_fault_of_one_card_holds_it_and_serves_the_others(run, faulty, real, key, card, served):
    faulty(key)
    done = run("sync")
    assert done.code == 5
    assert f"left as it is: {card}: {THE_FAULT}" in done.err
    assert "Traceback" not in done.err
    assert is_there(real, served)
    assert not is_there(real, card)


def test_what_a_held_card_offers_stays_on_offer_and_comes_back_to_life(
    run, faulty, real, monkeypatch
):
    run("sync")
    real.claim("bob", {PLAIN: {QAT: 1}})
    faulty(PLAIN)
    renamed = LISTS.replace('"qat"', '"crypto"').replace('"nic"', '"virt"')
    assert run("sync", lists=renamed).code == 5
    assert on_offer(real, PLAIN) == {QAT: (1, 0)}
    assert NIC not in on_offer(real, VFS)
    monkeypatch.undo()
    assert run("sync", lists=renamed).code == 0
    assert QAT not in on_offer(real, PLAIN)


@pytest.mark.usefixtures("real")
def test_the_traceback_is_there_for_who_wants_it(run, faulty):
    faulty(PLAIN)
    done = run("--debug sync")
    assert "Traceback" in done.err
    assert "KeyError: 'a bug'" in done.err


@pytest.mark.usefixtures("real")
def test_plan_says_the_same(run, faulty):
    faulty(PLAIN)
    done = run("plan")
    assert f"left as it is: {PLAIN}: {THE_FAULT}" in done.err
    assert name(PLAIN) not in done.out


@pytest.mark.usefixtures("real")
def test_a_fault_of_every_card_is_an_error_and_nothing_is_written(run, faulty, real):
    faulty(PLAIN, CARD)
    done = run("sync")
    assert (done.code, "KeyError" in done.err) == (1, True)
    assert not is_there(real, PLAIN)


@pytest.mark.usefixtures("real")
def test_so_it_is_where_it_is_asked_whom_the_plan_must_know(run, real, monkeypatch):
    run("sync")
    really = counting._Reader.read  # noqa: SLF001 - where such a bug would be

    def read(self, have, key):
        if key.provider == PLAIN:
            raise IndexError("a bug")
        return really(self, have, key)

    monkeypatch.setattr(counting._Reader, "read", read)  # noqa: SLF001 - as above
    done = run("sync", lists=LISTS.replace('"nic"', '"virt"'))
    assert done.code == 5
    assert f"left as it is: {PLAIN}: a fault of this program" in done.err
    assert NIC not in on_offer(real, VFS)
