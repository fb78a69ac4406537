"""The operator's lists, read again when a file was written."""

import logging

import pytest

from pci_placement.errors import ConfigError
from pci_placement.settings import ConfigPath
from pci_placement.zun.lists import Lists

GOOD = '[pci]\nalias = {"name": "%s", "vendor_id": "8086", "product_id": "0443"}\n'
BAD = GOOD.replace('"name"', '"nome"')


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "zun.conf").write_text(GOOD % "qat")
    return tmp_path


@pytest.fixture
def lists(folder):
    return Lists(lambda: [ConfigPath(str(folder / "zun.conf"))])


def names(lists: Lists) -> list[str]:
    return [alias.name for alias in lists.current().aliases]


def test_nothing_is_read_again_while_nothing_was_written(lists):
    assert lists.current() is lists.current()


def test_a_file_that_was_written_is_read_again(lists, folder):
    assert names(lists) == ["qat"]
    (folder / "zun.conf").write_text(GOOD % "quickassist")
    assert names(lists) == ["quickassist"]


def test_a_file_that_was_added_to_a_folder_is_read(folder):
    lists = Lists(lambda: [ConfigPath(str(folder), is_dir=True)])
    assert names(lists) == ["qat"]
    (folder / "zz.conf").write_text(GOOD % "gpu")
    assert names(lists) == ["qat", "gpu"]


def test_with_errors_the_lists_of_before_count_and_that_is_told_once(lists, folder, caplog):
    assert names(lists) == ["qat"]
    (folder / "zun.conf").write_text(BAD % "gpu")
    with caplog.at_level(logging.ERROR):
        assert names(lists) == ["qat"]
        assert names(lists) == ["qat"]
    (record,) = caplog.records
    assert "nome" in record.getMessage()
    (folder / "zun.conf").write_text(GOOD % "gpu")
    assert names(lists) == ["gpu"]


def test_a_file_that_is_gone_does_not_end_what_was_read(lists, folder):
    assert names(lists) == ["qat"]
    (folder / "zun.conf").unlink()
    assert names(lists) == ["qat"]


def test_lists_that_never_were_without_errors_are_told_until_they_are(lists, folder):
    (folder / "zun.conf").write_text(BAD % "gpu")
    for _ in range(2):
        with pytest.raises(ConfigError, match="nome"):
            lists.current()
    (folder / "zun.conf").write_text(GOOD % "gpu")
    assert names(lists) == ["gpu"]
