"""The only package that speaks HTTP: sessions, errors, reading a tree and carrying out a plan."""

from .client import Candidate, Client, RootWanted
from .session import connect, of_session

__all__ = ["Candidate", "Client", "RootWanted", "connect", "of_session"]
