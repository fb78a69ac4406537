"""The network interfaces that others rest on."""

from __future__ import annotations

import os

from .texts import listed, with_all_below

# Source: Linux, net/openvswitch/vport-netdev.c, ovs_netdev_link.
_OVS = "ovs-system"  # on which the cards of all bridges of Open vSwitch hang


class Interfaces:
    """The interfaces of a running host, in its /sys."""

    def __init__(self, sysfs: str) -> None:
        self._folder = os.path.join(sysfs, "class/net")
        self._known: dict[str, list[str]] = {}

    def cards(self, interface: str) -> list[str]:
        """Where /sys shows an interface and all that it rests on."""
        found = self._known.get(interface)
        if found is None:
            names = with_all_below(interface, self._below)
            found = [os.path.join(self._folder, name) for name in names]
            self._known[interface] = found
        return found

    def _below(self, name: str) -> list[str]:
        """What a bond, bridge, team or VLAN rests on."""
        folder = os.path.join(self._folder, name)
        below = [lower.removeprefix("lower_") for lower in listed(folder, "lower_")]
        below += listed(os.path.join(folder, "brif"))
        if not below and not os.path.exists(os.path.join(folder, "device")):
            return [_OVS]  # a bridge of Open vSwitch does not show which cards it uses
        return below
