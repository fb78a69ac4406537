"""Carrying out a plan, whatever a real Placement answers where something is in the way."""

import pytest
import requests
from support.answers import CHILD, CONSUMER, ROOT, answer, as_mock, read
from support.cloud import MARK, OLD, QAT, SLOT, amounts, told

from pci_placement.errors import AuthError, GenerationConflict, ReshapeForbidden, Unreachable
from pci_placement.model import (
    CreateProvider,
    DeleteProvider,
    Drain,
    EnsureResourceClass,
    EnsureTrait,
    Move,
    MoveProvider,
    Plan,
    RenameProvider,
    Reshape,
    SetInventories,
    SetTraits,
    Undrain,
)
from pci_placement.model.outcome import Done, Result
from pci_placement.placement.apply import carry_out

URL = "http://placement.example:8778"
PROVIDERS = f"{URL}/resource_providers"
OTHER = "5d3c5b55-7e6e-5b5e-8e2b-0a4f0f4b3c02"
NAME = "node:pci:0000:3b:00.0"
ONE = amounts({QAT: 1})
TRAITS = frozenset({MARK})
DONE, FAILED, SKIPPED = Result.DONE, Result.FAILED, Result.SKIPPED
GENERATIONS = {CHILD: 5, OTHER: 8}


def create(uuid=CHILD, parent=ROOT):
    return CreateProvider(uuid, NAME, parent, "node", "")


def traits(uuid=CHILD):
    return SetTraits(uuid, NAME, TRAITS, TRAITS, frozenset(), "")


def inventories(uuid=CHILD, after=()):
    return SetInventories(uuid, NAME, ONE, {}, "", after)


def drain(uuid=CHILD):
    return Drain(uuid, NAME, TRAITS, ONE, {}, "")


def undrain(uuid=CHILD, after=()):
    return Undrain(uuid, NAME, TRAITS, ONE, {}, "", after)


def delete(uuid=CHILD):
    return DeleteProvider(uuid, NAME, "")


@pytest.fixture
def fine(requests_mock):
    """A Placement that does whatever it is asked to."""
    requests_mock.post(PROVIDERS, **answer("created"))
    for uuid in (CHILD, OTHER):
        requests_mock.put(f"{PROVIDERS}/{uuid}", **answer("provider"))
        requests_mock.put(f"{PROVIDERS}/{uuid}/traits", **answer("traits_set"))
        requests_mock.put(f"{PROVIDERS}/{uuid}/inventories", **answer("inventories_set"))
        requests_mock.delete(f"{PROVIDERS}/{uuid}", status_code=204)
    requests_mock.put(f"{URL}/resource_classes/{QAT}", **answer("class_ensured"))
    requests_mock.put(f"{URL}/traits/{MARK}", **answer("trait_ensured"))
    return requests_mock


@pytest.fixture
def apply(transport):
    """Carry out some actions, what becomes of each of which is told, too."""
    heard: list[Done] = []

    def apply(*actions):
        heard.clear()
        outcome = carry_out(Plan(actions, GENERATIONS), transport.send, told=heard.append)
        assert tuple(heard) == outcome.results
        return outcome

    return apply


def requests_of(fine) -> list:
    """All but the question for the version."""
    return [r for r in fine.request_history if r.path != "/"]


def sent(fine) -> list[tuple]:
    """Method and path of every request but the first, which agrees on a microversion."""
    return [(r.method, r.path.removeprefix("/")) for r in requests_of(fine)]


def bodies(fine) -> list:
    return [r.json() if r.body else None for r in requests_of(fine)]


def results(outcome) -> list[Result]:
    return [done.result for done in outcome.results]


# --- what an action is on the wire


def test_names_are_ensured_without_a_body(fine, apply):
    apply(EnsureResourceClass(QAT), EnsureTrait(MARK))
    assert sent(fine) == [
        ("PUT", f"resource_classes/{QAT.lower()}"),
        ("PUT", f"traits/{MARK.lower()}"),
    ]
    assert bodies(fine) == [None, None]


def test_a_new_provider_is_written_with_the_generations_that_placement_hands_out(fine, apply):
    outcome = apply(create(), traits(), inventories())
    assert bodies(fine) == [
        {"uuid": CHILD, "name": NAME, "parent_provider_uuid": ROOT},
        {"resource_provider_generation": 0, "traits": [MARK]},
        {
            "resource_provider_generation": read("traits_set")["body"][GENERATION],
            "inventories": {
                QAT: {
                    "total": 1,
                    "reserved": 0,
                    "min_unit": 1,
                    "max_unit": 1,
                    "step_size": 1,
                    "allocation_ratio": 1.0,
                }
            },
        },
    ]
    assert results(outcome) == [DONE] * 3
    last = read("inventories_set")["body"][GENERATION]
    assert (outcome.generations, outcome.stopped) == ({**GENERATIONS, CHILD: last}, None)


GENERATION = "resource_provider_generation"


def test_a_known_provider_is_written_at_the_generation_that_was_observed(fine, apply):
    apply(traits(OTHER), inventories())
    assert [body[GENERATION] for body in bodies(fine)] == [8, 5]


def test_a_drain_marks_first_and_an_undrain_last(fine, apply):
    assert results(apply(drain(), undrain(OTHER))) == [DONE, DONE]
    assert [path.rpartition("/")[2] for _, path in sent(fine)] == [
        "traits",
        "inventories",
        "inventories",
        "traits",
    ]


@pytest.mark.parametrize(
    "action",
    [
        RenameProvider(CHILD, NAME, "by hand", ROOT, ""),
        MoveProvider(CHILD, NAME, ROOT, "node", ""),
    ],
)
def test_a_rename_and_a_move_send_name_and_parent(fine, apply, action):
    apply(action)
    assert sent(fine) == [("PUT", f"resource_providers/{CHILD}")]
    assert bodies(fine) == [{"name": NAME, "parent_provider_uuid": ROOT}]


def test_a_provider_is_deleted_by_its_uuid(fine, apply):
    apply(delete())
    assert sent(fine) == [("DELETE", f"resource_providers/{CHILD}")]


# --- what stops a plan


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        pytest.param(answer("concurrent_update"), GenerationConflict, id="somebody wrote first"),
        pytest.param(answer("broken"), Unreachable, id="broken"),
        pytest.param({"status_code": 503}, Unreachable, id="busy"),
        pytest.param({"exc": requests.ConnectionError("reset")}, Unreachable, id="dropped"),
        pytest.param(answer("unauthorized"), AuthError, id="token expired"),
        pytest.param(answer("forbidden"), AuthError, id="forbidden"),
    ],
)
def test_the_rest_of_a_plan_waits_where_nothing_can_be_relied_on(fine, apply, fault, kind):
    fine.put(f"{PROVIDERS}/{CHILD}/inventories", **fault)
    outcome = apply(traits(), inventories(), traits(OTHER), delete(OTHER))
    assert type(outcome.stopped) is kind
    assert results(outcome) == [DONE, FAILED, SKIPPED, SKIPPED]
    assert [done.why for done in outcome.results[1:]] == [
        str(outcome.stopped),
        "not tried",
        "not tried",
    ]
    assert not [path for _, path in sent(fine) if OTHER in path]


def test_what_was_done_before_is_known_with_its_generation(fine, apply):
    fine.put(f"{PROVIDERS}/{OTHER}/traits", **answer("concurrent_update"))
    outcome = apply(create(), traits(), traits(OTHER))
    assert outcome.generations == {OTHER: 8, CHILD: read("traits_set")["body"][GENERATION]}


# --- what concerns one provider only


@pytest.mark.parametrize("name", ["class_in_use", "provider_in_use", "has_children"])
def test_what_is_in_use_is_skipped_and_the_rest_goes_on(fine, apply, name):
    fine.delete(f"{PROVIDERS}/{CHILD}", **answer(name))
    outcome = apply(delete(), delete(OTHER))
    assert results(outcome) == [SKIPPED, DONE]
    assert read(name)["body"]["errors"][0]["code"] in outcome.results[0].why
    assert (outcome.failed, outcome.stopped) == ((), None)


@pytest.mark.parametrize("taker", [inventories, undrain])
def test_what_rests_on_it_is_skipped_as_well(fine, apply, taker):
    fine.delete(f"{PROVIDERS}/{CHILD}", **answer("provider_in_use"))
    outcome = apply(delete(), taker(OTHER, after=(CHILD,)))
    assert results(outcome) == [SKIPPED, SKIPPED]
    assert outcome.results[1].why == "a provider that it rests on was not written"
    assert len(sent(fine)) == 1


def test_so_is_all_that_rests_on_that(fine, apply):
    third = "5d3c5b55-7e6e-5b5e-8e2b-0a4f0f4b3c03"
    fine.delete(f"{PROVIDERS}/{CHILD}", **answer("provider_in_use"))
    outcome = apply(delete(), inventories(OTHER, (CHILD,)), inventories(third, (OTHER,)))
    assert results(outcome) == [SKIPPED] * 3


def test_a_provider_that_fails_blocks_itself_and_its_children_only(fine, apply):
    fine.put(f"{PROVIDERS}/{CHILD}/traits", **answer("unknown_trait"))
    below = "5d3c5b55-7e6e-5b5e-8e2b-0a4f0f4b3c03"
    outcome = apply(
        create(), traits(), inventories(), create(below, CHILD), traits(below), traits(OTHER)
    )
    assert results(outcome) == [DONE, FAILED, SKIPPED, SKIPPED, SKIPPED, DONE]
    assert told(done.action for done in outcome.failed) == ["SetTraits 0000:3b:00.0"]
    assert "No such trait" in outcome.failed[0].why


def test_a_name_that_cannot_be_made_blocks_no_provider_by_itself(fine, apply):
    fine.put(f"{URL}/traits/{MARK}", **answer("unknown_trait"))
    outcome = apply(EnsureTrait(MARK), EnsureResourceClass(QAT), inventories())
    assert results(outcome) == [FAILED, DONE, DONE]


# --- a POST that was repeated


def test_a_post_that_was_repeated_after_its_connection_dropped_counts_as_done(fine, apply):
    # the first one arrived, its answer did not; the second finds the name taken, by itself
    dropped = {"exc": requests.ConnectionError("reset")}
    fine.post(PROVIDERS, [dropped, answer("uuid_taken")])
    fine.get(f"{PROVIDERS}/{CHILD}", **answer("provider"))
    outcome = apply(create())
    assert results(outcome) == [DONE]
    assert outcome.generations[CHILD] == read("provider")["body"]["generation"]


def found_with(**fields) -> dict:
    return {"json": read("provider")["body"] | fields}


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(answer("not_found"), id="its name belongs to another uuid"),
        pytest.param(found_with(name="by hand", parent_provider_uuid=ROOT), id="named"),
        pytest.param(found_with(name=NAME, parent_provider_uuid=OTHER), id="moved"),
    ],
)
def test_a_provider_that_stands_elsewhere_was_not_made_by_this_post(fine, apply, found):
    fine.post(PROVIDERS, **answer("name_taken"))
    fine.get(f"{PROVIDERS}/{CHILD}", **found)
    outcome = apply(create(), traits(), traits(OTHER))
    assert results(outcome) == [FAILED, SKIPPED, DONE]
    assert "Conflicting resource provider name" in outcome.results[0].why


def test_a_placement_that_goes_away_while_we_look_stops_the_plan(fine, apply):
    fine.post(PROVIDERS, **answer("name_taken"))
    fine.get(f"{PROVIDERS}/{CHILD}", status_code=503)
    assert isinstance(apply(create()).stopped, Unreachable)


# --- which errors are expected


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("class_in_use", SKIPPED),
        ("over_capacity", FAILED),
        ("name_taken", FAILED),
        ("unknown_trait", FAILED),
    ],
)
def test_only_what_is_in_use_is_expected(fine, apply, name, result):
    fine.put(f"{PROVIDERS}/{CHILD}/inventories", **answer(name))
    outcome = apply(inventories())
    assert (results(outcome), outcome.stopped) == ([result], None)
    assert bool(outcome.failed) is (result is FAILED)


# --- claims that move


AWAY = "5d3c5b55-7e6e-5b5e-8e2b-0a4f0f4b3c04"
MOVES = (Move(CHILD, QAT, OTHER, OLD), Move(CHILD, SLOT, OTHER, SLOT))


def reshape(consumers=(CONSUMER,), after=()):
    made = {CHILD: {}, OTHER: amounts({OLD: 1})}
    known = {CHILD: NAME, OTHER: "node:pci:0000:3c:00.0"}
    return Reshape(MOVES, made, {CHILD: ONE}, known, consumers, "", after)


@pytest.fixture
def moving(fine):
    """A Placement that moves claims; one consumer holds more than what is to move."""
    held = read("allocations")
    resources = held["body"]["allocations"][CHILD]["resources"]
    resources[SLOT] = 2
    held["body"]["allocations"] |= {ROOT: {"resources": {"VCPU": 4}}, AWAY: {"resources": {"X": 1}}}
    fine.get(f"{URL}/allocations/{CONSUMER}", **as_mock(held))
    fine.post(f"{URL}/reshaper", status_code=204)
    fine.get(f"{PROVIDERS}?in_tree={CHILD}", **answer("tree"))
    return fine


def test_a_reshape_has_all_inventories_with_the_generations_that_they_rest_on(moving, apply):
    assert results(apply(reshape())) == [DONE]
    body = bodies(moving)[1]
    assert set(body) == {"inventories", "allocations"}
    generations = {u: i["resource_provider_generation"] for u, i in body["inventories"].items()}
    assert generations == {CHILD: 5, OTHER: 8}
    assert body["inventories"][CHILD]["inventories"] == {}
    assert body["inventories"][OTHER]["inventories"][OLD]["total"] == 1


def test_a_consumer_is_sent_whole_with_its_own_generation(moving, apply):
    apply(reshape())
    (sent_of_it,) = bodies(moving)[1]["allocations"].values()
    assert sent_of_it == {
        "allocations": {
            OTHER: {"resources": {OLD: 1, SLOT: 2}},
            ROOT: {"resources": {"VCPU": 4}},
            AWAY: {"resources": {"X": 1}},
        },
        "project_id": "lab",
        "user_id": "lab",
        "consumer_generation": read("allocations")["body"]["consumer_generation"],
    }


def test_both_are_asked_for_at_a_version_that_knows_no_types_of_consumers(moving, apply):
    apply(reshape())
    versions = [r.headers["OpenStack-API-Version"] for r in requests_of(moving)]
    assert versions == ["placement 1.37", "placement 1.37", "placement 1.39"]


def test_a_consumer_that_has_released_everything_is_left_out(moving, apply):
    moving.get(f"{URL}/allocations/{CONSUMER}", **answer("no_allocations"))
    assert results(apply(reshape())) == [DONE]
    assert bodies(moving)[1]["allocations"] == {}


def test_one_that_has_released_only_what_moves_keeps_the_rest(moving, apply):
    held = read("allocations")
    held["body"]["allocations"] = {ROOT: {"resources": {"VCPU": 4}}}
    moving.get(f"{URL}/allocations/{CONSUMER}", **as_mock(held))
    apply(reshape())
    (sent_of_it,) = bodies(moving)[1]["allocations"].values()
    assert sent_of_it["allocations"] == {ROOT: {"resources": {"VCPU": 4}}}


def test_the_generations_are_read_because_the_answer_tells_none(moving, apply):
    outcome = apply(reshape(), traits())
    assert outcome.generations[OTHER] == 8  # it is not in this answer
    assert bodies(moving)[-1][GENERATION] == 3


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        pytest.param(answer("reshape_conflict"), GenerationConflict, id="a consumer changed"),
        pytest.param(answer("concurrent_update"), GenerationConflict, id="a provider changed"),
        pytest.param(answer("reshape_forbidden"), ReshapeForbidden, id="not allowed"),
        pytest.param(answer("broken"), Unreachable, id="broken"),
    ],
)
def test_a_reshape_that_fails_so_stops_the_plan(moving, apply, fault, kind):
    moving.post(f"{URL}/reshaper", **fault)
    outcome = apply(reshape(), traits(AWAY))
    assert (type(outcome.stopped), results(outcome)) == (kind, [FAILED, SKIPPED])


def test_a_403_to_anything_else_is_about_the_login(moving, apply):
    moving.get(f"{URL}/allocations/{CONSUMER}", **answer("forbidden"))
    assert type(apply(reshape()).stopped) is AuthError


def test_a_reshape_that_is_refused_blocks_all_that_are_involved_and_no_other(moving, apply):
    moving.post(f"{URL}/reshaper", **answer("over_capacity"))
    outcome = apply(reshape(), delete(CHILD), inventories(OTHER), EnsureTrait(MARK))
    assert results(outcome) == [FAILED, SKIPPED, SKIPPED, DONE]


def test_a_reshape_waits_for_its_givers(moving, apply):
    moving.delete(f"{PROVIDERS}/{AWAY}", **answer("provider_in_use"))
    outcome = apply(delete(AWAY), reshape(after=(AWAY,)), inventories(OTHER))
    assert results(outcome) == [SKIPPED, SKIPPED, SKIPPED]
    assert not [path for _, path in sent(moving) if path == "reshaper"]
