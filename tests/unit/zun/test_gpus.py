"""Which GPU is at an address, as NVIDIA's driver tells."""

import pytest

from pci_placement.zun.gpus import gpu_at

ADDRESS = "0000:3b:00.0"
TEXT = "Model: \t\t NVIDIA A100\nIRQ:   \t\t 30\nGPU UUID: \t {}\nVideo BIOS: \t ??\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / ADDRESS).mkdir()
    return tmp_path


def test_its_uuid_is_read(folder):
    uuid = "GPU-5a0d6a3c-6c61-4c3c-9d6e-0c9a3f1d7b11"
    (folder / ADDRESS / "information").write_text(TEXT.format(uuid))
    assert gpu_at(ADDRESS, folder) == uuid


@pytest.mark.parametrize("uuid", ["GPU-????????-????-????-????-????????????", ""])
def test_a_gpu_that_has_not_woken_yet_has_none(folder, uuid):
    (folder / ADDRESS / "information").write_text(TEXT.format(uuid))
    assert gpu_at(ADDRESS, folder) is None


def test_without_the_driver_there_is_none(folder):
    assert gpu_at(ADDRESS, folder) is None
    assert gpu_at("0000:3c:00.0", folder) is None
