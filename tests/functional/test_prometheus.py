"""The alerts and the dashboard of etc/, at a real Prometheus that scrapes a real agent."""

import json
import re
from pathlib import Path

import pytest
from support.cloud import NIC, VFS
from support.daemons import awaited
from support.ports import kept_port
from support.prometheus import prometheus, promtool

from pci_placement.service.metrics.catalogue import FAMILIES, PREFIX, Kind

ROOT = Path(__file__).parents[2]
RULES = ROOT / "etc/prometheus/pci-placement.rules.yml"
BOARD = ROOT / "etc/grafana/pci-placement.json"
DASHBOARD = json.loads(BOARD.read_text())
ALERTS = sorted((ROOT / "tests/alerts").glob("*.test.yml"))

PANELS = DASHBOARD["panels"]
TARGETS = [target for panel in PANELS for target in panel.get("targets", [])]
VARIABLES = {each["name"]: each for each in DASHBOARD["templating"]["list"]}
LEGEND = re.compile(r"{{(\w+)}}")
SCRAPES = 4
"""Enough for every rate, whatever the first of them saw."""


def filled_in(expression: str) -> str:
    """An expression as Grafana sends it for all nodes."""
    return expression.replace("$__rate_interval", "1m").replace("$instance", ".+")


def known_names() -> set[str]:
    """What metrics of ours are called where they are asked for."""
    names = {PREFIX + name for family in FAMILIES for name in family.samples}
    counts = {f"{PREFIX}{f.name}_count" for f in FAMILIES if f.kind is Kind.HISTOGRAM}
    return names | counts


# --- the files


@pytest.mark.parametrize(
    "file", [RULES, *ALERTS, DASHBOARD], ids=["rules", "minutes", "days", "dashboard"]
)
def test_they_name_metrics_that_there_are(file):
    text = json.dumps(file) if file is DASHBOARD else file.read_text()
    named = set(re.findall(rf"\b{PREFIX}\w+", text))
    assert len(named) > 2
    assert named - known_names() == set()


def test_the_rules_are_rules():
    checked = promtool("check", "rules", RULES)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("file", ALERTS, ids=lambda file: file.name)
def test_each_alert_fires_when_it_should_and_not_before(file):
    tested = promtool("test", "rules", file)
    assert tested.returncode == 0, tested.stderr


def test_no_alert_is_untested_and_each_says_what_to_do():
    alerts = re.findall(r"- alert: (\w+)", RULES.read_text())
    tested = "".join(file.read_text() for file in ALERTS)
    assert len(alerts) == len(set(alerts)) > 10
    assert [name for name in alerts if name not in tested] == []
    for part in ("for", "severity", "summary", "description"):
        assert len(re.findall(rf"^ +{part}:", RULES.read_text(), re.M)) == len(alerts)


def test_every_panel_of_the_dashboard_stands_alone_and_says_what_it_shows():
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    shown = [panel for panel in PANELS if panel["type"] != "row"]
    assert all(panel["title"] and panel["description"] and panel["targets"] for panel in shown)
    assert all(target["datasource"]["uid"] == "${datasource}" for target in TARGETS)
    taken = [place for panel in PANELS for place in places(panel["gridPos"])]
    assert len(taken) == len(set(taken))


def places(at: dict) -> list[tuple[int, int]]:
    """The cells of the grid that a panel covers."""
    assert at["x"] + at["w"] <= 24
    return [(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])]


# --- at a real Prometheus


def test_every_panel_shows_something_and_no_alert_fires(service, real, tmp_path):
    with kept_port() as port:
        place = f"127.0.0.1:{port}"
        one = service("-v", metrics_listen=place, full_sync_interval="0")
        one.await_line("nothing to do")
        real.claim("bob", {VFS: {NIC: 1}})
        with prometheus(tmp_path, place, RULES) as server:
            awaited(lambda: scrapes(server) >= SCRAPES)
            assert {t["expr"]: why for t in TARGETS if (why := what_is_wrong(server, t))} == {}
            metric, label = re.fullmatch(
                r"label_values\((\w+), (\w+)\)", VARIABLES["instance"]["definition"]
            ).groups()
            assert server.values(metric, label) == [place]
            rules = awaited(lambda: evaluated(server))
            assert {r["name"]: r["health"] for r in rules if r["health"] != "ok"} == {}
            assert [rule["name"] for rule in rules if server.query(rule["query"])] == []
        assert one.end() == 0


def scrapes(server) -> int:
    """How often what adds up was seen, and a claim."""
    found = server.query(
        f"min(count_over_time({PREFIX}actions_total[10m])) and max({PREFIX}inventory_used) > 0"
    )
    return int(found[0]["value"][1]) if found else 0


def what_is_wrong(server, target: dict) -> str:
    """Why a panel would be empty, or its legend."""
    found = server.query(filled_in(target["expr"]))
    if not found:
        return "no data"
    if any(each["value"][1] in ("NaN", "+Inf", "-Inf") for each in found):
        return f"no numbers: {found}"
    labels = LEGEND.findall(target["legendFormat"])
    return "" if all(label in found[0]["metric"] for label in labels) else f"no {labels}: {found}"


def evaluated(server) -> list[dict]:
    """All rules, once each was tried."""
    rules = server.rules()
    return [] if any(rule["health"] == "unknown" for rule in rules) else rules
