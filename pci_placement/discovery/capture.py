"""What discovery reads of a host, kept in a file, so that its lists can be checked elsewhere.

JSON in gzip: nothing has to be unpacked to read it, and there is no serial number in it, nor
anything else that discovery does not read.
"""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

from pci_placement.errors import DiscoveryError, RequestError

from .raw import RawHost
from .raw.files import read_file, write_new_file

FORMAT, VERSION = "pci-placement host capture", 1
NO_CAPTURE = "it is neither a folder with bus/pci/devices nor a file that `host capture` wrote"
OTHER_VERSION = "it was captured by another version of pci-placement: capture it anew"
THERE_ALREADY = "{} is there already: name another file"
CANNOT_KEEP = "cannot write {}: {}"


def write_capture(host: RawHost, file: str) -> None:
    """Keep a host in a new file. Raises RequestError where there is one, or cannot be one."""
    if host.failure:
        raise DiscoveryError(*host.failure)
    content = {
        "format": FORMAT,
        "version": VERSION,
        "functions": host.functions,
        "unreadable": sorted(host.unreadable.items()),
        "in_use": sorted(host.in_use.items()),
    }
    try:
        write_new_file(file, gzip.compress(json.dumps(content).encode(), mtime=0))
    except FileExistsError:
        raise RequestError(THERE_ALREADY.format(file)) from None
    except OSError as error:
        raise RequestError(CANNOT_KEEP.format(file, error.strerror)) from error


def read_capture(file: str) -> RawHost | None:
    """The host that a file holds; None for a folder, and for what is not there.

    Raises DiscoveryError for a file that is none of ours.
    """
    packed = read_file(file)
    if packed is None:
        return None
    try:
        content = json.loads(gzip.decompress(packed))
        if content["format"] != FORMAT:
            raise DiscoveryError(file, NO_CAPTURE)
        if content["version"] != VERSION:
            raise DiscoveryError(file, OTHER_VERSION)
        return _host(content)
    except (EOFError, KeyError, OSError, TypeError, ValueError, zlib.error) as error:
        raise DiscoveryError(file, NO_CAPTURE) from error


def _host(content: dict[str, Any]) -> RawHost:
    """JSON has lists where a host has tuples, and compares them as something else."""
    return RawHost(
        [_tuple(function) for function in content["functions"]],
        {_tuple(address): _tuple(odd) for address, odd in content["unreadable"]},
        {_tuple(address): reason for address, reason in content["in_use"]},
    )


def _tuple(value: Any) -> Any:
    return tuple(map(_tuple, value)) if isinstance(value, list) else value
