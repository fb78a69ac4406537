"""The only package that speaks HTTP: sessions, errors, reading a tree and carrying out a plan."""

from .client import Candidate, Client, RootWanted
from .cloud import Cloud, Offered, Stock
from .session import connect, of_session

__all__ = [
    "Candidate",
    "Client",
    "Cloud",
    "Offered",
    "RootWanted",
    "Stock",
    "connect",
    "of_session",
]
