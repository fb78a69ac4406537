"""The hint of a container, `--hint pci=QuickAssist:2`, as the usage that it is meant to be.

A user may send any JSON there: zun's API only asks for an object.

Source: zun/api/controllers/v1/schemas/parameter_types.py, hints.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pci_placement.errors import RequestError
from pci_placement.mapping.usage import Usages, parse_alternatives

HINT_NAME = "pci"
LONGEST = 1000
"""Characters of a hint."""

MOST_OF_A_CONTAINER = 16
"""Devices: what is asked for one by one may make Placement try every order of them."""

MISSPELT = "there is no hint {!r}: write pci=QuickAssist:1"
NOT_TEXT = "the hint pci is text, such as pci=QuickAssist:1, and not {}"
HINT_TOO_LONG = "the hint pci has {} characters, and {} is the most"
NEVER_OFFERED = "no node has ever offered {!r}: check the name of the device and of the network"
TOO_MANY_DEVICES = "the hint pci asks for {} devices, and {} is the most for one container"

_KINDS = {bool: "a truth value", dict: "an object", list: "a list", type(None): "nothing"}


def alternatives(hints: object) -> tuple[Usages, ...]:
    """What a container asks for, in the order of preference; empty where it asks for no device.

    hints is what zun's API let through: an object, or nothing. Raises RequestError.
    """
    if not isinstance(hints, Mapping):
        return ()
    _check_names(hints)
    return _checked(hints[HINT_NAME]) if HINT_NAME in hints else ()


def _check_names(hints: Iterable[object]) -> None:
    for name in hints:
        if name != HINT_NAME and str(name).strip().lower() == HINT_NAME:
            raise RequestError(MISSPELT.format(name))


def _checked(text: object) -> tuple[Usages, ...]:
    if not isinstance(text, str):
        raise RequestError(NOT_TEXT.format(_KINDS.get(type(text), "a number")))
    if len(text) > LONGEST:
        raise RequestError(HINT_TOO_LONG.format(len(text), LONGEST))
    found = parse_alternatives(text)
    most = max(sum(usage.count for usage in usages) for usages in found)
    if most > MOST_OF_A_CONTAINER:
        raise RequestError(TOO_MANY_DEVICES.format(most, MOST_OF_A_CONTAINER))
    return found
