"""Whether a value is, all the way down, of the types that its fields name."""

import typing
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from typing import Any


def wrongly_typed(value: Any, kind: Any) -> Iterator[str]:
    """Say of each part that it is of another type than is written."""
    if hasattr(kind, "__supertype__"):
        yield from wrongly_typed(value, kind.__supertype__)
    elif typing.get_origin(kind):
        yield from _in_container(value, typing.get_origin(kind), typing.get_args(kind))
    elif type(value) is not kind:
        yield f"{value!r} is no {kind.__name__}"
    elif is_dataclass(kind) or hasattr(kind, "_fields"):
        for name, hint in typing.get_type_hints(kind).items():
            yield from wrongly_typed(getattr(value, name), hint)


def _in_container(value: Any, origin: Any, arguments: tuple) -> Iterator[str]:
    if origin is Mapping:
        for parts in value.items():
            for part, hint in zip(parts, arguments, strict=True):
                yield from wrongly_typed(part, hint)
    elif origin is frozenset:
        for item in value:
            yield from wrongly_typed(item, arguments[0])
    elif value is not None:  # X | None
        yield from wrongly_typed(value, arguments[0])
