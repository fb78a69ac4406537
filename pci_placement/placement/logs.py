"""What keystoneauth logs: whole URLs, with the user and the password that some of them carry."""

from __future__ import annotations

import logging
import traceback

from pci_placement.errors import without_credentials

_SESSION = "keystoneauth.session"
_LATER = (
    _SESSION,
    *(f"{_SESSION}.{part}" for part in ("request", "response", "body", "request-id")),
)
"""Loggers that come to be with the first request."""


class _Discreet(logging.Filter):
    """Lets everything pass, without credentials."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = without_credentials(record.getMessage()), ()
        if record.exc_info:
            told = "".join(traceback.format_exception(record.exc_info[1]))
            record.exc_text = without_credentials(told.rstrip("\n"))
        return True


_DISCREET = _Discreet()


def be_discreet() -> None:
    """Let no logger of keystoneauth tell credentials; a filter counts for one logger alone."""
    known = [name for name in logging.root.manager.loggerDict if name.startswith("keystoneauth.")]
    for name in (*known, *_LATER):
        logging.getLogger(name).addFilter(_DISCREET)  # which takes one only once
