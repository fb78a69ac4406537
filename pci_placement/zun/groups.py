"""The groups of a request among the extra specs that zun asks Placement with.

Extra specs are zun's own here: no user writes into them, and other request filters may.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from pci_placement.mapping.questions import Question
from pci_placement.mapping.request import extra_specs

MARK = "pci_placement:asked"
"""For which request groups were added; zun reads only what begins with resources or trait.

Source: zun/scheduler/utils.py, ResourceRequest.XS_KEYPAT.
"""

_NUMBERED = re.compile("(?:resources|trait)([1-9][0-9]*):.+", re.ASCII | re.DOTALL)


def with_groups(specs: Mapping[str, object], question: Question) -> dict[str, object]:
    """Extra specs with the groups of a question, at numbers that nobody uses.

    A policy that somebody set stays: who wants groups apart wants ours apart too.
    """
    first = max(_numbers(specs), default=0) + 1
    ours = extra_specs(question.groups, first)
    return {**_policy(first - 1 + len(question.groups)), **ours, **specs, MARK: str(question)}


def _policy(numbered: int) -> dict[str, str]:
    """What Placement demands from two numbered groups on."""
    return {"group_policy": "none"} if numbered > 1 else {}


def _numbers(specs: Iterable[str]) -> list[int]:
    return [int(found[1]) for key in specs if (found := _NUMBERED.fullmatch(key))]


def is_asked(specs: Mapping[str, object]) -> bool:
    """Whether groups were added to these extra specs."""
    return MARK in specs


def needs_a_look(asked: Sequence[Question]) -> bool:
    """Whether it must be found out which of the questions has an answer.

    Not where the last one finds all there is at a small price: it is asked as it is, together with
    what else the container needs.
    """
    return len({question.usages for question in asked}) > 1 or len(asked[-1].groups) > FEW_GROUPS


FEW_GROUPS = 2
"""So many groups of one device each are cheap for Placement on any node."""
