"""A sample of `make race` that is short enough for every day."""

import contextlib
import os

import pytest
from support.daemons import NotInstalledError
from support.postgres import postgres
from support.served import placements

from race.run import run_all

SECONDS, WORKERS, SEED = 20, 4, 20


@pytest.fixture
def urls(tmp_path):
    """A real Placement on a real PostgreSQL, in two processes."""
    with contextlib.ExitStack() as stack:
        try:
            connection = stack.enter_context(postgres())
        except NotInstalledError as error:
            if os.environ.get("CI"):
                raise  # .ci/run installs it
            pytest.skip(str(error))
        yield stack.enter_context(placements(connection, tmp_path / "placements"))


def test_nothing_is_claimed_twice_and_nothing_is_lost(urls, tmp_path, capsys):
    said = []
    well = run_all(urls, tmp_path / "race", SECONDS, WORKERS, SEED, said.append)
    with capsys.disabled():
        print("", *said, sep="\n")  # noqa: T201  the numbers are what one wants to see
    assert well, "\n".join(said)
