"""`complete`: what a shell offers behind `pci-placement`, made of the parsers of all commands."""

from .command import Complete

__all__ = ["Complete"]
