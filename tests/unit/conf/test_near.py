"""What is written and read by nobody is told where it was plainly meant for us."""

import pytest

from pci_placement.conf.near import unread


@pytest.fixture
def told(tmp_path):
    def told(text: str) -> list[str]:
        file = tmp_path / "zun.conf"
        file.write_text(text)
        return [str(problem).removeprefix(f"{tmp_path}/") for problem in unread([str(file)])]

    return told


LIST = '{"vendor_id": "8086"}'


@pytest.mark.parametrize(
    ("section", "key", "hint"),
    [
        ("pci", "device_specs", "write [pci] device_spec"),
        ("pci", "device-spec", "write [pci] device_spec"),
        ("PCI", "Device_Spec", "write [pci] device_spec"),
        ("pci", "device_sepc", "write [pci] device_spec"),
        ("pci", "aliases", "write [pci] alias"),
        ("pci", "pci_alias", "write [pci] alias"),
        ("pci", "whitelist", "write [pci] device_spec"),
        ("pci", "pci_passthrough_whitelist", "write [pci] device_spec"),
        ("pci", "passthrough_whitelists", "write [pci] device_spec"),
        ("pci", "max_removals", "write [pci_placement] max_removals"),
        ("DEFAULT", "device_spec", "write [pci] device_spec"),
        ("DEFAULT", "passthrough_whitelist", "write [pci] device_spec"),
        ("DEFAULT", "pci_aliases", "write [pci] alias"),
        ("default", "pci_passthrough_whitelists", "write [pci] device_spec"),
        ("pci_placement", "device_spec", "write [pci] device_spec"),
        ("pci_placement", "aliases", "write [pci] alias"),
        ("pci_placement", "poolng", "known is pooling"),
        ("pci-placement", "pooling", "write [pci_placement]"),
        ("pci placement", "pooling", "write [pci_placement]"),
        ("pci.placement", "pooling", "write [pci_placement]"),
        ("pci_placment", "pooling", "write [pci_placement]"),
        ("placment", "auth_url", "write [placement]"),
        ("pcis", "alias", "write [pci]"),
        ("libvirt", "device_spec", "write [pci] device_spec"),
        ("compute", "passthrough_whitelist", "write [pci] device_spec"),
    ],
)
def test_what_was_meant_for_us_is_told_with_its_line(told, section, key, hint):
    (line,) = told(f"# a comment\n[{section}]\n{key} = {LIST}\n")
    assert line.startswith(f"zun.conf:3: [{section}] {key}, entry 1: ")
    assert line.endswith(f"; {hint}")


@pytest.mark.parametrize(
    "text",
    [
        f"[pci]\ndevice_spec = {LIST}\nalias = {LIST}\npassthrough_whitelist = {LIST}\n",
        f"[DEFAULT]\npci_passthrough_whitelist = {LIST}\npci_alias = {LIST}\n",
        f"[default]\npci_passthrough_whitelist = {LIST}\npci_alias = {LIST}\n",
        "[pci]\nreport_in_placement = true\n",
        "[PCI_Placement]\npooling = numa\n",
        "[placement]\nauth_url = http://keystone/v3\nanything = else\n",
        "[placement_client]\nregion_name = one\n",
        "[placement_database]\nconnection = sqlite://\n",
        "[DEFAULT]\nhost = node\nstate_path = /var/lib/zun\n",
        "[dns]\nalias = www\n",
        "[api]\nenabled = true\n",
        "[pci]\nsomething_of_tomorrow = 1\n",
    ],
)
def test_what_is_read_or_belongs_to_others_is_not(told, text):
    assert told(text) == []


def test_an_option_of_many_values_is_told_once(told):
    assert len(told(f"[pci]\ndevice_specs = {LIST}\ndevice_specs = {LIST}\n")) == 1


def test_an_option_of_ours_that_looks_like_none_is_told_with_all(told):
    (line,) = told("[pci_placement]\nxyzzy = 1\n")
    assert "known is root_provider_uuid, root_provider_name, " in line
