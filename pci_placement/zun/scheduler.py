"""What `[scheduler] available_filters` of zun names, on every node that runs zun's API.

zun imports each class named there when it first schedules, whether it is enabled or not. With the
import a request filter is added, which puts the groups of a container's devices into the query that
zun asks Placement. The class, if it is enabled too, refuses a container for which that was missed.

Source: zun/scheduler/filter_scheduler.py, FilterScheduler; zun/scheduler/request_filter.py.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import MutableMapping, Sequence
from types import SimpleNamespace
from typing import Any

from keystoneauth1.exceptions import BadRequest, ClientException
from zun.common.exception import InvalidValue
from zun.scheduler import request_filter, utils
from zun.scheduler.client.report import SchedulerReportClient
from zun.scheduler.filters import BaseHostFilter

from pci_placement.errors import RequestError
from pci_placement.mapping.questions import Question, last_of_first, questions

from . import groups, hint
from .files import zun_paths
from .lists import Lists

LOG = logging.getLogger(__name__)

NOT_ASKED = (
    "container %s asks for devices (%r) and Placement was not asked for them: it is not started. "
    "The request filter of pci_placement.zun.scheduler did not run in this process; is another "
    "program replacing zun.scheduler.request_filter.ALL_REQUEST_FILTERS?"
)
UNKNOWN_TO_PLACEMENT = "Placement knows no devices such as %r: %s"
ASKS = "container with the hint pci=%r: Placement is asked for %r"

Specs = MutableMapping[str, Any]
"""What zun's API makes of a request, `hints` among it, and what Placement is asked with."""

_ANY_CONTAINER = SimpleNamespace(cpu=None, memory=None, disk=None)
"""The smallest container: a request filter is not told which one it is."""


_lists = Lists(zun_paths)


def add_devices(context: Any, specs: Specs) -> bool:
    """Add the groups that a container's hint asks for; a request filter of zun.

    Raises zun's InvalidValue, which its API answers with 400, where the hint is no good.
    """
    if groups.is_asked(specs):
        return False
    try:
        chosen = _question(context, specs)
    except RequestError as error:
        # zun formats its messages with their arguments
        raise InvalidValue(str(error).replace("%", "%%")) from error
    if chosen is None:
        return False
    specs.update(groups.with_groups(specs, chosen))
    LOG.info(ASKS, specs["hints"][hint.HINT_NAME], str(chosen))
    return True


def _question(context: Any, specs: Specs) -> Question | None:
    asked = _questions(specs)
    return _choose(context, specs, asked) if asked else None


def _questions(specs: Specs) -> Sequence[Question]:
    alternatives = hint.alternatives(specs.get("hints"))
    if not alternatives:
        return ()
    settings = _lists.current()
    return questions(alternatives, settings.aliases, exclusive=settings.layout.exclusive)


def _choose(context: Any, specs: Specs, asked: Sequence[Question]) -> Question:
    """The first question with an answer: zun asks Placement only one.

    Raises RequestError where Placement cannot know what any of them asks for.
    """
    known = []
    for question in asked if groups.needs_a_look(asked) else asked[-1:]:
        found = _candidates(context, specs, question)
        if found:
            return question
        if found is not None:
            known.append(question)
    if not known:
        raise RequestError(hint.NEVER_OFFERED.format(specs["hints"][hint.HINT_NAME]))
    return last_of_first(known)


def _candidates(context: Any, specs: Specs, question: Question) -> Sequence[object] | None:
    """Where such devices are free beside the smallest container, at most one place.

    None where Placement was never told of such a class or trait: zun would answer that with 500.
    """
    with_devices = groups.with_groups(specs, question)
    request = utils.resources_from_request_spec(context, _ANY_CONTAINER, with_devices)
    request._limit = 1  # noqa: SLF001  zun has no other way to set it
    try:
        found, _, _ = _client().get_allocation_candidates(context, request)
    except BadRequest as error:
        LOG.warning(UNKNOWN_TO_PLACEMENT, str(question), error)
        return None
    except ClientException:
        # zun will ask as well, and says what is the matter
        return ()
    return found or ()


@functools.cache
def _client() -> SchedulerReportClient:
    """One for the process, so that not every container costs a token."""
    return SchedulerReportClient()


class PciPlacementFilter(BaseHostFilter):  # type: ignore[misc]  # zun has no types
    """Refuses every host to a container whose hint asks for devices that nobody asked for."""

    def host_passes(self, _host: Any, container: Any, extra_spec: Specs) -> bool:
        """Whether the hint of this container, if it has one, is in the query to Placement."""
        hints = extra_spec.get("hints") or {}
        if hint.HINT_NAME not in hints or groups.is_asked(extra_spec):
            return True
        LOG.error(NOT_ASKED, container.uuid, hints[hint.HINT_NAME])
        return False


def _register() -> None:
    """Be one of zun's request filters, once, and the last so far: numbers in use are known then."""
    filters = request_filter.ALL_REQUEST_FILTERS
    others = [one for one in filters if getattr(one, "__module__", None) != __name__]
    filters[:] = [*others, add_devices]


_register()
