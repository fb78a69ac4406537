"""What the service tells systemd, at the socket that systemd would make."""

import contextlib
import os
import signal
import socket

import pytest
from support.cloud import FILE
from support.daemons import PATIENCE

pytestmark = pytest.mark.usefixtures("nowhere")


class Systemd:
    """The end of the socket at which the service manager listens."""

    def __init__(self, path) -> None:
        self.environment = {"NOTIFY_SOCKET": str(path)}
        self._end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._end.bind(str(path))

    def told(self, patience: float = PATIENCE) -> str:
        """The first line of the next message. Raises TimeoutError."""
        self._end.settimeout(patience)
        return self._end.recv(65536).decode().partition("\n")[0]

    def await_word(self, word: str) -> list[str]:
        """What is told until then, that included."""
        told = [self.told()]
        while not told[-1].startswith(word):
            told.append(self.told())
        return told

    def falls_silent(self, seconds: float, most: int = 100) -> bool:
        """Whether nothing is told for so long, after no more than so many messages."""
        with contextlib.suppress(TimeoutError):
            for _ in range(most):
                self.told(seconds)
            return False
        return True

    def close(self) -> None:
        self._end.close()


@pytest.fixture
def systemd(tmp_path):
    one = Systemd(tmp_path / "notify")
    yield one
    one.close()


@pytest.mark.usefixtures("real")
def test_it_is_up_after_its_first_pass_and_says_what_it_offers(service, systemd):
    one = service(environment=systemd.environment, sync_interval="86400")
    told = systemd.await_word("READY=1")
    assert told[0].startswith("EXTEND_TIMEOUT_USEC=")
    assert told[-2].startswith("STATUS=5 devices in 3 providers; last pass ")
    one.send(signal.SIGHUP)
    assert systemd.await_word("READY=1")[0] == "RELOADING=1"
    assert one.end() == 0
    assert systemd.await_word("STOPPING=1")


@pytest.mark.usefixtures("placement")
def test_it_is_up_as_well_where_the_first_pass_comes_too_early_and_says_why(service, systemd):
    one = service(environment=systemd.environment)
    assert "STATUS=no pass since the start: the compute node's" in systemd.await_word("READY=1")[-2]
    assert one.end() == 0


@pytest.mark.usefixtures("real")
def test_a_bad_configuration_is_no_reason_to_be_reloading_for_ever(service, systemd, tmp_path):
    one = service(environment=systemd.environment, sync_interval="86400")
    systemd.await_word("READY=1")
    (tmp_path / FILE).write_text("[pci]\ndevice_spec = {]\n")
    one.send(signal.SIGHUP)
    assert systemd.await_word("READY=1")[:1] == ["RELOADING=1"]
    assert one.end() == 0


@pytest.mark.usefixtures("real")
def test_a_loop_that_hangs_gives_no_sign_of_life(service, systemd, sysfs):
    watched = {**systemd.environment, "WATCHDOG_USEC": "1000000"}
    one = service(environment=watched, pass_timeout="5", settle_time="0")
    systemd.await_word("WATCHDOG=1")
    attribute = next(sysfs.glob("bus/pci/devices/*/uevent"))
    attribute.unlink()
    os.mkfifo(attribute)  # whoever opens it waits for a writer, who never comes
    assert systemd.falls_silent(4.0)
    assert one.end() == 0


@pytest.mark.usefixtures("real")
def test_a_loop_that_waits_gives_signs_of_life_all_the_time(service, systemd):
    watched = {**systemd.environment, "WATCHDOG_USEC": "1000000"}
    one = service(environment=watched, sync_interval="86400")
    for _ in range(5):
        systemd.await_word("WATCHDOG=1")
    assert one.end() == 0
