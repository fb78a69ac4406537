"""Steps as plain tuples, a name and arguments: what is drawn, printed, shrunk and kept in tests.

A step chooses nothing while it runs that another step could not be dropped before: what it has to
choose then (which claim, which provider) it chooses by a number of its own.
"""

import random
from collections.abc import Callable

from .node import ALIASES, GONE, LABELS, LISTED, PLAIN

Step = tuple
MOST_REQUESTS = 40

Draw = Callable[[random.Random], tuple]


def _seed(draw: random.Random) -> int:
    return draw.randrange(1000)


def _host(draw: random.Random) -> Step:
    return draw.choice(
        [
            ("vfs", draw.choice([4, 4, 3, 2, 1, 0])),
            ("card", draw.choice(["pf", "pf", "pf", "plain", GONE])),
            ("plug", draw.randrange(len(PLAIN)), draw.choice(["0443", "0443", "0435", GONE])),
            ("plug", draw.randrange(len(PLAIN)), "0443"),
        ]
    )


def _config(draw: random.Random) -> Step:
    number = draw.randrange(len(LISTED))
    alias = draw.choice(sorted(ALIASES))
    return draw.choice(
        [
            ("label", number, draw.choice([*LABELS, None])),
            ("label", number, ""),
            ("label", number, None),
            ("whole", draw.random() < 0.4),
            ("alias", alias, draw.choice([alias, alias, f"{alias}2", None])),
            ("pooling", draw.choice(["device", "numa"])),
            ("exclusive", draw.random() < 0.5),
            ("removals", draw.choice([None, 0])),
        ]
    )


def _sync(draw: random.Random) -> Step:
    return ("sync", draw.choice([1, 1, 1, 1, 2]), draw.random() < 0.2, draw.random() < 0.5)


def _fault(draw: random.Random) -> Step:
    kind = draw.choice(["kill", "kill-after", "lost", "dropped", "500", "503", "409", "rival"])
    at = draw.randrange(MOST_REQUESTS)
    return ("fault", kind, at, draw.choice([1, 1, 1, 2]), _seed(draw))


def _claim(draw: random.Random) -> Step:
    return ("claim", _seed(draw), draw.choice([1, 1, 2]))


def _release(draw: random.Random) -> Step:
    return ("release", _seed(draw))


def _operator(draw: random.Random) -> Step:
    kind = draw.choice(["drain", "drain", "undrain", "undrain", "reserve", "unreserve"])
    return (kind, _seed(draw))


def _meddle(draw: random.Random) -> Step:
    return (draw.choice(["rename", "trait", "delete", "ratio"]), _seed(draw))


def _state(draw: random.Random) -> Step:
    return draw.choice([("lose", draw.choice([1, 1, 2])), ("rollback", 1, _seed(draw))])


def _neighbour(draw: random.Random) -> Step:
    return ("neighbour", draw.choice(["0000:01:00.0", "0000:02:00.0"]), draw.random() < 0.3)


def _root(draw: random.Random) -> Step:
    return ("root", draw.choice(["node", "node", "other"]))


WEIGHTS = {
    _host: 14,
    _config: 14,
    _sync: 24,
    _fault: 8,
    _claim: 20,
    _release: 10,
    _operator: 5,
    _meddle: 3,
    _state: 2,
    _neighbour: 1,
    _root: 1,
}


def sequence(seed: int, length: int) -> list[Step]:
    """The steps of a seed, the same ever after; where it is even, no state is lost."""
    draw = random.Random(seed)  # noqa: S311  nothing secret
    kinds = draw.choices(list(WEIGHTS), list(WEIGHTS.values()), k=length)
    steps = (kind(draw) for kind in kinds)
    return [step for step in steps if seed % 2 or not loses_state(step)]


def loses_state(step: Step) -> bool:
    """Whether an agent acts from now on that does not know all that one knew before."""
    kind, *args = step
    agent = {"sync": 0, "fault": 2}.get(kind)
    return kind in ("lose", "rollback") or (agent is not None and args[agent] != 1)
