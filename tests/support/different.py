"""Values in which nothing is as it is by default, made by looking at their fields.

A field that is added later gets a value of its own at once, and one of a type that nobody thought
of is an error.
"""

import enum
import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any


def different(kind: type, default: Any = None) -> Any:
    """A value of this type that is neither the default nor empty."""
    if is_dataclass(kind):
        return kind(**{f.name: different(hint, default_of(f)) for f, hint in hinted(kind)})
    if hasattr(kind, "_fields"):  # a named tuple
        return kind(*(different(hint) for hint in typing.get_type_hints(kind).values()))
    if hasattr(kind, "__supertype__"):
        return different(kind.__supertype__, default)
    if typing.get_origin(kind):
        return _container(kind)
    return _scalar(kind, default)


def hinted(kind: type) -> list:
    """The fields of a dataclass, with what their types are."""
    hints = typing.get_type_hints(kind)
    return [(field, hints[field.name]) for field in fields(kind)]


def default_of(field: Any) -> Any:
    """What a field is if nobody says; None where somebody must."""
    if field.default_factory is not MISSING:
        return field.default_factory()
    return None if field.default is MISSING else field.default


def _container(kind: Any) -> Any:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is Mapping:
        key, value = map(different, arguments)
        return {key: value}
    if origin is frozenset:
        return frozenset(map(different, arguments))
    if origin is tuple and arguments[1:] == (...,):
        return (different(arguments[0]),)
    chosen, none = arguments  # X | None
    assert none is type(None), kind
    return different(chosen)


def _scalar(kind: type, default: Any) -> Any:
    made = {
        str: lambda: f"{default or ''}different",
        int: lambda: (default or 0) + 2,
        float: lambda: (default or 0.0) + 2.5,
        bool: lambda: not default,
    }
    if issubclass(kind, enum.Enum):
        return next(member for member in kind if member is not default)
    return made[kind]()
