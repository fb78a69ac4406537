"""The documentation says all there is, and what it says holds."""

import argparse
import importlib
import re
import tomllib
from pathlib import Path

import pytest
from support.build import alias, pf, snapshot, vf, vfs

from pci_placement import __version__
from pci_placement.cli import claim, config, doctor, plan_rows, report, request, rows
from pci_placement.cli.options import add_global_options
from pci_placement.conf import json_objects, options
from pci_placement.discovery import whitelist
from pci_placement.discovery.selection import selector
from pci_placement.discovery.whitelist import parse_whitelist
from pci_placement.errors import ExitCode
from pci_placement.mapping import alias as aliases
from pci_placement.mapping.lint_layout import MANY_CANDIDATES
from pci_placement.mapping.match import match_devices
from pci_placement.model import (
    DevType,
    NameAction,
    ProviderAction,
    ReasonCode,
    Reshape,
    Severity,
    Source,
    WhitelistEntry,
)
from pci_placement.service.arguments import make_parser
from pci_placement.service.daemon import MEANING
from pci_placement.service.metrics.catalogue import FAMILIES
from pci_placement.service.metrics.tally import RESULTS
from pci_placement.settings import ConfigPath, Settings, read
from pci_placement.tempest import options as tempest_options

ROOT = Path(__file__).parents[2]
PAGES = sorted([*(ROOT / "doc").rglob("*.md"), ROOT / "README.md"])
COMMANDS, CONFIGURATION, METRICS, MODEL, SOURCES = (
    (ROOT / "doc" / f"{name}.md").read_text()
    for name in ("commands", "configuration", "metrics", "model", "sources")
)
RULES = (ROOT / "etc/prometheus/pci-placement.rules.yml").read_text()
ENTRY_POINTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
COLUMNS = {
    "alias list": rows.ALIAS,
    "claim list": claim.CLAIM_LINE,
    "claim show": claim.CLAIM,
    "config validate": config.COLUMNS,
    "device list": rows.DEVICE,
    "device show": ("consumers", "hint"),
    "doctor": doctor.COLUMNS,
    "plan": plan_rows.PLAN,
    "provider list": rows.OBSERVED_PROVIDER,
    "report": report.COLUMNS,
    "request candidates": rows.CANDIDATE,
    "request explain": rows.FINDING,
    "request show": request.SHOWN,
    "sync": plan_rows.RESULT,
}


def words(command: str) -> str:
    """An entry point's name as one types the command."""
    return command.replace("_", " ")


def section(text: str, heading: str) -> str:
    """What stands below a heading, up to the next one of its level."""
    found = re.search(rf"^(#+) {re.escape(heading)}\n(.*?)(?=^\1 |\Z)", text, re.M | re.S)
    assert found, f"no heading {heading!r}"
    return found[2]


def code(text: str) -> set[str]:
    """All that is marked as code within the lines of a text."""
    return set(re.findall("`([^`\n]+)`", text))


def table(text: str, first: str) -> list[list[str]]:
    """The cells of the table whose first heading is given, without its headings."""
    lines = text[text.index(f"\n| {first} |") :].strip().split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in re.split(r"(?<!`)\|(?!`)", x)[1:-1]] for x in lines]


def options_of(parser: argparse.ArgumentParser) -> set[str]:
    actions = parser._actions  # noqa: SLF001  argparse tells them in no other way
    return {option for action in actions for option in action.option_strings}


@pytest.mark.parametrize("name", ENTRY_POINTS["pci_placement.cli"])
def test_every_command_has_a_section_with_its_options(name):
    module, _, kind = ENTRY_POINTS["pci_placement.cli"][name].partition(":")
    parser = getattr(importlib.import_module(module), kind)(None, None).get_parser(words(name))
    told = section(COMMANDS, words(name))
    common = code(section(COMMANDS, "Output")) | {"-h", "--help"}
    ours = {o for o in options_of(parser) if o.startswith("--")} - common - FORMATTERS
    assert {o for o in ours if f"`{o}" not in told} == set()


FORMATTERS = set(
    "--quote --print-empty --sort-ascending --sort-descending --prefix --variable".split()
)
"""Options of cliff that nobody has to be told about."""


def test_every_command_of_openstackclient_is_named():
    named = code(section(COMMANDS, "In openstackclient"))
    there = {f"openstack {words(name)}" for name in ENTRY_POINTS["openstack.pci.v1"]}
    assert there - named == set()


def test_every_global_option_is_named():
    parser = argparse.ArgumentParser()
    add_global_options(parser)
    told = section(COMMANDS, "Global options")
    assert {o for o in options_of(parser) if f"`{o}" not in told} - {"-h", "--help"} == set()


def test_every_option_and_signal_of_the_agent_is_named():
    told = section(COMMANDS, "pci-placement-agent")
    assert {option for option in options_of(make_parser()) if f"`{option}" not in told} == set()
    assert {number.name for number in MEANING if f"`{number.name}`" not in told} == set()


def test_every_metric_is_explained_with_its_kind_and_its_labels():
    told = {cells[0]: cells[1:3] for cells in table(section(METRICS, "The metrics"), "metric")}
    there = {
        f"`{family.name}`": [str(family.kind), ", ".join(f"`{label}`" for label in family.labels)]
        for family in FAMILIES
    }
    assert told == there


def test_every_result_of_a_pass_is_explained():
    told = [cells[0].strip("`") for cells in table(section(METRICS, "Results"), "result")]
    assert sorted(told) == sorted(RESULTS)


def test_every_alert_is_explained():
    told = [cells[0].strip("`") for cells in table(METRICS, "alert")]
    assert told == re.findall(r"- alert: (\w+)", RULES)


@pytest.mark.parametrize("command", COLUMNS)
def test_every_column_is_explained_where_its_command_is(command):
    assert set(COLUMNS[command]) - code(section(COMMANDS, command)) == set()


def test_every_list_of_columns_belongs_to_a_command():
    lists = [value for module in (rows, plan_rows) for value in vars(module).values()]
    devices = (rows.DEVICE_BRIEF, rows.DEVICE_NARROW, rows.PROVIDER_BRIEF, rows.OBSERVED_BRIEF)
    brief = (plan_rows.PLAN_BRIEF, rows.CANDIDATE_BRIEF, *devices)
    known = [*COLUMNS.values(), *brief, rows.PROVIDER, rows.SHOWN_DEVICE]
    assert [found for found in lists if isinstance(found, list) and found not in known] == []


def test_every_action_of_a_plan_is_explained():
    verbs = {kind.verb for union in (ProviderAction, NameAction) for kind in union.__args__}
    verbs.add(Reshape.verb)
    assert verbs - code(section(COMMANDS, "plan")) == set()


def test_every_kind_of_reason_is_explained():
    assert set(ReasonCode) - code(section(COMMANDS, "plan")) == set()


def test_every_exit_code_is_explained():
    codes = {str(int(code)) for code in ExitCode}
    assert {row[0] for row in table(section(COMMANDS, "Exit codes"), "code")} == codes


@pytest.mark.parametrize("option", options.own_opts, ids=lambda option: option.name)
def test_every_option_is_explained_with_its_default(option):
    told = {row[0].strip("`"): row[1] for row in table(CONFIGURATION, "option")}
    default = "" if option.default is None else f"`{option.default}"
    assert told[option.name].lower().startswith(default.lower())


def test_both_lists_are_named_by_all_their_names():
    for option in options.pci_opts:
        assert f"`[pci] {option.name}`" in section(CONFIGURATION, "`[pci]`")
        for old in option.deprecated_opts:
            assert old.name in section(CONFIGURATION, "`[pci]`")


@pytest.mark.parametrize(
    ("keys", "heading"), [(whitelist.KEYS, "Whitelist entries"), (aliases.KEYS, "Aliases")]
)
def test_every_key_is_explained_and_no_other(keys, heading):
    firsts = re.findall(r"^\| (.*?) \|", section(CONFIGURATION, heading), re.M)
    told = [key for cell in firsts for key in re.findall(r"`(\w+)`", cell)]
    assert sorted(told) == sorted(keys)


def loaded(folder: Path, text: str) -> Settings:
    file = folder / "zun.conf"
    file.write_text(text)
    return read([ConfigPath(str(file))])


INI = re.compile(r"(?<!<!-- with mistakes -->\n)^```ini\n(.*?)^```", re.M | re.S)


@pytest.mark.parametrize("block", [b for page in PAGES for b in INI.findall(page.read_text())])
def test_every_configuration_can_be_read_and_has_no_mistakes(block, tmp_path):
    settings = loaded(tmp_path, block)
    assert [str(p) for p in settings.problems if p.severity is not Severity.NOTE] == []


def problems() -> list:
    below = section(CONFIGURATION, "Errors and warnings")
    tables = (("device_spec", "entry"), ("alias", "aliases"))
    return [(option, *row) for option, first in tables for row in table(below, first)]


@pytest.mark.parametrize(("option", "text", "severity", "problem", "suggestion"), problems())
def test_every_problem_is_told_in_these_words(
    option, text, severity, problem, suggestion, tmp_path
):
    settings = loaded(tmp_path, f"[pci]\n{option} = {text.strip('`')}\n")
    place = f"{tmp_path}/"
    told = [(p.severity, p.problem.replace(place, ""), p.suggestion) for p in settings.problems]
    assert (severity, problem, suggestion) in told


def addresses() -> list:
    return table(section(CONFIGURATION, "Addresses"), "entry")


@pytest.mark.parametrize(("text", "of_pf", "of_vf"), addresses())
def test_every_address_selects_what_is_said(text, of_pf, of_vf):
    entry = entry_of(text)
    card, function = pf(devnames=("ens1f0",)), vf(devnames=("ens1f0v0",))
    selects = selector(snapshot(card, function))
    assert (selects(entry, card), selects(entry, function)) == (of_pf == "yes", of_vf == "yes")


def entry_of(text: str) -> WhitelistEntry:
    (entry,), _ = parse_whitelist([json_objects.OptionValue(Source("", "", 1), text.strip("`"))])
    return entry


@pytest.mark.parametrize("row", table(section(CONFIGURATION, "A PF or its VFs"), "entry"))
def test_every_card_is_offered_as_is_said(row):
    text, *told = row
    waiting = alias("nic", "8086:154c", device_type=DevType.VF)
    card = pf(devnames=("ens1f0",))
    hosts = (([card, *vfs(2)], [waiting]), ([card], [waiting]), ([card], []))
    assert [offered(entry_of(text), *host) for host in hosts] == told


def offered(entry: WhitelistEntry, devices: list, aliases: list) -> str:
    matching = match_devices(snapshot(*devices), [entry], aliases)
    found = [match.device.dev_type for match in matching.matches]
    return {"": "nothing", "type-PF": "the PF"}.get(" ".join(found), "its VFs")


def anchors(text: str) -> set[str]:
    """The anchors that GitHub and MyST make of headings."""
    titles = re.findall("^#+ (.+)$", re.sub("^```.*?^```$", "", text, flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_number_of_candidates_that_is_warned_of_is_told():
    assert f"more than {MANY_CANDIDATES:,} candidates" in " ".join(MODEL.split())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    text = page.read_text()
    links = [" ".join(link.split()) for link in re.findall(r"\]\(([^)]+)\)", text)]
    for link in [link for link in links if "://" not in link]:
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text()), link


def test_what_is_not_released_has_no_version_that_is():
    """pip would take it for what is installed already, and metrics would name the other one."""
    changes = (ROOT / "CHANGELOG.md").read_text()
    released = re.findall(r"^## (\d\S+) \(", changes, re.M)
    assert "0.1.0" in released
    assert (__version__ in released) is ("\n## Unreleased\n" not in changes)


COMPARED = (ROOT / "doc" / "compared.md").read_text()


def unsourced(text: str) -> list[str]:
    """The cells of the tables of a page that link to nothing, and whose heading does not either."""
    tables = [table for table in text.split("\n\n") if table.startswith("| |")]
    return [cell for table in tables for cell in _unsourced(*map(_cells, table.splitlines()))]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def _unsourced(headings: list[str], _: list[str], *rows: list[str]) -> list[str]:
    pairs = [pair for row in rows for pair in zip(headings[1:], row[1:], strict=True)]
    return [cell for heading, cell in pairs if cell != "–" and not LINKED.search(heading + cell)]


LINKED = re.compile(r"\](\[[\w-]+\]|\(\S+\))")


def test_every_cell_of_a_comparison_has_its_source():
    assert COMPARED.count("\n| |") == 2
    assert unsourced(COMPARED) == []
    named = set(re.findall(r"\]\[([\w-]+)\]", COMPARED))
    assert named == set(re.findall(r"^\[([\w-]+)\]: https://", COMPARED, re.M))


def test_a_cell_without_a_source_is_found():
    headings, rows = (
        "| | one | [other](of.md) |\n|---|---|---|",
        "| what | yes | so |\n| why | – | – |",
    )
    assert unsourced(f"Above.\n\n{headings}\n{rows}\n\nBelow.") == ["yes"]


def sources(file: Path) -> list[str]:
    """The public sources that a module names, without the dot at the end."""
    return re.findall(r"^ *(?:# )?Source: (.+)\.$", file.read_text(), re.M)


PACKAGE = ROOT / "pci_placement"
WITH_SOURCES = [file for file in sorted(PACKAGE.rglob("*.py")) if "Source: " in file.read_text()]


@pytest.mark.parametrize(("claim", "source", "where"), table(SOURCES, "claim"))
def test_every_source_of_the_page_stands_where_it_is_used(claim, source, where):
    module, *names = re.findall("`([^`]+)`", where)
    file = PACKAGE / module
    assert source in sources(file), claim
    assert [name for name in names if name.split(".")[-1] not in file.read_text()] == []


@pytest.mark.parametrize("file", WITH_SOURCES, ids=lambda file: file.name)
def test_every_source_is_one_line_that_names_a_file_or_a_document(file):
    found = sources(file)
    assert len(found) == file.read_text().count("Source: ")
    unnamed = [s for s in found if not re.search(r"[\w-]+(/[\w.<>-]+)+|^nova-specs, ", s)]
    assert unnamed == []


def test_every_option_of_the_tempest_plugin_is_told_with_its_default():
    rows = table((ROOT / "doc" / "tempest.md").read_text(), "option")
    told = {row[0].strip("`"): row[1].strip("`") for row in rows}
    assert set(told) == {option.name for option in tempest_options.OPTIONS}
    for option in tempest_options.OPTIONS:
        if option.default:
            assert told[option.name] == str(option.default)
