"""Faults of the program that the search looks past, so that it finds others.

Each has a test in test_known.py that looks at it, and fails once the fault is mended: take it out
of both then.
"""

KNOWN = frozenset(
    {
        "two classes",
        "slots stay",
        "limit grows",
        "unknown state",
        "regrouped drain",
        "drained growth",
        "turned card",
        "once out of a pool",
    }
)

UNKNOWN_STATE_BREAKS = frozenset({"over-commit", "converge", "drained", "spent", "reserved"})
"""What is not judged any more in a sequence in which state was lost."""
