"""The check of doc/tempest.md that starts a container, by a real Tempest at a real zun's API."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

pytest.importorskip("zun.scheduler.utils", reason="zun is not installed")
if not find_spec("tempest.lib"):
    pytest.skip("tempest is not installed", allow_module_level=True)

import eventlet
from eventlet import wsgi
from support.cloud import LISTS
from support.keystone import REGION, Cloud, password
from support.placements import remove_all
from support.tempest_runs import Operator
from support.zun.cloud import SCHEDULER
from support.zun.stage import Stage

from pci_placement.tempest.base import NOT_IN_THE_CATALOG
from pci_placement.tempest.checks.test_containers import NAME

ASKED = {"config_file": "aliases.conf", "container_alias": "qat", "container_timeout": "60"}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    with Cloud(tmp_path_factory.mktemp("cloud") / "of") as cloud:
        yield cloud


@pytest.fixture
def stage(tmp_path, cloud):
    """A zun that asks a real Keystone and its Placement, with a node that has devices."""
    remove_all(cloud.client())
    auth = cloud.session("service", password("service")).auth
    with Stage(tmp_path, cloud.placement.url, auth, REGION) as stage:
        yield stage.start(scheduler=f"{SCHEDULER}[placement_client]\nregion_name = {REGION}\n")


@pytest.fixture
def operator(tmp_path, cloud):
    folder = tmp_path / "operator"
    folder.mkdir()
    (folder / "aliases.conf").write_text(LISTS)
    return Operator(folder, cloud)


@contextlib.contextmanager
def served(stage, cloud) -> Iterator[None]:
    """Zun's API at an address of the catalog."""
    listener = eventlet.listen(("127.0.0.1", 0))
    serving = eventlet.spawn(wsgi.server, listener, stage.zun.app, log_output=False)
    kind = {"service": {"type": "container", "name": "zun"}}
    service = cloud.identity.post("/services", json=kind).json()["service"]["id"]
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    where = {"service_id": service, "region_id": REGION, "interface": "public", "url": url}
    cloud.identity.post("/endpoints", json={"endpoint": where})
    yield
    cloud.identity.delete(f"/services/{service}")
    serving.kill()


def test_a_container_has_its_device_and_leaves_nothing(stage, cloud, operator):
    left_over = stage.zun.create("nic:1", name=NAME).body["uuid"]  # as a killed run leaves it
    with served(stage, cloud):
        said = operator.run("ContainersTest", **ASKED)
    assert (said.code, said.counts) == (0, (1, 0, 0)), said.text
    created = stage.zun.nodes["node"].driver.created
    assert (len(created), created[0]) == (2, left_over)
    assert stage.zun.nodes["node"].driver.deleted == created
    assert [stage.allocated(uuid) for uuid in created] == [{}, {}]


@pytest.mark.usefixtures("stock")
def test_a_zun_that_was_not_told_of_us_fails_the_check(tmp_path, cloud, operator):
    remove_all(cloud.client())
    auth = cloud.session("service", password("service")).auth
    with Stage(tmp_path, cloud.placement.url, auth, REGION) as stage:
        stage.start(scheduler=f"[placement_client]\nregion_name = {REGION}\n")
        with served(stage, cloud):
            said = operator.run("ContainersTest", **ASKED)
    assert (said.code, said.counts) == (1, (0, 0, 1)), said.text


@pytest.mark.usefixtures("stage")
def test_without_zun_there_is_nothing_to_check(operator):
    said = operator.run("ContainersTest", **ASKED)
    assert said.counts == (0, 1, 0), said.text
    assert NOT_IN_THE_CATALOG.format("container") in said.text
