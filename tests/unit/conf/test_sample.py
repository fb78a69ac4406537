"""The sample configuration: fresh, readable, and right in what it says."""

import re
from pathlib import Path

import pytest
from oslo_config import cfg, generator

from pci_placement.conf import options
from pci_placement.settings import ConfigPath, Settings, load

ETC = Path(__file__).parents[3] / "etc/pci-placement"
SAMPLE = ETC / "pci-placement.conf.sample"
EXAMPLE = re.compile(r"#( {4,})?(?P<line>\w+ = [^<].*)")


def generated(to: Path) -> str:
    """What oslo-config-generator makes of our options today."""
    config = cfg.ConfigOpts()
    generator.register_cli_opts(config)
    config([f"--config-file={ETC}/config-generator.conf", f"--output-file={to}"])
    generator.generate(config)
    return to.read_text()


def uncommented() -> str:
    """The sample with every example and every default at work."""
    lines = SAMPLE.read_text().splitlines()
    return "\n".join(found["line"] if (found := EXAMPLE.fullmatch(x)) else x for x in lines)


@pytest.fixture
def read(tmp_path):
    def read_text(text: str) -> Settings:
        file = tmp_path / "pci-placement.conf"
        file.write_text(text)
        return load([ConfigPath(str(file))])

    return read_text


def values(settings: Settings) -> dict:
    """Our own options as they were read."""
    return dict(settings.conf.pci_placement.items())


def test_the_sample_is_fresh(tmp_path):
    assert generated(tmp_path / "sample") == SAMPLE.read_text(), "say: make sample"


def test_the_sample_sets_nothing(read):
    settings = read(SAMPLE.read_text())
    assert settings.problems == ()
    assert values(settings) == values(read(""))


def test_every_option_is_in_the_sample():
    names = [option.name for _, opts in options.list_opts() for option in opts]
    assert [name for name in names if f"\n#{name} =" not in SAMPLE.read_text()] == []


def test_every_example_in_the_sample_is_valid(read):
    settings = read(uncommented())
    assert settings.problems == ()
    examples = re.findall("^(device_spec|alias) = {", uncommented(), re.MULTILINE)
    assert len(settings.whitelist) == examples.count("device_spec") > 0
    assert len(settings.aliases) == examples.count("alias") > 0


def test_the_defaults_in_the_sample_are_the_defaults(read):
    assert values(read(uncommented())) == values(read(""))
