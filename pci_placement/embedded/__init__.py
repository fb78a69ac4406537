"""A real Placement that this process starts itself, for the demo and for tests."""

from .placement import EmbeddedPlacement, EmbeddedPlacementError, ServedRequest

__all__ = ["EmbeddedPlacement", "EmbeddedPlacementError", "ServedRequest"]
