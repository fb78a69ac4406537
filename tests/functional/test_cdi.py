"""What container runtimes are told: a document in a folder that is theirs as well."""

import json
import os
import shutil
import stat
import subprocess

import pytest
from support.cdi import valid
from support.cloud import HOST, NIC, NIC_CARD, PLAIN, QAT, VFS
from support.placements import ROOT, consumer_uuid

BOB, EVE = map(consumer_uuid, ("bob", "eve"))
GROUP = ["/dev/vfio/vfio", "/dev/vfio/7"]
CARD = {**NIC_CARD, "vfs": {**NIC_CARD["vfs"], "driver": "vfio-pci", "net": False}}


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cdi"


@pytest.fixture
def file(folder):
    return folder / f"pci-placement-{ROOT.uuid}.json"


@pytest.fixture
def ask(run, folder):
    """Run a command with a folder for documents; it must work."""

    def ask(line: str, cdi_dir=folder, code: int = 0):
        done = run(line, cdi_dir=str(cdi_dir))
        assert done.code == code, done.err
        return done

    return ask


@pytest.fixture
def bind(become, sysfs):
    """Let the host have this device, and let a driver hand it on in an IOMMU group."""

    def bind(group: int = 7, driver: str = "vfio-pci") -> None:
        become({**HOST[0], "driver": driver}, CARD)
        for where, number in ((PLAIN, group), ("0000:81:10.0", 8), ("0000:81:10.2", 9)):
            (sysfs / f"kernel/iommu_groups/{number}").mkdir(parents=True)
            link = sysfs / f"bus/pci/devices/{where}/iommu_group"
            link.symlink_to(f"../../kernel/iommu_groups/{number}")

    return bind


@pytest.fixture
def bound(bind, ask, real):
    """A pass, and a consumer that has claimed a device which a driver hands on."""
    bind()
    ask("sync")
    real.claim("bob", {PLAIN: {QAT: 1}})
    return real


def told(file) -> dict[str, list[str]]:
    """The nodes of each device of a document, which must be valid."""
    found = valid(json.loads(file.read_text()))
    return {
        device["name"]: [node["path"] for node in device["containerEdits"]["deviceNodes"]]
        for device in found["devices"]
    }


@pytest.mark.usefixtures("bound")
def test_it_is_there_before_the_answer_and_everybody_may_read_it(ask, file):
    (row,) = ask(f"claim show {BOB} -f json").json
    assert row["cdi"] == f"pci-placement.org/pci={PLAIN}"
    assert told(file) == {PLAIN: GROUP}
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o755


def test_it_has_every_device_that_was_given_and_no_other(bound, ask, file):
    bound.claim("eve", {VFS: {NIC: 1}})
    ask(f"claim show {BOB}")
    assert list(told(file)) == [PLAIN]
    ask(f"claim show {EVE}")
    assert told(file) == {PLAIN: GROUP, "0000:81:10.0": ["/dev/vfio/vfio", "/dev/vfio/8"]}


def test_what_has_ended_is_not_told_any_more(bound, ask, file):
    ask(f"claim show {BOB}")
    bound.release("bob")
    ask(f"claim show {BOB}", code=1)
    assert not file.exists()


def test_a_pass_that_reads_all_finds_that_out_too(bound, ask, file, placement):
    ask(f"claim show {BOB}")
    bound.release("bob")
    ask("sync")
    assert file.exists()
    placement.requests.clear()
    ask("sync --full")
    assert not file.exists()
    asked = [r.path for r in placement.requests if r.path.startswith("/allocations/")]
    assert asked == [f"/allocations/{BOB}"]


@pytest.mark.usefixtures("bound")
def test_a_pass_tells_of_another_group(ask, bind, file):
    ask(f"claim show {BOB}")
    bind(group=11)
    ask("sync")
    assert told(file) == {PLAIN: ["/dev/vfio/vfio", "/dev/vfio/11"]}


@pytest.mark.usefixtures("bound")
def test_and_of_a_driver_that_makes_nothing(ask, bind, file):
    ask(f"claim show {BOB}")
    bind(driver="c6xx")
    ask("sync")
    assert not file.exists()


@pytest.mark.usefixtures("bound")
def test_a_pass_writes_it_again_after_a_boot_took_it_away(ask, file):
    ask(f"claim show {BOB}")
    shutil.rmtree(file.parent)
    ask("sync")
    assert told(file) == {PLAIN: GROUP}


@pytest.mark.usefixtures("bound")
def test_also_one_that_would_have_been_spared(ask, file, once, folder):
    ask(f"claim show {BOB}")
    for _ in range(3):
        assert once(cdi_dir=str(folder)).code == 0
    shutil.rmtree(folder)
    assert once(cdi_dir=str(folder)).code == 0
    assert told(file) == {PLAIN: GROUP}


@pytest.mark.usefixtures("bound")
def test_a_pass_that_finds_it_true_does_not_write_it(ask, file):
    ask(f"claim show {BOB}")
    before = file.stat()
    ask("sync")
    ask(f"claim show {BOB}")
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.usefixtures("bound")
@pytest.mark.parametrize("text", ['{"kind": "vendor.com/device"}', "[]", "no document"])
def test_what_somebody_else_put_there_stays(ask, file, text):
    file.parent.mkdir()
    file.write_text(text)
    done = ask(f"claim show {BOB}")
    assert "it is no document of pci-placement.org/pci" in done.err
    assert file.read_text() == text


def test_other_files_stay(bound, ask, file):
    file.parent.mkdir()
    other = file.parent / "vendor.json"
    other.write_text("{}")
    ask(f"claim show {BOB}")
    bound.release("bob")
    ask(f"claim show {BOB}", code=1)
    assert [each.name for each in file.parent.iterdir()] == ["vendor.json"]


@pytest.mark.usefixtures("bound")
def test_a_folder_that_cannot_be_written_is_told_and_the_answer_is_given(ask, tmp_path):
    (tmp_path / "file").write_text("")
    done = ask(f"claim show {BOB} -f json", cdi_dir=tmp_path / "file")
    assert f"cannot tell container runtimes in {tmp_path}/file" in done.err
    assert done.json[0]["address"] == PLAIN


def test_a_path_that_does_not_begin_with_a_slash_is_refused(run, real):
    done = run("config validate -f json", cdi_dir="cdi")
    assert (done.code, real is None) == (2, False)
    assert "does not begin with /" in done.out


@pytest.mark.usefixtures("bound")
def test_by_default_nothing_is_written(run, folder):
    assert run(f"claim show {BOB}").code == 0
    assert not folder.exists()


# --- a host that is retired


@pytest.mark.usefixtures("bound")
def test_a_retirement_takes_the_document_along(bound, ask, file):
    ask(f"claim show {BOB}")
    bound.release("bob")
    ask("retire --yes")
    assert not file.exists()


@pytest.mark.parametrize("goes_on", ["retire --yes", "sync"])
def test_but_who_still_runs_there_keeps_its_devices(bound, ask, file, goes_on):
    bound.claim("eve", {VFS: {NIC: 1}})
    ask(f"claim show {BOB}")
    ask(f"claim show {EVE}")
    bound.release("eve")
    ask("retire --yes", code=5)
    assert told(file) == {PLAIN: GROUP}
    ask(goes_on, code=5)
    assert told(file) == {PLAIN: GROUP}
    bound.release("bob")
    ask(goes_on)
    assert not file.exists()


def test_a_node_that_is_gone_leaves_no_document(bound, ask, file):
    ask(f"claim show {BOB}")
    bound.release("bob")
    for each in (VFS, CARD["address"], PLAIN):
        bound.delete(each)
    bound.send("DELETE", f"/resource_providers/{ROOT.uuid}")
    ask("retire --yes")
    assert not file.exists()


# A machine of its own: /dev with nodes of these numbers for two groups, and /run/cdi with the
# document.
MACHINE = """
set -e
mount -t tmpfs tmpfs /run
mkdir /run/cdi
cp "$1"/* /run/cdi
mkdir /run/dev
mount -t tmpfs tmpfs /run/dev
cd /run/dev
mknod -m 666 null c 1 3
mknod -m 666 urandom c 1 9
mkdir pts shm mqueue vfio
mknod -m 666 vfio/vfio c $3
for group in 7 8; do mknod -m 666 vfio/$group c ${4/N/$group}; done
mount --rbind /run/dev /dev
podman="podman --root /run/store --runroot /run/podman --storage-driver vfs"
limits="--ulimit nofile=64:64 --ulimit nproc=64:64 --network none"
mkdir /run/image
"""

# What it would start is read from the configuration that it writes for the OCI runtime, which need
# not be able to start anything here.
CONFIGURED = f"""{MACHINE}
tar -C /run/image -c . | $podman import --quiet - empty > /dev/null
$podman create $limits --device "$2" --name it empty /program > /dev/null
$podman init it || true
cat "$($podman inspect it --format '{{{{.StaticDir}}}}')/config.json"
"""
VFIO = ("10 196", "240 N")

CANNOT_RUN = 77
STARTED = f"""{MACHINE}
cp "$(command -v busybox)" /run/image/
tar -C /run/image -c . | $podman import --quiet - box > /dev/null
run="$podman --cgroup-manager cgroupfs --runtime runc run --rm $limits"
$run box /busybox true || exit {CANNOT_RUN}
$run --device "$2" box /busybox sh -c '
/busybox ls /dev/vfio
/busybox head -c 3 /dev/vfio/7 | /busybox od -An -tx1
echo > /dev/vfio/vfio && echo written'
"""
NULL_AND_ZERO = ("1 3", "1 5")
"""What can be opened on every machine: one takes whatever is written, and one gives zeros."""


@pytest.fixture
def podman(folder):
    """What podman would start with a device; it is told where it finds what of it."""
    if os.geteuid() or not shutil.which("podman") or not shutil.which("unshare"):
        pytest.skip("this is not root, or there is no podman: tools/install_system.sh podman")

    def podman(device: str, what=CONFIGURED, numbers=VFIO) -> subprocess.CompletedProcess:
        script = ["unshare", "--mount", "bash", "-c", what, "podman", folder, device, *numbers]
        return subprocess.run(script, capture_output=True, text=True, check=False)

    return podman


@pytest.mark.usefixtures("bound")
def test_podman_gives_a_container_what_the_document_says(ask, podman):
    (row,) = ask(f"claim show {BOB} -f json").json
    done = podman(row["cdi"])
    assert done.stdout, done.stderr
    found = json.loads(done.stdout)["linux"]
    assert [(d["path"], d["major"], d["minor"]) for d in found["devices"]] == [
        (GROUP[0], 10, 196),
        (GROUP[1], 240, 7),
    ]
    allowed = [(d["major"], d["minor"], d["access"]) for d in found["resources"]["devices"][-2:]]
    assert allowed == [(10, 196, "rw"), (240, 7, "rw")]


@pytest.mark.usefixtures("bound")
def test_and_knows_of_no_device_that_nobody_was_given(ask, podman):
    ask(f"claim show {BOB}")
    done = podman("pci-placement.org/pci=0000:81:10.0")
    assert "unresolvable CDI devices pci-placement.org/pci=0000:81:10.0" in done.stderr


@pytest.mark.usefixtures("bound")
def test_a_container_opens_its_device_and_sees_no_other(ask, podman):
    if not shutil.which("runc") or not shutil.which("busybox"):
        pytest.skip("there is no runc, or no busybox: tools/install_system.sh podman")
    (row,) = ask(f"claim show {BOB} -f json").json
    done = podman(row["cdi"], STARTED, NULL_AND_ZERO)
    if done.returncode == CANNOT_RUN:
        pytest.skip(f"podman starts no container here: {done.stderr.splitlines()[-1]}")
    assert done.stdout.split() == ["7", "vfio", "00", "00", "00", "written"], done.stderr
