"""How values become JSON and are read back, strictly: a file may hold anything.

What a codec would not have written itself it refuses with ValueError.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

T = TypeVar("T")
K = TypeVar("K")

MOST = 2**53
"""No number that is kept comes near; beyond it a float is no longer exact."""


@dataclass(frozen=True, slots=True)
class Codec(Generic[T]):
    """The way of one type to what JSON can say, and the way back."""

    write: Callable[[T], Any]
    read: Callable[[Any], T]


def _checked(right: bool, wanted: str, content: Any) -> Any:
    if not right:
        raise ValueError(f"{wanted} is needed, not {type(content).__name__}")
    return content


def _number(content: Any) -> float:
    within = type(content) in (int, float) and abs(content) <= MOST  # neither NaN nor infinite
    return float(_checked(within, "a number", content))


def _text(content: Any) -> str:
    text: str = _checked(type(content) is str, "text", content)
    text.encode()  # half of a surrogate pair could be neither hashed nor shown
    return text


def _list(content: Any) -> list[Any]:
    items: list[Any] = _checked(type(content) is list, "a list", content)
    return items


def _pair(content: Any) -> list[Any]:
    return _list(_checked(type(content) is list and len(content) == 2, "a pair", content))


def _object(content: Any) -> dict[str, Any]:
    pairs: dict[str, Any] = _checked(type(content) is dict, "an object", content)
    return pairs


def whole(least: int) -> Codec[int]:
    """A whole number, not less than this."""

    def read(content: Any) -> int:
        within = type(content) is int and least <= content <= MOST
        number: int = _checked(within, "a whole number", content)
        return number

    return Codec(int, read)


def worded(make: Callable[[str], T]) -> Codec[T]:
    """A value that is written as text."""
    return Codec(str, lambda content: make(_text(content)))


TEXT: Codec[str] = worded(str)
NUMBER: Codec[float] = Codec(float, _number)
FLAG: Codec[bool] = Codec(bool, lambda content: _checked(type(content) is bool, "a flag", content))
NOT_KEPT: Codec[Any] = Codec(lambda _: None, lambda _: None)
"""For a field that is left to its default."""


def optional(codec: Codec[T]) -> Codec[T | None]:
    """A value, or None."""
    return Codec(
        lambda value: None if value is None else codec.write(value),
        lambda content: None if content is None else codec.read(content),
    )


def many(codec: Codec[T]) -> Codec[frozenset[T]]:
    """A set of values; written in order, so that equal sets give equal files."""
    return Codec(
        lambda values: sorted(map(codec.write, values)),
        lambda content: frozenset(map(codec.read, _list(content))),
    )


def named(key: Codec[K], value: Codec[T]) -> Codec[Mapping[K, T]]:
    """Values by names that are written as text."""
    return Codec(
        lambda pairs: {key.write(k): value.write(v) for k, v in pairs.items()},
        lambda content: {key.read(k): value.read(v) for k, v in _object(content).items()},
    )


def paired(key: Codec[K], value: Codec[T]) -> Codec[Mapping[K, T]]:
    """Values by keys that have parts of their own."""

    def read(content: Any) -> Mapping[K, T]:
        return {key.read(k): value.read(v) for k, v in map(_pair, _list(content))}

    return Codec(lambda pairs: [[key.write(k), value.write(v)] for k, v in pairs.items()], read)


def indexed(value: Codec[T], by: Callable[[T], K]) -> Codec[Mapping[K, T]]:
    """Values by a key that they carry themselves."""

    def read(content: Any) -> Mapping[K, T]:
        return {by(item): item for item in map(value.read, _list(content))}

    return Codec(lambda found: [value.write(v) for v in found.values()], read)


def record(kind: Callable[..., T], **codecs: Codec[Any]) -> Codec[T]:
    """A dataclass or named tuple by its fields, every one of which must be in the table."""
    if forgotten := set(_fields(kind)) ^ set(codecs):
        raise TypeError(f"fields and codecs differ in {', '.join(sorted(forgotten))}: {kind}")
    kept = {name: codec for name, codec in codecs.items() if codec is not NOT_KEPT}

    def read(content: Any) -> T:
        found = _object(content)
        _checked(found.keys() == kept.keys(), ", ".join(kept), content)
        return kind(**{name: codec.read(found[name]) for name, codec in kept.items()})

    def write(value: T) -> Any:
        return {name: codec.write(getattr(value, name)) for name, codec in kept.items()}

    return Codec(write, read)


def _fields(kind: Any) -> tuple[str, ...]:
    return getattr(kind, "_fields", None) or tuple(field.name for field in fields(kind))
