"""Where values stand in configuration files, which oslo.config forgets."""

import pytest
from oslo_config import cfg

from pci_placement.conf import options
from pci_placement.conf.sources import assigned, old_names, sources, values


@pytest.fixture
def written(tmp_path):
    def write(text: str, name: str = "zun.conf") -> str:
        (tmp_path / name).write_text(text)
        return str(tmp_path / name)

    return write


def read(*files: str) -> cfg.ConfigOpts:
    conf = cfg.ConfigOpts()
    options.register(conf)
    conf([f"--config-file={file}" for file in files], default_config_files=[], use_env=False)
    return conf


def test_assignments_are_told_in_order_and_as_they_are_spelled(written):
    file = written("[PCI]\nalias = a\n[pci_placement]\npoling = b\n[pci]\nalias = c\n")
    assert assigned(file) == [
        ("PCI", "alias", 2, "a"),
        ("pci_placement", "poling", 4, "b"),
        ("pci", "alias", 6, "c"),
    ]


def test_an_assignment_stands_where_it_begins(written):
    file = written("# 1\n\n[pci]\nalias = [\n  a,\n  b]\n# 7\nalias = c\n\nalias =\n  d")
    assert [one.line for one in assigned(file)] == [4, 8, 10]
    assert [s.line for s in sources(file, [("pci", "alias")])] == [4, 8, 10]


def test_entries_are_numbered_over_all_sections_of_a_name(written):
    file = written("[pci]\nalias = a\n[DEFAULT]\nalias = b\n[PCI]\nalias = c\n")
    assert [(s.option, s.entry) for s in sources(file, [("pci", "alias")])] == [
        ("[pci] alias", 1),
        ("[PCI] alias", 2),
    ]


def test_a_section_called_default_is_not_the_default_one(written):
    file = written("[DEFAULT]\npci_alias = a\n[default]\npci_alias = b\n")
    places = [("DEFAULT", "pci_alias"), ("default", "pci_alias")]
    assert [s.option for s in sources(file, places)] == [
        "[DEFAULT] pci_alias",
        "[default] pci_alias",
    ]
    assert [s.option for s in sources(file, places[1:])] == ["[default] pci_alias"]


def test_each_value_has_its_source_whatever_its_names_and_files(written):
    files = (
        written("[pci]\ndevice_spec = new\npassthrough_whitelist = old\n", "nova.conf"),
        written("[DEFAULT]\npci_passthrough_whitelist = older\n[pci]\ndevice_spec = last\n"),
    )
    found = values(read(*files), files, options.pci_opts[0])
    assert [(v.source.file, v.source.option, v.text) for v in found] == [
        (files[0], "[pci] passthrough_whitelist", "old"),
        (files[0], "[pci] device_spec", "new"),
        (files[1], "[DEFAULT] pci_passthrough_whitelist", "older"),
        (files[1], "[pci] device_spec", "last"),
    ]


def test_an_old_name_is_noted_once_a_file(written):
    files = (
        written("[pci]\npassthrough_whitelist = a\npassthrough_whitelist = b\n", "nova.conf"),
        written("[pci]\npassthrough_whitelist = c\ndevice_spec = d\n"),
    )
    option = options.pci_opts[0]
    noted = list(old_names(values(read(*files), files, option), option))
    assert [(note.source.file, note.source.entry) for note in noted] == [(f, 1) for f in files]
