"""The only package that speaks HTTP: sessions, errors, reading a tree and carrying out a plan."""

from .client import Candidate, Client
from .cloud import CandidateProvider, ClassUsage, Cloud
from .listing import RootWanted
from .session import connect, of_session

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
