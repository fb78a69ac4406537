import ast
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import get_args

import pytest
from support.cloud import CARD, NIC, PLAIN, QAT, VFS, have, name, uuid

import pci_placement
from pci_placement.model import (
    Action,
    CreateProvider,
    DeleteProvider,
    Drain,
    Inventory,
    Move,
    NameAction,
    Names,
    ProviderAction,
    Reshape,
    SetInventories,
    SetTraits,
)

KINDS = get_args(Action)
PACKAGE = Path(pci_placement.__file__).parent


def test_every_kind_of_action_has_a_verb_of_its_own():
    assert len({kind.verb for kind in KINDS}) == len(KINDS) == 13


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_action_is_a_value(kind):
    assert is_dataclass(kind)
    assert kind.__dataclass_params__.frozen
    assert "reason" in {field.name for field in fields(kind)}


def test_no_module_asks_for_an_attribute_that_only_some_actions_have():
    asking = [f.name for f in PACKAGE.rglob("*.py") if "getattr(action" in f.read_text()]
    assert asking == []


VERBS = {kind.__name__ for kind in KINDS}


def _matches(package: Path):
    """Every match over an action, whatever it is called there: by the kinds that it names."""
    for file in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Match) and VERBS & _named(node):
                yield pytest.param(node, id=f"{file.relative_to(package)}:{node.lineno}")


def _named(match: ast.Match) -> set[str]:
    patterns = [node for case in match.cases for node in ast.walk(case.pattern)]
    return {ast.unparse(node.cls) for node in patterns if isinstance(node, ast.MatchClass)}


def is_closed(match: ast.Match) -> bool:
    """Whether mypy names this one, should there be a kind that it does not."""
    last = match.cases[-1]
    never = f"assert_never({ast.unparse(match.subject)})"
    return ast.unparse(last.pattern) == "_" and never in ast.unparse(last)


@pytest.mark.parametrize("node", [*_matches(PACKAGE)])
def test_every_match_over_actions_is_closed(node):
    assert is_closed(node)


@pytest.mark.parametrize(
    ("subject", "last", "closed"),
    [
        ("action", "assert_never(action)", True),
        ("step.action", "assert_never(step.action)", True),
        ("step.action", "pass", False),
        ("one", "return [after]", False),
    ],
)
def test_one_that_is_open_is_found_under_any_name(tmp_path, subject, last, closed):
    cases = f"    case Drain() | Undrain():\n        pass\n    case _:\n        {last}\n"
    (tmp_path / "rogue.py").write_text(f"match {subject}:\n{cases}")
    (found,) = _matches(tmp_path)
    assert is_closed(*found.values) is closed


def test_what_is_created_is_bare():
    action = CreateProvider(uuid(VFS), name(VFS), uuid(CARD), name(CARD), "")
    made = action.effect({})[uuid(VFS)]
    assert (made.name, made.parent) == (name(VFS), uuid(CARD))
    assert {*made.inventories, *made.traits} == set()
    assert action.awaits() == {uuid(VFS), uuid(CARD)}


def test_what_is_deleted_is_gone_once():
    there = have(PLAIN, {QAT: 1})
    action = DeleteProvider(there.uuid, there.name, "")
    assert action.effect({there.uuid: there}) == {there.uuid: None}
    assert action.effect({}) == {}


def test_nothing_becomes_of_what_is_not_there():
    there = have(PLAIN, {QAT: 1})
    action = SetTraits(there.uuid, there.name, there.traits, frozenset(), frozenset(), "")
    assert action.effect({}) == {}


def test_a_drain_changes_traits_and_inventories_and_needs_the_names_of_both():
    there = have(PLAIN, {QAT: 1})
    nothing = {QAT: Inventory(1, reserved=1)}
    action = Drain(there.uuid, there.name, frozenset({"CUSTOM_A"}), nothing, there.inventories, "")
    after = action.effect({there.uuid: there})[there.uuid]
    assert (after.traits, after.inventories) == ({"CUSTOM_A"}, nothing)
    assert action.used_names() == Names(frozenset({QAT}), frozenset({"CUSTOM_A"}))
    assert action.takes_away()


def test_a_drain_concerns_those_who_have_something_of_it():
    there = have(PLAIN, {QAT: 2})
    used = {"eve": {QAT: 1}, "bob": {QAT: 1}}
    action = Drain(there.uuid, there.name, there.traits, {}, there.inventories, "", used)
    assert action.users() == ("bob", "eve")
    assert replace(action, consumers={}).users() == ()


def test_what_leaves_claims_as_they_are_concerns_nobody():
    there = have(PLAIN, {QAT: 1})
    created = CreateProvider(there.uuid, there.name, uuid(CARD), name(CARD), "")
    written = SetInventories(there.uuid, there.name, {QAT: Inventory(2)}, there.inventories, "")
    deleted = DeleteProvider(there.uuid, there.name, "")
    assert [action.users() for action in (created, written, deleted)] == [(), (), ()]


def test_a_reshape_moves_what_is_known_of_claims():
    before, after = have(PLAIN, {QAT: 1}, used={"bob": {QAT: 1}}), have(CARD, used={})
    action = Reshape(
        moves=(Move(before.uuid, QAT, after.uuid, NIC),),
        inventories={before.uuid: {}, after.uuid: {NIC: Inventory(1)}},
        before={before.uuid: before.inventories, after.uuid: {}},
        names={before.uuid: before.name, after.uuid: after.name},
        consumers=("bob",),
        reason="",
    )
    found = action.effect({before.uuid: before, after.uuid: after})
    assert found[before.uuid].consumers == {}
    assert found[after.uuid].consumers == {"bob": {NIC: 1}}
    assert found[after.uuid].inventories == {NIC: Inventory(1)}
    assert (action.uuid, action.name) == (after.uuid, after.name)
    assert action.changes() == {before.uuid, after.uuid}
    assert action.users() == ("bob",)


def test_of_claims_that_nobody_asked_for_nothing_is_known_after_a_reshape():
    before, after = have(PLAIN, {QAT: 1}), have(CARD)
    action = Reshape((Move(before.uuid, QAT, after.uuid, NIC),), {before.uuid: {}}, {}, {}, (), "")
    assert action.effect({before.uuid: before, after.uuid: after})[before.uuid].consumers is None


@pytest.mark.parametrize(
    ("after", "less"),
    [({QAT: Inventory(2)}, False), ({QAT: Inventory(1)}, True), ({NIC: Inventory(2)}, True)],
)
def test_inventories_take_away_where_a_class_goes_or_becomes_less(after, less):
    action = SetInventories("u", "n", after, {QAT: Inventory(2)}, "")
    assert action.takes_away() is less


def test_names_are_about_no_provider():
    for kind in get_args(NameAction):
        action = kind("CUSTOM_A")
        assert (action.changes(), action.awaits(), action.effect({})) == (set(), set(), {})
        assert not action.takes_away()


def test_all_kinds_are_either_about_names_or_about_one_provider_or_a_reshape():
    assert set(KINDS) == {*get_args(NameAction), *get_args(ProviderAction), Reshape}
