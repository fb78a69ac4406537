"""The only package that speaks HTTP: sessions, errors, reading a tree and carrying out a plan.

What it offers is loaded when it is asked for: keystoneauth takes as long as all the rest of us, and
who only looks at this host does without.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .client import Candidate, Client
    from .cloud import CandidateProvider, ClassUsage, Cloud
    from .listing import RootWanted
    from .session import connect, of_session

_WHERE = {
    "Candidate": "client",
    "CandidateProvider": "cloud",
    "ClassUsage": "cloud",
    "Client": "client",
    "Cloud": "cloud",
    "RootWanted": "listing",
    "connect": "session",
    "of_session": "session",
}

__all__ = [
    "Candidate",
    "CandidateProvider",
    "ClassUsage",
    "Client",
    "Cloud",
    "RootWanted",
    "connect",
    "of_session",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_WHERE[name]}", __name__), name)
