"""Tells OpenStack Placement which PCI devices a compute node can give away."""

__version__ = "0.2.0.dev0"
