"""What destroys asks a person, wants `--yes` of anybody else, and does nothing without either."""

import contextlib
import io
import os
import pty
import subprocess

import pytest
from support.cloud import CARD, PLAIN, VFS
from support.command import SCRIPT, script, writes
from support.daemons import PATIENCE
from support.seen import is_there

from pci_placement.cli.progress import Progress

OURS = (PLAIN, CARD, VFS)
DESTROYING = ["retire", "retire --root node", "retire --root node --force", "sync --force"]
HARMLESS = ["retire --dry-run", "retire --undo", "sync --dry-run --force", "sync --full"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def synced(run, real, placement):
    assert run("sync").code == 0
    placement.requests.clear()
    return real


def there(real) -> list[str]:
    return [key for key in OURS if is_there(real, key)]


@pytest.mark.parametrize("line", DESTROYING)
def test_where_nobody_can_be_asked_it_wants_to_be_told(run, synced, placement, line):
    done = run(line)
    assert done.code == 2
    assert "say --yes" in done.error
    assert placement.requests == []
    assert there(synced) == list(OURS)
    assert "retired" not in run("device list").err


@pytest.mark.parametrize("line", HARMLESS)
def test_what_destroys_nothing_does_not_ask(run, synced, line):
    assert run(line).code == 0
    assert there(synced) == list(OURS)


@pytest.mark.parametrize("answer", ["y\n", "YES\n"])
def test_a_person_is_asked_and_may_agree(run, synced, monkeypatch, answer):
    # stderr belongs to the test's own capture
    monkeypatch.setattr("pci_placement.cli.consent._is_terminal", lambda _: True)
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    done = run("retire")
    assert done.code == 0
    assert "retire --dry-run shows it. Go on? [y/N]" in done.err
    assert there(synced) == []


@pytest.mark.parametrize("answer", ["\n", "n\n", "", "yes, but\n"])
@pytest.mark.parametrize("line", DESTROYING)
def test_anything_else_is_a_no(run, synced, placement, monkeypatch, line, answer):
    monkeypatch.setattr("pci_placement.cli.consent._is_terminal", lambda _: True)
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    done = run(line)
    assert done.code == 1
    assert "nothing was done" in done.err
    assert placement.requests == []
    assert there(synced) == list(OURS)


@pytest.mark.parametrize("line", DESTROYING)
@pytest.mark.usefixtures("synced")
def test_the_question_stays_for_as_long_as_somebody_thinks(run, monkeypatch, line):
    """What tells that something goes on takes the line that it stands on."""
    of_command = []

    @contextlib.contextmanager
    def remembered(self):
        of_command.append(self)
        yield

    class Thinking(Terminal):
        def readline(self) -> str:
            of_command[0].show()
            return super().readline()

    monkeypatch.setattr(Progress, "shown", remembered)
    monkeypatch.setattr("pci_placement.cli.consent._is_terminal", lambda _: True)
    monkeypatch.setattr("sys.stdin", Thinking("n\n"))
    assert "no answer yet" not in run(line).err


@pytest.mark.usefixtures("synced")
def test_what_is_told_after_an_end_of_file_has_a_line_of_its_own(run, monkeypatch):
    monkeypatch.setattr("pci_placement.cli.consent._is_terminal", lambda _: True)
    monkeypatch.setattr("sys.stdin", Terminal(""))
    assert "[y/N] \npci-placement: nothing was done\n" in run("retire").err


@pytest.mark.usefixtures("synced")
def test_on_a_real_terminal_it_is_the_same(arguments, real):
    ours, its = pty.openpty()
    with subprocess.Popen(
        [SCRIPT, *arguments, "retire"], stdin=its, stderr=its, stdout=subprocess.PIPE
    ) as asking:
        os.write(ours, b"no\n")
        asking.communicate(timeout=PATIENCE)
    told = os.read(ours, 4096).decode()
    os.close(ours)
    os.close(its)
    assert asking.returncode == 1
    assert "Go on? [y/N]" in told
    assert "nothing was done" in told
    assert there(real) == list(OURS)


# --- nor does anybody come upon it by less than its name


@pytest.mark.parametrize("typed", ["r", "re", "retir", "s", "dev dr", "device d 0000:3b:00.0"])
@pytest.mark.usefixtures("synced")
def test_no_abbreviation_does_anything(run, placement, typed):
    done = run(typed)
    assert done.code == 2
    assert "no command" in done.error
    assert placement.requests == []


@pytest.mark.parametrize("line", ["retire --y", "sync --forc --yes", "device list --al"])
@pytest.mark.usefixtures("synced")
def test_no_option_is_taken_by_its_beginning(run, placement, line):
    done = run(line)
    assert done.code == 2
    assert "unrecognized arguments" in done.err
    assert placement.requests == []


def test_help_for_a_beginning_names_nothing_that_writes(call):
    done = call("help", "r")
    assert done.code == 2
    assert "no command 'r'" in done.error
    assert call("help", "retire").code == 0


@pytest.mark.parametrize("typed", ["ret", "retir"])
@pytest.mark.usefixtures("synced")
def test_openstackclient_cannot_abbreviate_it_either(arguments, placement, typed):
    paths = [str(argument).replace("--", "--pci-") for argument in arguments]
    login = ["--os-auth-type", "none", "--os-endpoint", placement.url]
    line = [SCRIPT.with_name("openstack"), *login, *paths, "pci", typed, "--yes"]
    done = subprocess.run(line, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 2
    assert f"no command 'pci {typed}'" in done.stderr
    assert writes(placement) == []


def test_the_program_says_it_in_a_process_of_its_own(arguments):
    done = script(*arguments, "r")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "pci-placement: no command 'r'; a command is its whole name: see pci-placement --help\n"
    )
