"""Placement in memory, for tests of many thousand requests: what the real one does, without it.

It answers microversions 1.30 to 1.39, as far as this project asks. That it answers as the real one
does, to the last generation, is tested in tests/functional/test_memory_placement.py.
"""

from .adapter import MemoryAdapter, dropped
from .answer import Answer, refusal
from .placement import MemoryPlacement
from .state import Consumer, State

__all__ = [
    "Answer",
    "Consumer",
    "MemoryAdapter",
    "MemoryPlacement",
    "State",
    "dropped",
    "refusal",
]
