"""Why there was no answer, in the words of who said so, and what to look at.

keystoneauth, requests and urllib3 wrap what the operating system said in what they were doing.
"""

from __future__ import annotations

import errno
import re
import ssl
from collections.abc import Iterator

from requests import exceptions

NO_LISTENER = "nothing listens there: check the port, and whether the service runs"
NO_SUCH_HOST = "nobody knows that host: check its name, and the name servers of this host"
NO_WAY = "no way leads there: check the address, the routes and the firewalls between"
NO_TLS = (
    "{}: what listens there does not speak TLS; write http:// in place of https://, or name the "
    "port that does"
)
_HINTS = {
    errno.ECONNREFUSED: NO_LISTENER,
    errno.EHOSTUNREACH: NO_WAY,
    errno.ENETUNREACH: NO_WAY,
    errno.ETIMEDOUT: NO_WAY,
}
_UNRESOLVED = ("gaierror", "NameResolutionError")
"""The types of errors that say that a name has no address."""
_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE")
"""What OpenSSL calls an answer that is none of TLS. Which one depends on its version."""
_NESTED = re.compile(r": \w+\(host=")
"""Where urllib3 begins to tell of its pool and of what is in it."""
_NO_URL = (exceptions.MissingSchema, exceptions.InvalidSchema, exceptions.InvalidURL)


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and those on whose account it was raised."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def reason(error: BaseException) -> str:
    """The URL that keystoneauth names, what the operating system said, and what to look at.

    A refused connection is four nested representations of objects otherwise.
    """
    said = _NESTED.split(str(error), maxsplit=1)[0].partition(". Required version")[0]
    system = [e for e in causes(error) if isinstance(e, OSError) and e.strerror]
    if not system:
        return said
    hint = _hint(error, system[-1])
    return f"{said}: {system[-1].strerror}" + (f"; {hint}" if hint else "")


def _hint(error: BaseException, system: OSError) -> str:
    if any(type(cause).__name__ in _UNRESOLVED for cause in causes(error)):
        return NO_SUCH_HOST
    return _HINTS.get(system.errno or 0, "")


def speaks_no_tls(error: BaseException) -> bool:
    """Whether TLS was tried with somebody who does not speak it."""
    said = [cause for cause in causes(error) if isinstance(cause, ssl.SSLError)]
    return any((cause.reason or "") in _NO_TLS for cause in said)


def is_no_url(error: BaseException) -> bool:
    """Whether what was to be asked is no URL."""
    return any(isinstance(cause, _NO_URL) for cause in causes(error))


def first_said(error: BaseException) -> str:
    """The words of the first error of all."""
    *_, first = causes(error)
    return str(first)
