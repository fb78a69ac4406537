"""What an operator is used to: columns, text, help, Ctrl-C, and each cause told as itself."""

import os
import pty
import re
import signal
import socket
import subprocess

import pytest
from support.cloud import FILE, PLAIN, VFS, name
from support.command import SCRIPT, by_token
from support.daemons import PATIENCE
from support.ports import kept_port

from pci_placement.cli.commands import Commands
from pci_placement.cli.main import NO_COMMAND_GIVEN
from pci_placement.cli.progress import Progress
from pci_placement.cli.report import NODE_WITHOUT_NAME
from pci_placement.errors import ExitCode
from pci_placement.placement.trail import Answered

AT_ONCE = "\nconnect_retries = 0\nconnect_retry_delay = 0.01"
COMMANDS = Commands("pci_placement.cli")
NAMES = [name for name, _ in COMMANDS]


# --- columns and lists


@pytest.mark.parametrize(
    "line", ["sync", "device list", f"device show {PLAIN}", "request show nic"]
)
def test_a_column_that_there_is_not_is_a_usage_error_and_nothing_is_done(run, placement, line):
    placement.requests.clear()
    done = run(f"{line} -c address -c nonsense")
    assert done.code == 2
    assert "'nonsense': there are " in done.error
    assert placement.requests == []


@pytest.mark.usefixtures("real")
def test_each_command_takes_its_own_columns(run):
    assert run("sync").code == 0
    assert run("provider list -c used -f value").code == 0
    assert run("provider list --desired -c used -f value").code == 2
    assert run("sync --dry-run -c detail -f value").code == 0


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize("shape", ["csv", "value"])
def test_lists_are_text(run, shape):
    run("sync")
    out = run(f"provider list -f {shape} -c name -c used -c addresses -c inventories").out
    assert "[" not in out
    assert "'" not in out
    (line,) = [line for line in out.splitlines() if name(VFS) in line]
    assert "0000:81:10.0,0000:81:10.2,0000:81:10.4" in line
    assert "CUSTOM_PCI_NIC={total=4,reserved=0," in line


def test_a_shell_can_take_them(run):
    out = run("request show nic:2 -f shell").out
    assert 'usage="{name=nic,count=2}"' in out
    assert run("device show 0000:3b:00.0 -f shell -c alias").out == 'alias="qat"\n'


# --- help


@pytest.mark.parametrize("command", NAMES)
def test_help_has_an_example_and_every_exit_code(call, command):
    done = call("help", *command.split())
    assert done.code == 0
    (example,) = [line for line in done.out.splitlines() if line.startswith("  $ ")]
    assert f" {command} " in example
    kind = COMMANDS.commands[command].load()
    told = done.out.partition("exit codes:")[2]
    assert [int(code) for code in re.findall(r"^  (\d+) ", told, re.M)] == sorted(kind.codes)
    assert (ExitCode.TRY_AGAIN in kind.codes) is (kind.auth_required and command != "demo")


# --- what became of it


@pytest.mark.usefixtures("real")
def test_ctrl_c_says_how_much_was_done(run, monkeypatch):
    from pci_placement.placement.write import Writer

    really, written = Writer.write, []

    def write(self, action):
        if len(written) == 3:
            raise KeyboardInterrupt
        written.append(action)
        really(self, action)

    monkeypatch.setattr(Writer, "write", write)
    done = run("sync")
    assert (done.code, done.out) == (130, "")
    assert "interrupted; 3 of " in done.error
    assert "the next pass goes on from there" in done.error
    monkeypatch.undo()
    assert run("sync").code == 0


def test_ctrl_c_before_anything_was_written_says_so(run, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("pci_placement.cli.base.scan", interrupt)
    done = run("device list")
    assert (done.code, done.error) == (
        130,
        "pci-placement: interrupted; nothing was written to Placement",
    )


# --- progress


def test_whoever_waits_is_told_how_far_it_is(capsys):
    now = iter([0.0, 1.0, 2.5])
    progress = Progress(clock=lambda: next(now))
    ticks = iter([False, False, True])
    progress.heard(Answered("GET", "/", 200, 0.1, "", ""))

    def is_over(_seconds):
        if next(ticks):
            return True
        progress.heard(Answered("PUT", "/", 200, 0.1, "", ""))
        return False

    progress.tick(is_over)
    with progress.silent():
        progress.show()
        with progress.silent():
            pass
        progress.show()
    progress.end()
    progress.show()
    assert capsys.readouterr().err == (
        "\r… 1 s: 2 requests answered, of them 1 write\033[K"
        "\r… 2 s: 3 requests answered, of them 2 writes\033[K"
        "\r\033[K"
    )


def test_before_the_first_answer_there_is_a_line_too():
    assert Progress(clock=lambda: 0.0).line() == "… 0 s: no answer yet"


def test_a_server_that_says_nothing_is_no_silence_on_a_terminal(run, sysfs, tmp_path):
    """And Ctrl-C ends the waiting."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        section = by_token(f"http://127.0.0.1:{mute.getsockname()[1]}")
        assert run("config validate", section=section).code == 0
        line = [SCRIPT, "--sysfs", sysfs, "--config-file", tmp_path / FILE, "sync"]
        ours, its = pty.openpty()
        with subprocess.Popen(line, stderr=its, stdout=subprocess.PIPE) as waiting:
            told = os.read(ours, 4096).decode()
            waiting.send_signal(signal.SIGINT)
            waiting.communicate(timeout=PATIENCE)
        told += os.read(ours, 4096).decode()
        os.close(ours)
        os.close(its)
    assert "no answer yet" in told
    assert "pci-placement: interrupted; nothing was written to Placement" in told
    assert waiting.returncode == 130


# --- each cause as itself


def test_a_port_where_nobody_listens(run):
    with kept_port() as port:
        done = run("plan", section=by_token(f"http://127.0.0.1:{port}") + AT_ONCE)
    assert done.code == 75
    assert "Connection refused; nothing listens there: check the port" in done.error


def test_a_host_that_nobody_knows(run):
    done = run("plan", section=by_token("http://no-such-host.invalid:8778") + AT_ONCE)
    assert done.code == 75
    assert "nobody knows that host: check its name, and the name servers" in done.error


def test_a_port_that_speaks_no_tls(run, placement):
    url = placement.url.replace("http://", "https://")
    done = run("plan", section=by_token(url) + AT_ONCE)
    assert done.code == 1
    assert "what listens there does not speak TLS; write http:// in place of https://" in done.error
    assert "certificate" not in done.error


@pytest.mark.parametrize("folder", ["state", "~/state", "./state"])
def test_a_folder_for_state_that_depends_on_where_one_stands_is_refused(run, folder):
    done = run("plan", state_dir=folder)
    assert done.code == 2
    assert f"'{folder}' does not begin with /" in done.error


def test_a_column_to_sort_by_that_there_is_not_is_one_too(run):
    done = run("device list --sort-column nonsense")
    assert done.code == 2
    assert "no column 'nonsense': there are " in done.error


def test_who_sorts_devices_by_a_column_of_functions_is_shown_functions(run):
    shown = run("device list --sort-column devname").out
    assert "ens1f0v0" in shown
    assert "4 VFs" in run("device list --sort-column card").out


@pytest.mark.parametrize("options", [["-v"], ["--sysfs", "/sys"]], ids=["flag", "value"])
def test_options_without_a_command_open_no_shell(call, options):
    done = call(*options)
    assert done.code == 2
    assert done.error == NO_COMMAND_GIVEN


def test_a_node_without_a_name_is_none(run):
    assert run("report", "--node", "").error == f"pci-placement: {NODE_WITHOUT_NAME}"


# --- -v, -vv and -q


@pytest.mark.usefixtures("real")
def test_v_tells_steps_and_vv_the_wire(run, placement):
    placement.requests.clear()
    done = run("-vv sync")
    told = [
        line.split(maxsplit=2) for line in done.err.splitlines() if re.match(r" +\d+\.\d+ s", line)
    ]
    calls = [words[2].split()[:3] for words in told if "req-" in words[2]]
    assert calls == [[r.method, r.path, str(r.status)] for r in placement.requests]
    steps = [words[2].partition(";")[0] for words in told if "req-" not in words[2]]
    assert [s.split()[0] for s in steps if ": " not in s or "PCI" in s.split()] == [
        "read",
        "looked",
        "planned",
        "done",
    ]
    assert "req-" not in run("-v sync").err


@pytest.mark.usefixtures("real")
def test_v_tells_each_write_when_it_is_done(run):
    done = run("-v sync -f json")
    told = re.findall(r"^ +\d+\.\d+ s (\w+): (\w+) (\S+);", done.err, re.MULTILINE)
    assert told == [(row["result"], row["action"], row["provider"]) for row in done.json]
    assert ("done", "create_provider", f"node:pci:{PLAIN}") in told


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize("how", ["-v", "-vv", "-vvv"])
def test_nothing_of_it_is_a_secret(run, placement, how):
    section = by_token(placement.url).replace("http://", "http://somebody:pass-word@")
    done = run(f"{how} provider list", section=section)
    assert done.code == 0
    assert "pass-word" not in done.err
    assert not re.search(r"X-Auth-Token: (?!\{SHA)", done.err)


@pytest.mark.usefixtures("real")
def test_q_keeps_warnings_and_its_help_says_so(run, call):
    lists = (
        '\n[pci]\ndevice_spec = {"vendor_id": "8086", "product_id": "0443"}\ndevice_specs = {}\n'
    )
    loud, quiet = run("plan -f value", lists=lists), run("-q plan -f value", lists=lists)
    warnings = [line for line in loud.err.splitlines() if line.startswith("warning: ")]
    assert warnings
    assert quiet.err.splitlines() == warnings
    assert "warnings and errors stay" in call("--help").out
