"""What an inventory counts while a card is swapped, and who may have cut that off."""

import pytest
from support.cloud import (
    ID,
    OLD,
    PLAIN,
    QAT,
    address,
    addresses,
    have,
    observe,
    plan,
    reserved,
    the,
    want,
)
from support.judged import Case, inventories, traits

from pci_placement import names
from pci_placement.model import (
    Begun,
    Counted,
    Drain,
    EnsureTrait,
    InventoryKey,
    LastPass,
    ProviderTree,
    SetInventories,
)
from pci_placement.model.last_pass import REREAD
from pci_placement.plan.past import as_counted, hardware
from pci_placement.plan.planner import make_plan

NEW_ID = names.id_trait("8086", "0435")
BEFORE = have(PLAIN, {QAT: 1}, ID)
BACK, CAME = want(PLAIN, {QAT: 1}, ID), want(PLAIN, {OLD: 1}, NEW_ID)


def cut_off(*begun: str, then=BEFORE) -> LastPass:
    """What is left of a pass that was about to write these classes."""
    counts = Begun(1, Counted(addresses(PLAIN)))
    return LastPass(
        providers={then.uuid: then}, begun={InventoryKey(PLAIN, name): counts for name in begun}
    )


@pytest.mark.parametrize(
    ("there", "last", "counts"),
    [
        pytest.param({QAT: 1}, LastPass(), {NEW_ID}, id="nothing is remembered"),
        pytest.param({QAT: 1}, cut_off(), {NEW_ID}, id="nothing was cut off"),
        pytest.param({QAT: 1}, cut_off(OLD), {ID}, id="its class was not written"),
        pytest.param({OLD: 1}, cut_off(OLD), {NEW_ID}, id="its class was written"),
        pytest.param({QAT: 1}, cut_off(QAT), {ID}, id="as it was, of the same class"),
        pytest.param({QAT: reserved(1)}, cut_off(QAT), {ID, NEW_ID}, id="written by whomever"),
        pytest.param({}, cut_off(QAT), {NEW_ID}, id="it counts nothing"),
        pytest.param({OLD: 1}, cut_off(QAT), {NEW_ID}, id="somebody else has written it since"),
        pytest.param(
            {QAT: 1}, cut_off(OLD, then=have(PLAIN, {QAT: 1})), {NEW_ID}, id="it was not known"
        ),
    ],
)
def test_the_traits_of_the_card_that_came_may_stand_over_what_was_counted_before(
    there, last, counts
):
    assert hardware(have(PLAIN, there, NEW_ID), PLAIN, last) == counts


def test_it_is_remembered_with_what_it_counts_and_read_again():
    half = have(PLAIN, {QAT: 1}, NEW_ID, "CUSTOM_OTHER")
    kept = as_counted(half, PLAIN, cut_off(OLD))
    assert (kept.traits - half.traits, half.traits - kept.traits) == ({ID}, {NEW_ID})
    assert kept.generation == REREAD
    assert as_counted(half, PLAIN, LastPass()) is half


@pytest.mark.parametrize("not_ours", [False, True], ids=["nobody lists it", "not ours to give"])
@pytest.mark.parametrize(("last", "number"), [(cut_off(OLD), 0), (LastPass(), 1)])
def test_what_was_reserved_of_the_card_before_is_not_told_of_the_one_that_came(
    not_ours, last, number
):
    half = have(PLAIN, {QAT: reserved(2, 1)}, NEW_ID, used={"bob": {QAT: 1}})
    desired = ProviderTree(
        (), not_ours={address(PLAIN): "another service has it"} if not_ours else {}
    )
    drain = the(Drain, make_plan(desired, observe(half), last))
    assert names.reserved_of(drain.traits, QAT) == number


def test_what_is_reserved_by_hand_meanwhile_stays_where_the_card_comes_back():
    half = have(PLAIN, {QAT: reserved(1)}, NEW_ID)
    made = plan([BACK], [half], last_pass=cut_off(OLD))
    assert not [action for action in made.actions if isinstance(action, SetInventories)]


def test_and_goes_with_the_card_where_that_stays_away():
    half = have(PLAIN, {QAT: reserved(1)}, NEW_ID)
    made = the(SetInventories, plan([CAME], [half], last_pass=cut_off(OLD)))
    assert made.inventories[OLD].reserved == 0


def test_the_judge_knows_which_card_was_reserved():
    half = have(PLAIN, {QAT: reserved(1)}, NEW_ID, used={})
    actions = [EnsureTrait(ID), traits(PLAIN, ID), inventories(PLAIN, {QAT: 1})]
    assert Case(actions, [BACK], [half], last=cut_off(OLD)).broken() == {f"sticky {PLAIN}"}
    assert Case(actions, [BACK], [half]).broken() == set()
