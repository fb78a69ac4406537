import json
import logging

import pytest

from pci_placement.model import EnsureTrait
from pci_placement.placement.trail import Answered
from pci_placement.service import logs
from pci_placement.service.arguments import parse
from pci_placement.service.logs import LOGGER, start_logging

SECRET = "http://me:secret@keystone.example/v3"


@pytest.fixture(autouse=True)
def as_before():
    """The loggers belong to the process; their levels are those of before in the end."""
    loggers = [logging.root, LOGGER, *map(logging.getLogger, logs.LIBRARIES)]
    before = [(one, one.level, list(one.handlers)) for one in loggers]
    raised = logging.raiseExceptions
    yield
    logging.raiseExceptions = raised
    for one, level, handlers in before:
        one.setLevel(level)
        one.handlers[:] = handlers


@pytest.fixture
def said(capsys):
    """The lines that an agent with these options writes, without the time of text."""

    def said(options: str, write) -> list[str]:
        start_logging(parse(options.split()))
        write(LOGGER)
        lines = capsys.readouterr().err.splitlines()
        return lines if "json" in options else [line.partition("Z ")[2] for line in lines]

    return said


def one_of_each(log: logging.Logger) -> None:
    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
        log.log(level, "%s", "text")


@pytest.mark.parametrize(
    ("options", "levels"),
    [
        ("", "INFO WARNING ERROR"),
        ("-q", "WARNING ERROR"),
        ("-v", "DEBUG INFO WARNING ERROR"),
        ("--debug", "DEBUG INFO WARNING ERROR"),
    ],
)
def test_how_much_is_said_is_for_the_operator_to_choose(said, options, levels):
    assert said(options, one_of_each) == [f"{level} text" for level in levels.split()]


def test_libraries_are_heard_where_that_is_wished_for(said):
    def warn(_):
        logging.getLogger("keystoneauth").warning("odd")

    assert said("", warn) == []
    assert said("-v", warn) == ["WARNING odd"]


@pytest.mark.parametrize("options", ["--debug", "--debug --log-format json"])
def test_a_secret_in_a_url_is_not_told_nor_is_it_in_a_traceback(said, options):
    def fail(log):
        log.warning("%s", f"no answer from {SECRET}", exc_info=ValueError(SECRET))

    told = "\n".join(said(options, fail))
    assert "secret" not in told
    assert told.count("http://***@keystone.example/v3") == 2


@pytest.mark.parametrize(("options", "lines"), [("-v", 1), ("--debug", 2)])
def test_a_traceback_is_for_who_asks_for_one(said, options, lines):
    told = said(options, lambda log: log.error("%s", "text", exc_info=ValueError("odd")))
    assert told == ["ERROR text", "ERROR ValueError: odd"][:lines]


def test_a_terminal_has_nothing_to_obey(said):
    assert said("", lambda log: log.info("%s", "a\x1b[2J\nb")) == ["INFO a\\u001b[2J\\u000ab"]


def test_as_json_each_line_is_an_object_with_what_it_is_about(said):
    extra = {"pass_number": 7, "request_id": "req-1", "action": EnsureTrait("CUSTOM_X")}

    def write(log):
        log.info("%s", "é\n", extra=extra)
        log.warning("%s", "plain")

    change, plain = map(json.loads, said("--log-format json", write))
    assert change.pop("time").endswith("Z")
    assert change == {
        "level": "INFO",
        "message": "é\n",
        "pass": 7,
        "global_request_id": "req-1",
        "action": "ensure_trait",
        "provider": None,
    }
    assert set(plain) == {"time", "level", "message"}


def test_a_request_is_told_with_all_that_is_known_of_it(said):
    call = Answered("GET", SECRET, 200, 0.0123456, "req-2", "req-1")
    extra = {"pass_number": 7, "request_id": "req-1", "call": call}
    (line,) = said("-v --log-format json", lambda log: log.debug("%s", "x", extra=extra))
    told = json.loads(line)
    assert {key: told[key] for key in ("method", "url", "status", "seconds")} == {
        "method": "GET",
        "url": "http://***@keystone.example/v3",
        "status": 200,
        "seconds": 0.012346,
    }
    assert (told["request_id"], told["global_request_id"]) == ("req-2", "req-1")


def test_as_text_a_line_has_the_id_under_which_the_requests_of_its_pass_went(said):
    extra = {"pass_number": 7, "request_id": "req-1"}
    assert said("", lambda log: log.info("%s", "text", extra=extra)) == ["INFO [req-1] text"]


def test_a_reader_that_is_gone_ends_nothing(said, monkeypatch):
    def write(log):
        monkeypatch.setattr(logging.root.handlers[0].stream, "write", _broken)
        log.info("%s", "text")
        monkeypatch.undo()

    assert said("", write) == []


def _broken(_):
    raise BrokenPipeError
