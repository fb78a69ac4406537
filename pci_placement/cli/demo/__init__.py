"""`demo`: the main job from end to end, against a real Placement that the demo starts itself."""

from .command import Demo

__all__ = ["Demo"]
