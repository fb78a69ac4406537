import pytest

from pci_placement.conf.listen import Listen, parse_listen
from pci_placement.model import Severity
from pci_placement.settings import ConfigPath, read


@pytest.mark.parametrize(
    ("text", "address", "port", "loopback"),
    [
        ("127.0.0.1:9110", "127.0.0.1", 9110, True),
        ("127.8.9.1:1", "127.8.9.1", 1, True),
        ("[::1]:65535", "::1", 65535, True),
        ("0.0.0.0:9110", "0.0.0.0", 9110, False),  # noqa: S104  it is to be warned of
        ("[::]:9110", "::", 9110, False),
        ("192.0.2.7:9110", "192.0.2.7", 9110, False),
        ("[2001:DB8::7]:9110", "2001:db8::7", 9110, False),
    ],
)
def test_an_address_and_a_port_are_read(text, address, port, loopback):
    listen = parse_listen(text)
    assert listen == Listen(address, port)
    assert str(listen) == text.lower()
    assert listen.is_loopback is loopback
    assert listen.is_ipv6 is ("[" in text)


@pytest.mark.parametrize(
    "text",
    [
        "9110",
        ":9110",
        "*:9110",
        "localhost:9110",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "127.0.0.1:+80",
        "127.0.0.1:8_0",
        "127.0.0.1:٨٠",
        "127.0.0.1:000080",
        "127.0.0.1: 80",
        "http://127.0.0.1:80",
        "127.1:80",
        "::1:80",
        "[::1:80",
        "[127.0.0.1]:80",
        "[::1]",
        "[]:80",
    ],
)
def test_anything_else_is_none(text):
    with pytest.raises(ValueError, match="is no address and port such as "):
        parse_listen(text)


@pytest.fixture
def settings(tmp_path):
    def settings(*lines: str):
        file = tmp_path / "zun.conf"
        file.write_text("\n".join(["[pci_placement]", *lines]))
        return read([ConfigPath(str(file))])

    return settings


def test_by_default_and_if_empty_there_are_no_metrics(settings):
    for read_settings in (settings(), settings("metrics_file =", "metrics_listen =")):
        assert (read_settings.metrics_file, read_settings.metrics_listen) == ("", None)
        assert read_settings.problems == ()


def test_a_file_and_a_port_are_read(settings):
    found = settings("metrics_file = /var/x/pci.prom", "metrics_listen = [::1]:9110")
    assert found.metrics_file == "/var/x/pci.prom"
    assert found.metrics_listen == Listen("::1", 9110)
    assert found.problems == ()


@pytest.mark.parametrize(
    ("line", "severity", "problem"),
    [
        ("metrics_listen = localhost:9110", Severity.ERROR, "names are not looked up"),
        ("metrics_file = pci.prom", Severity.ERROR, "does not begin with /"),
        ("metrics_file = /var/x/pci.txt", Severity.WARNING, "does not end in .prom"),
        ("metrics_listen = 0.0.0.0:9110", Severity.WARNING, "whoever reaches 0.0.0.0:9110"),
    ],
)
def test_what_is_wrong_with_one_is_told_with_its_place(settings, line, severity, problem):
    (found,) = settings(line).problems
    assert found.severity is severity
    assert problem in found.problem
    assert found.source.option == f"[pci_placement] {line.partition(' ')[0]}"
