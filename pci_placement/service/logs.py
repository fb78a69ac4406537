"""Lines on stderr: as text for people, or each a JSON object for a collector. Never a secret."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pci_placement.errors import without_credentials
from pci_placement.text.visible import visible

if TYPE_CHECKING:  # loading the nouns takes longer than a pass that finds nothing to do
    from pci_placement.model import Action
    from pci_placement.placement.trail import Answered

LOGGER = logging.getLogger("pci_placement.service")
LIBRARIES = ("keystoneauth", "openstack", "oslo_config", "stevedore", "urllib3")


def start_logging(arguments: argparse.Namespace) -> None:
    """Let all log lines of this process go to stderr, in the format that was asked for."""
    # whoever reads them may be gone: that is no reason to end, or to tell nobody of it
    logging.raiseExceptions = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if arguments.log_format == "json" else _Text())
    logging.root.handlers[:] = [handler]
    talkative = arguments.verbose or arguments.debug
    usual = logging.WARNING if arguments.quiet else logging.INFO
    LOGGER.setLevel(logging.DEBUG if talkative else usual)
    handler.addFilter(_Traces(arguments.debug))
    for name in LIBRARIES:  # an error of theirs becomes one message of ours
        logging.getLogger(name).setLevel(logging.WARNING if talkative else logging.CRITICAL)


class _Traces(logging.Filter):
    """Lets tracebacks through where they were asked for."""

    def __init__(self, wanted: bool) -> None:
        super().__init__()
        self._wanted = wanted

    def filter(self, record: logging.LogRecord) -> bool:
        if not self._wanted:
            record.exc_info = record.exc_text = None
        return True


class _Text(logging.Formatter):
    """Time, level, id of the pass and message; a line for each line of a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        told = [record.getMessage(), *_traceback(record)]
        request_id = getattr(record, "request_id", "")
        head = f"{_time(record)} {record.levelname}" + (f" [{request_id}]" if request_id else "")
        return "\n".join(f"{head} {visible(without_credentials(line))}" for line in told)


class _Json(logging.Formatter):
    """One object a line, in ASCII: time, level, message, and what it is about."""

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname,
            "message": without_credentials(record.getMessage()),
            **_about(record),
        }
        trace = _traceback(record)
        if trace:
            fields["traceback"] = [without_credentials(line) for line in trace]
        return json.dumps(fields)


def _about(record: logging.LogRecord) -> dict[str, Any]:
    """The pass and the id of its requests, one of these, and what was done to which provider."""
    number = getattr(record, "pass_number", 0)
    of_pass = {"pass": number, "global_request_id": record.__dict__["request_id"]} if number else {}
    action: Action | None = getattr(record, "action", None)
    done = {"action": action.verb, "provider": action.name or None} if action else {}
    call: Answered | None = getattr(record, "call", None)
    return of_pass | done | (_told(call) if call else {})


def _told(call: Answered) -> dict[str, Any]:
    return {
        "method": call.method,
        "url": without_credentials(call.url),
        "status": call.status,
        "seconds": round(call.seconds, 6),
        "request_id": call.request_id,
    }


def _traceback(record: logging.LogRecord) -> list[str]:
    if record.exc_text:
        return record.exc_text.splitlines()
    if not record.exc_info:
        return []
    return logging.Formatter().formatException(record.exc_info).splitlines()


def _time(record: logging.LogRecord) -> str:
    when = datetime.fromtimestamp(record.created, UTC)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
