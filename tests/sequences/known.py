"""Faults of the program that the search looks past, so that it finds others.

Each has a test in test_known.py that looks at it, and fails once the fault is mended: take it out
of both then.
"""

KNOWN = frozenset(
    {
        "held goes on",
        "turned card",
        "once out of a pool",
    }
)

UNKNOWN_STATE_BREAKS = frozenset({"over-commit", "converge", "drained", "spent", "reserved"})
"""What is not judged while claims last of which nobody remembers what they may hold."""
