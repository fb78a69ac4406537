"""nova's API, scheduler and database, and the nodes that they know."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from unittest import mock

import fixtures
from keystoneauth1 import adapter, session, token_endpoint
from nova import context
from nova.objects import host_mapping
from nova.tests.fixtures import libvirt
from nova.tests.functional import fixtures as functional
from nova.tests.functional.api.client import APIResponse
from nova.tests.functional.libvirt import test_pci_sriov_servers as of_nova

BUS = 0x82
NOVAS = "0000:82:00.0"
"""The device that nova has."""
NOVAS_IDS = {"vendor_id": libvirt.PCI_VEND_ID, "product_id": libvirt.PCI_PROD_ID}
NOVAS_ALIAS = {"name": "novas", **NOVAS_IDS}
NOVAS_CLASS = "CUSTOM_PCI_{vendor_id}_{product_id}".format(**NOVAS_IDS)
PARTS = ("domain", "bus", "slot", "function")
PASTE = f"{sys.prefix}/etc/nova/api-paste.ini"


class OverHttp(fixtures.Fixture):
    """In place of nova's Placement in its own process: one at an address."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.api = self

    def _setUp(self) -> None:  # noqa: N802  fixtures calls it so
        self.useFixture(fixtures.MonkeyPatch("nova.utils.get_sdk_adapter", self._adapter))

    def _adapter(self, *_: object, **__: object) -> adapter.Adapter:
        auth = token_endpoint.Token(self.url, "admin")
        return adapter.Adapter(session.Session(auth), service_type="placement", raise_exc=False)

    def get(self, url: str, version: str | None = None) -> APIResponse:
        """What nova's own helpers ask."""
        return APIResponse(self._adapter().get(url, microversion=version))


class Nova(of_nova._PCIServersTestBase):  # noqa: SLF001  nova has no other
    """What users and operators do with it; a base of nova's functional tests, used by hand."""

    ADMIN_API = True
    microversion = "latest"
    PCI_DEVICE_SPEC: Sequence[str] = ()
    PCI_ALIAS: Sequence[str] = ()

    def runTest(self) -> None:  # noqa: N802  unittest calls it so
        """Nothing: it is set up and cleaned up by hand."""

    def setUp(self) -> None:
        self.flags(api_paste_config=PASTE, group="wsgi")
        super().setUp()
        # nothing here is about the /sys of this machine
        self.useFixture(fixtures.MockPatch("nova.pci.utils.is_physical_function"))

    def node(self, host: str = "node") -> None:
        """A compute node that has registered itself with nova and Placement."""
        devices = libvirt.HostPCIDevicesInfo(num_pci=1, num_pfs=0, num_vfs=0, bus=BUS)
        self.start_compute(host, pci_info=devices)

    def periodic_tasks(self, *, forgetful: bool = False) -> None:
        """What nova-compute does from time to time, also once its cache is too old."""
        for service in self.computes.values() if forgetful else ():
            service.manager.rt.reportclient.clear_provider_cache()
        self._run_periodics(raise_on_error=True)

    def create(self, extra_specs: Mapping[str, str], becomes: str = "ACTIVE") -> dict[str, Any]:
        """A server of a flavor with these extra specs, once it is what it is to become."""
        flavor = self._create_flavor(extra_spec=dict(extra_specs))
        return self._create_server(flavor_id=flavor, networks="none", expected_state=becomes)

    def hardware_of(self, server: Mapping[str, Any]) -> list[str]:
        """The devices that libvirt has given to a server."""
        domains = self.computes["node"].driver._host.get_connection()  # noqa: SLF001  as nova does
        found = domains.lookupByUUIDString(server["id"])._def  # noqa: SLF001  nova's fake libvirt
        return [of_device(each) for each in found["devices"]["hostdevs"]]

    def delete_service(self, host: str = "node") -> None:
        """`openstack compute service delete`."""
        (found,) = self.api.api_get(f"/os-services?host={host}").body["services"]
        self.api.api_delete(f"/os-services/{found['id']}")

    def discover_hosts(self) -> None:
        """`nova-manage cell_v2 discover_hosts --by-service`, after a node has come (back)."""
        host_mapping.discover_hosts(context.get_admin_context(), by_service=True)


def of_device(hostdev: Mapping[str, str]) -> str:
    domain, bus, slot, function = (int(hostdev[part], 16) for part in PARTS)
    return f"{domain:04x}:{bus:02x}:{slot:02x}.{function:x}"


@contextlib.contextmanager
def running(url: str, device_spec: Sequence[dict], alias: Sequence[dict], **pci: Any) -> Iterator:
    """A nova with these lists, and with these options of [pci]."""
    found = Nova()
    found.PCI_DEVICE_SPEC = list(map(json.dumps, device_spec))
    found.PCI_ALIAS = list(map(json.dumps, alias))
    found.flags(group="pci", **pci)
    found.flags(group="filter_scheduler", pci_in_placement=pci.get("report_in_placement", False))
    with mock.patch.object(functional, "PlacementFixture", return_value=OverHttp(url)):
        try:
            found.setUp()
            yield found
        finally:
            found.doCleanups()
