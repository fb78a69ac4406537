"""Faults of the program that the search looks past, so that it finds others.

Each has a test in test_known.py that looks at it, and fails once the fault is mended: take it out
of both then.
"""

KNOWN = frozenset({"withheld reservation"})
