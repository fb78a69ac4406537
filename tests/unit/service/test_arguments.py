import re

import pytest

from pci_placement.service.arguments import parse


def test_files_and_folders_stay_in_the_order_in_which_they_count():
    named = parse("--config-file a --config-dir b --config-file c".split()).config_paths
    assert named == [("a", False), ("b", True), ("c", False)]
    assert parse([]).config_paths == []


def test_it_does_as_pci_placement_does_where_nothing_is_said():
    options = parse([])
    assert (options.sysfs, options.os_cloud, options.once, options.log_format) == (
        "/sys",
        None,
        False,
        "text",
    )


@pytest.mark.parametrize("line", ["--onc", "--log-format xml", "now"])
def test_what_makes_no_sense_ends_with_2(line, capsys):
    with pytest.raises(SystemExit) as ended:
        parse(line.split())
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert re.fullmatch(r"pci-placement-agent: .*; see pci-placement-agent --help\n", said)
