"""How many examples a property is tried with, by the profile that is in force."""

from typing import Any

from hypothesis import settings

ALL = 100
"""What hypothesis tries where nothing is said; the profile of a gate has fewer."""


def tried(number: int, **more: Any) -> settings:
    """Try so many examples in a search, and the same share of them as of all others in a gate."""
    return settings(max_examples=max(1, number * settings.default.max_examples // ALL), **more)
