"""How many cases were tried and survived, by kind of fault."""

from collections import Counter
from collections.abc import Iterable, Iterator

import pytest

#: Under this name a test reports each of its cases; reports come from the other processes too.
PROPERTY = "fault"


def lines(reports: Iterable[pytest.TestReport]) -> Iterator[str]:
    """One line a kind and one for all; none where no fault was tried."""
    cases = [
        case for report in reports for name, case in report.user_properties if name == PROPERTY
    ]
    tried = Counter(kind for kind, _ in cases)
    survived = Counter(kind for kind, survived in cases if survived)
    for kind in sorted(tried):
        yield f"{kind:<20} tried {tried[kind]:>6} survived {survived[kind]:>6}"
    if tried:
        yield f"{'all faults':<20} tried {tried.total():>6} survived {survived.total():>6}"
