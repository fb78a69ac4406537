import pytest

from pci_placement.quiet.counting import count_spared
from pci_placement.service.metrics.exposition import read_back, rendered
from pci_placement.service.metrics.tally import START

LINES = rendered(START).splitlines(keepends=True)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "pci.prom"


def counted(file, content: bytes, times: int = 1):
    file.write_bytes(content)
    for _ in range(times):
        count_spared(str(file), 2, 1795770551.859208)
    return read_back(file.read_text())


def test_what_a_spared_pass_means_is_told_and_nothing_else(file):
    numbers = counted(file, b"".join(LINES), times=3)
    changed = {which: n for which, n in numbers.items() if START.get(which) != n}
    assert {(which.name, *which.labels): n for which, n in changed.items()} == {
        ("passes_total", "spared"): 3,
        ("requests_total", "GET", "200"): 6,
        ("last_success_timestamp_seconds",): 1795770551.859208,
    }


def test_passes_that_failed_before_are_over(file):
    failing = b"".join(LINES).replace(b"failing_passes 0.0", b"failing_passes 7.0")
    assert failing != b"".join(LINES)
    assert counted(file, failing) == counted(file, b"".join(LINES))


WANTED = (b'"spared"', b'"GET"', b"failing_passes 0", b"_timestamp_seconds 0")


@pytest.mark.parametrize("missing", WANTED)
def test_a_file_that_does_not_say_all_of_it_stays_as_it_is(file, missing):
    content = b"".join(line for line in LINES if missing not in line)
    assert content != b"".join(LINES)
    with pytest.raises(ValueError, match="does not say"):
        counted(file, content)
    assert file.read_bytes() == content


def test_what_is_no_number_is_no_file_of_ours(file):
    with pytest.raises(ValueError, match="could not convert"):
        counted(file, b"".join(LINES).replace(b'"spared"} 0.0', b'"spared"} many'))


def test_where_there_is_none_there_will_be_none(file):
    with pytest.raises(FileNotFoundError):
        count_spared(str(file), 1, 1.0)
    assert list(file.parent.iterdir()) == []
