"""Requests of all kinds, valid and not, at random: they depend on what Placement has."""

from .chance import Ask
from .sequence import Sequence

__all__ = ["Ask", "Sequence"]
