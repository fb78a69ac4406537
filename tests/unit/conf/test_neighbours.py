"""Who gives devices of the same list away without Placement is told, in a line a file."""

import pytest

from pci_placement.conf.neighbours import neighbours
from pci_placement.model import DevType, Severity, Source, WhitelistEntry
from pci_placement.model.config import Tags

LIST = "[pci]\ndevice_spec = x\n"
VF_ONLY = {"device_type": DevType.VF}


@pytest.fixture
def told(tmp_path):
    """What is said of files with one entry each."""

    def told(files: dict[str, str], **tags) -> list[tuple[str, str]]:
        paths = [tmp_path / name for name in files]
        for path in paths:
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_text(files[str(path.relative_to(tmp_path))])
        entries = [
            WhitelistEntry(Source(str(path), "[pci] device_spec", 1), tags=Tags(**tags))
            for path in paths
        ]
        said = list(neighbours([str(path) for path in paths], entries))
        assert all(problem.severity is Severity.WARNING for problem in said)
        return [(problem.source.file.rpartition("/")[2], problem.problem) for problem in said]

    return told


@pytest.mark.parametrize("name", ["nova.conf", "nova-compute.conf", "nova/any.conf"])
def test_nova_gives_what_it_does_not_report(told, name):
    ((file, said),) = told({name: LIST})
    assert file == name.rpartition("/")[2]
    assert "nova-compute gives the devices of this list itself" in said
    assert "(report_in_placement is not set)" in said


@pytest.mark.parametrize(("value", "silent"), [("true", True), ("False", False), ("yes", True)])
def test_and_says_so_by_an_option(told, value, silent):
    said = told({"any.conf": f"{LIST}report_in_placement = {value}\n"})
    assert (said == []) is silent


def test_the_option_may_stand_in_another_file_of_nova(told):
    reporting = "[pci]\nreport_in_placement = true\n"
    assert told({"nova.conf": LIST, "nova-compute.conf": reporting}) == []


@pytest.mark.parametrize("text", [LIST, LIST + "[docker]\nhost = x\n"])
@pytest.mark.parametrize("tags", [{}, VF_ONLY])
def test_zun_gives_vfs_of_a_network_to_ports(told, text, tags):
    name = "x.conf" if "docker" in text else "zun.conf"
    ((_, said),) = told({name: text}, physical_network="physnet1", **tags)
    assert "zun-compute gives VFs of physical_network 'physnet1' to SR-IOV ports" in said


@pytest.mark.parametrize(
    "tags", [{}, {"physical_network": "one", "device_type": DevType.PF}], ids=["none", "whole"]
)
def test_nothing_else_of_a_file_of_zun_is_given_to_ports(told, tags):
    assert told({"zun.conf": LIST}, **tags) == []


def test_a_file_of_ours_has_no_neighbour(told):
    assert told({"pci-placement.conf": LIST}, physical_network="physnet1") == []


def test_a_file_with_the_sections_of_nova_is_one_of_nova(told):
    assert len(told({"x.conf": LIST + "[libvirt]\nvirt_type = kvm\n"})) == 1


def test_a_file_of_nova_without_a_list_gives_nothing(tmp_path):
    file = tmp_path / "nova.conf"
    file.write_text("[DEFAULT]\nhost = x\n")
    assert list(neighbours([str(file)], [])) == []
