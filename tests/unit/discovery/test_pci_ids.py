"""Products are called as lspci calls them, where its list is installed."""

import pytest

from pci_placement.discovery.pci_ids import parse, product_names

LIST = """\
# a comment
10de  NVIDIA Corporation
\t20b2  GA100 [A100 SXM4 80GB]
\t\t10de 1463  a subsystem
8086  Intel Corporation
\t0443  DH895XCC Series QAT Virtual Function

\t10ca  82576 Virtual Function
\t\t8086 0000  another
8087  Intel Corp.
\t0443  not this one
C 02  Network controller
\t0443  a subclass
8086  Intel Corporation
\t1572  after the classes
"""
A100, QAT, NIC = ("10de", "20b2"), ("8086", "0443"), ("8086", "10ca")


def test_each_product_has_the_short_name_of_its_vendor():
    assert parse(LIST.splitlines(), {A100, QAT, NIC}) == {
        A100: "NVIDIA GA100 [A100 SXM4 80GB]",
        QAT: "Intel DH895XCC Series QAT Virtual Function",
        NIC: "Intel 82576 Virtual Function",
    }


@pytest.mark.parametrize(
    ("vendor", "short"),
    [
        ("Red Hat, Inc.", "Red Hat"),
        ("Mellanox Technologies", "Mellanox"),
        ("Advanced Micro Devices, Inc. [AMD/ATI]", "Advanced Micro Devices"),
        ("Limited", "Limited"),
        ("Xilinx", "Xilinx"),
    ],
)
def test_what_kind_of_company_it_is_is_left_out(vendor, short):
    lines = [f"1af4  {vendor}", "\t1041  Virtio 1.0 network device"]
    ids = ("1af4", "1041")
    assert parse(lines, {ids}) == {ids: f"{short} Virtio 1.0 network device"}


@pytest.mark.parametrize("ids", [("8086", "1572"), ("8086", "0000"), ("10de", "0443")])
def test_what_is_not_listed_as_a_product_has_no_name(ids):
    assert parse(LIST.splitlines(), {ids}) == {}


def test_the_first_list_that_is_there_counts(tmp_path):
    (tmp_path / "list").write_text(LIST)
    places = [str(tmp_path / "none"), str(tmp_path / "list"), str(tmp_path)]
    assert product_names({QAT}, places) == {QAT: "Intel DH895XCC Series QAT Virtual Function"}


def test_without_a_list_nothing_has_a_name(tmp_path):
    assert product_names({QAT}, [str(tmp_path / "none")]) == {}
    assert product_names(set(), [str(tmp_path / "none")]) == {}
