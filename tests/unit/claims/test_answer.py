"""What is told of the devices of a consumer: where they count now, and what they are now."""

import pytest
from support.build import address, device
from support.claimed import GPU, POOL, VFS_OF_A, VFS_OF_B, given_to, place, vfs

from pci_placement.claims.answer import ClaimedDevice, Here
from pci_placement.model import ClaimRecord

A, B, GPUS = place(VFS_OF_A), place(VFS_OF_B), place(POOL, GPU)
(VF,) = vfs(1, driver="vfio-pci", iommu_group=7, devnames=("eth0", "eth1"))
CARD = device("0000:01:00.0", "10de:20b0", driver="i915")
RENDER = ("/dev/dri/renderD128",)
NOBODY = ClaimRecord()


def on(*there, counts=None) -> Here:
    """A host with some devices; what the driver of each made is one node to render with."""
    devices = {each.address: each for each in there}
    return Here("node", counts or {A: (VF.address,)}, devices, lambda _: RENDER)


def only(here: Here, given=VF, at=A) -> ClaimedDevice:
    (told,) = here.described(given_to("bob", given, at), "bob")
    return told


def as_it_is_now(told: ClaimedDevice) -> tuple:
    return (told.driver, told.iommu_group, told.devname, told.cdi, told.nodes)


NOTHING_IS_KNOWN = (None, None, None, None, ())


def test_all_is_told_of_a_device_that_is_there():
    assert only(on(VF)) == ClaimedDevice(
        consumer="bob",
        address=VF.address,
        provider=f"node:pci:{VFS_OF_A}",
        resource_class="CUSTOM_PCI_NIC",
        vendor_id="8086",
        product_id="10ca",
        driver="vfio-pci",
        iommu_group=7,
        devname="eth0,eth1",
        cdi=f"pci-placement.org/pci={VF.address}",
        nodes=("/dev/vfio/vfio", "/dev/vfio/7"),
    )


def test_the_nodes_may_be_those_that_its_driver_made():
    told = only(on(CARD, counts={GPUS: (CARD.address,)}), CARD, GPUS)
    cdi = f"pci-placement.org/pci={CARD.address}"
    assert as_it_is_now(told) == ("i915", None, None, cdi, RENDER)


def test_a_runtime_is_asked_for_nothing_where_no_node_is_known_to_be_needed():
    (bare,) = vfs(1, driver="vfio-pci", devnames=("eth0",))
    assert as_it_is_now(only(on(bare))) == ("vfio-pci", None, "eth0", None, ())


@pytest.mark.parametrize("there", [[], [device(str(VF.address), "8086:ffff", driver="i915")]])
def test_of_one_that_is_gone_or_replaced_only_what_was_given_is_told(there):
    told = only(on(*there))
    assert (told.address, told.vendor_id, told.product_id) == (VF.address, "8086", "10ca")
    assert as_it_is_now(told) == NOTHING_IS_KNOWN


@pytest.mark.parametrize(
    ("there", "another"),
    [
        pytest.param([], False, id="nothing"),
        pytest.param([VF], False, id="the same"),
        pytest.param([device(str(VF.address), "8086:ffff")], True, id="another product"),
        pytest.param([device(str(VF.address), "10de:10ca")], True, id="another vendor"),
    ],
)
def test_another_is_there_where_its_hardware_is_not_what_was_given(there, another):
    (given,) = given_to("bob", VF, A).given["bob"]
    assert on(*there).is_another(given) is another


@pytest.mark.parametrize(
    ("counts", "where"),
    [
        pytest.param({B: (VF.address,), A: (VF.address,)}, A, id="where it was given"),
        pytest.param({A: (CARD.address,), GPUS: (VF.address,)}, GPUS, id="where it went"),
        pytest.param({B: (CARD.address,)}, A, id="nowhere: where it was given"),
    ],
)
def test_a_device_is_told_where_it_counts_now(counts, where):
    told = only(on(VF, counts=counts))
    assert told.provider == f"node:pci:{where.provider}"
    assert told.resource_class == where.resource_class


def test_who_was_given_nothing_is_told_nothing():
    record = given_to("bob", VF, A)
    assert on(VF).described(record, "eve") == ()
    assert [*on(VF).described_all(NOBODY)] == []


def test_everybody_is_told_by_consumer_and_each_in_the_order_it_was_given():
    first, second, third = vfs(3)
    given = {who: given_to(who, d, A).given[who] for who, d in (("eve", first), ("bob", third))}
    record = ClaimRecord(
        {**given, "bob": (*given["bob"], *given_to("bob", second, A).given["bob"])}
    )
    told = [(each.consumer, each.address) for each in on().described_all(record)]
    assert told == [
        ("bob", third.address),
        ("bob", second.address),
        ("eve", address("0000:81:10.0")),
    ]
