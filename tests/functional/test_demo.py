"""The demo leaves nothing behind, however it is ended."""

import os
import signal
import subprocess

import pytest
from support.command import SCRIPT
from support.daemons import PATIENCE

UP = "It stays up until you press Ctrl-C."


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 0)])
def test_whoever_ends_it_finds_nothing_left(tmp_path, number, code):
    with subprocess.Popen(
        [SCRIPT, "demo", "--keep"],
        env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    ) as demo:
        assert any(UP in line for line in demo.stdout)
        assert list(tmp_path.iterdir())
        demo.send_signal(number)
        demo.communicate(timeout=PATIENCE)
    assert demo.returncode == code
    assert list(tmp_path.iterdir()) == []
