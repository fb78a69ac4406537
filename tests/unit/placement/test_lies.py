"""Whatever anybody answers, what comes of it is an answer or one of our errors, in one line."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.replay import ANSWERS, BARE, CONSUMER, KEY, NOBODY, OURS, ROOT, Replay, recorded

from pci_placement.errors import ExitCode, PciPlacementError, Unreachable
from pci_placement.model import (
    CreateProvider,
    DeleteProvider,
    DeleteResourceClass,
    DeleteTrait,
    Drain,
    EnsureResourceClass,
    EnsureTrait,
    Move,
    MoveProvider,
    Plan,
    Reshape,
    SetInventories,
    SetTraits,
    Undrain,
)
from pci_placement.model.provider import Inventory
from pci_placement.names import MANAGED
from pci_placement.placement import Cloud, RootWanted

pytestmark = pytest.mark.exhaustive

QAT = "CUSTOM_PCI_QAT"
NAME = "node:pci:0000:3b:00.0"
ONE = {QAT: Inventory(1)}
MARK = frozenset({MANAGED})
NODE = RootWanted("node", ROOT)


def carry_out(*actions):
    """Give what a plan comes to; what stopped it is raised, as a pass would tell it."""

    def ask(client):
        outcome = client.apply(Plan(actions, {OURS: 3, ROOT: 0}))
        if outcome.stopped:
            raise outcome.stopped
        return outcome

    return ask


def consumers(client):
    return client.with_consumers(client.observe(NODE, [KEY]), [OURS])


RESHAPE = Reshape(
    (Move(OURS, QAT, ROOT, QAT),), {OURS: {}, ROOT: ONE}, {OURS: ONE}, {}, (CONSUMER,), ""
)
ASKING = {
    "observe": lambda client: client.observe(NODE, [KEY]),
    "observe by name": lambda client: client.observe(RootWanted("node"), [KEY]),
    "observe what moved": lambda client: client.observe(NODE, [KEY], sought=[NOBODY]),
    "who holds what": consumers,
    "observe all anew": lambda client: client.observe(NODE, [KEY], reread=True),
    "unknown names": lambda client: client.unknown_names([QAT], [MANAGED]),
    "create root": lambda client: client.create_root(NODE),
    "candidates": lambda client: client.allocation_candidates(f"resources={QAT}:1", "1.31"),
    "offers": lambda client: Cloud(client).offers(f"resources={QAT}:1", "1.31"),
    "name": lambda client: Cloud(client).name_of(OURS),
    "carried traits": lambda client: Cloud(client).carried_traits("CUSTOM_"),
    "carriers": lambda client: Cloud(client).carriers([MANAGED], []),
    "classes": lambda client: Cloud(client).classes(OURS),
    "class usage": lambda client: Cloud(client).class_usage(OURS, QAT),
    "ensure class": carry_out(EnsureResourceClass(QAT)),
    "ensure trait": carry_out(EnsureTrait(MANAGED)),
    "delete class": carry_out(DeleteResourceClass(QAT)),
    "delete trait": carry_out(DeleteTrait(MANAGED)),
    "create": carry_out(CreateProvider(OURS, NAME, ROOT, "node", "")),
    "move": carry_out(MoveProvider(OURS, NAME, ROOT, "node", "")),
    "set traits": carry_out(SetTraits(OURS, NAME, MARK, MARK, frozenset(), "")),
    "set inventories": carry_out(SetInventories(OURS, NAME, ONE, {}, "")),
    "drain": carry_out(Drain(OURS, NAME, MARK, ONE, {}, "")),
    "undrain": carry_out(Undrain(OURS, NAME, MARK, ONE, {}, "")),
    "delete": carry_out(DeleteProvider(OURS, NAME, "", empty_first=True)),
    "reshape": carry_out(RESHAPE),
}
ONLY_FOR_BARE = "observe a bare one"
ASKING[ONLY_FOR_BARE] = ASKING["observe"]
NAMES = list(ASKING)


def replay_for(asking: str) -> Replay:
    replay = Replay()
    replay.bodies |= BARE if asking == ONLY_FOR_BARE else {}
    return replay


def answers_of(asking: str) -> list[str]:
    """Which recorded answers a method of the client rests on."""
    replay = replay_for(asking)
    ASKING[asking](replay.client())
    return list(dict.fromkeys(replay.asked))


USED = {asking: answers_of(asking) for asking in NAMES}


def become(asking: str, name: str, body: bytes, status: int | None = None):
    """What a method comes to where one answer is another: an error of ours, or None."""
    replay = replay_for(asking)
    replay.bodies[name] = body
    replay.statuses |= {} if status is None else {name: status}
    error = _error(asking, replay)
    assert not error or len(str(error).splitlines()) == 1
    return error


def _error(asking: str, replay: Replay) -> PciPlacementError | None:
    try:
        ASKING[asking](replay.client())
    except PciPlacementError as error:
        return error
    return None


# --- an answer that is something else altogether

DEEP = b'{"resource_providers": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
ELSE = {
    "nothing": b"",
    "an empty object": b"{}",
    "a list": b"[]",
    "null": b"null",
    "text": b'"node"',
    "a number": b"1",
    "NaN": b'{"generation": NaN, "resource_providers": [], "traits": []}',
    "infinity": b'{"generation": -Infinity, "resource_providers": [], "traits": []}',
    "a page": b"<html>\n<body><h1>It works!</h1></body>\n</html>",
    "cut off": b'{"resource_providers": [',
    "deep": DEEP,
    "unfinished and deep": b"[" * 100_000,
    "many digits": b'{"generation": ' + b"9" * 5000 + b"}",
    "no UTF-8": b"\xff\xfe\xfd",
    "errors": b'{"errors": [{"detail": "no", "status": 500}]}',
}
RESTS_ON_NOTHING = ("class_ensured", "done")  # whose answer is empty
NOT_OURS_TO_READ = ("keystone_versions", "keystone_token", "versions")


def test_every_recorded_answer_is_asked_for_by_something():
    assert {name for names in USED.values() for name in names} == set(ANSWERS)


@pytest.mark.parametrize("body", ELSE.values(), ids=ELSE)
@pytest.mark.parametrize("asking", NAMES)
def test_what_is_no_answer_of_placement_is_said_to_be_none(asking, body):
    for name in set(USED[asking]) - set(NOT_OURS_TO_READ):
        error = become(asking, name, body)
        if name in RESTS_ON_NOTHING and body in (b"", b"{}"):
            assert error is None
        else:
            assert type(error) is Unreachable, name
            assert error.exit_code is ExitCode.TRY_AGAIN
            assert "does not answer as Placement does" in str(error)


@pytest.mark.parametrize("body", ELSE.values(), ids=ELSE)
@pytest.mark.parametrize("name", NOT_OURS_TO_READ)
def test_nor_is_what_comes_before_the_first_request_an_internal_error(name, body):
    found_by_its_url = name == "keystone_versions"
    assert become("ensure class", name, body) or found_by_its_url


# --- an answer of which a part is something else

INSTEAD = (None, True, -1, 1.5, 10**30, 1e999, "", "x", "a/../b", [], {}, [None], {"x": None})
_GONE = object()


def places(value, path=()) -> Iterator[tuple]:
    """The way to each part of an answer; links are for people."""
    yield path
    inner = value.items() if isinstance(value, dict) else ()
    inner = list(enumerate(value))[:3] if isinstance(value, list) else inner
    for key, part in inner:
        if key not in ("links", "mappings", "media-types"):
            yield from places(part, (*path, key))


def replaced(value, path, part):
    if not path:
        return {} if part is _GONE else part
    copy = value.copy()
    if part is _GONE and len(path) == 1:
        del copy[path[0]]
    else:
        copy[path[0]] = replaced(value[path[0]], path[1:], part)
    return copy


@pytest.mark.parametrize("name", [name for name in ANSWERS if name != "done"])
def test_no_part_of_an_answer_that_is_another_is_an_internal_error(name):
    sound = recorded(name)["body"]
    asking = next(asking for asking, names in USED.items() if name in names)
    refused = 0
    for path in places(sound):
        for part in (_GONE, *INSTEAD):
            body = json.dumps(replaced(sound, path, part)).encode()
            refused += become(asking, name, body) is not None
    assert refused > 10


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(data=st.data())
def test_nor_is_any_mixture(data):
    asking = data.draw(st.sampled_from(NAMES))
    name = data.draw(st.sampled_from(USED[asking]))
    sound = recorded(name)["body"] or {}
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(list(places(sound))))
        sound = replaced(sound, path, data.draw(JSON))
    become(asking, name, json.dumps(sound).encode())


@given(asking=st.sampled_from(NAMES), body=st.binary(max_size=100))
def test_nor_are_any_bytes(asking, body):
    for name in USED[asking]:
        become(asking, name, body)


# --- an error that is something else


@pytest.mark.parametrize("status", [304, 400, 401, 403, 404, 409, 429, 500, 503, 599])
@pytest.mark.parametrize("asking", NAMES)
def test_nor_is_an_error_that_nobody_expects(asking, status):
    for name in USED[asking]:
        for body in (b"", DEEP, b'{"errors": [{"detail": [[]], "code": {}, "request_id": 7}]}'):
            become(asking, name, body, status)


def test_of_an_error_without_an_end_only_the_beginning_is_told():
    body = b'{"errors": [{"detail": "' + b"x " * 10**6 + b'"}]}'
    assert len(str(become("name", "provider", body, 400))) < 2000
    assert len(str(become("name", "provider", b"y " * 10**6, 400))) < 2000
