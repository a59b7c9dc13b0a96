"""What Prometheus and Grafana are told fits the shop."""

import json
import re
from typing import Any

import yaml

from app.events.subscriptions import SUBSCRIPTIONS
from sandbox.code import CODE

_METRIC = re.compile(r"backroom_\w+")
_ENDINGS = re.compile(r"_(total|bucket)$")
_SOURCES = [*(CODE / "app").rglob("*.py"), *(CODE / "tasks").rglob("*.py"), *(CODE / "live").rglob("*.py")]


def _read(path: str) -> Any:
    return yaml.safe_load((CODE / path).read_text())


def _known() -> set[str]:
    """The names of the shop's metrics, without the endings that Prometheus adds."""
    return {name for path in _SOURCES for name in re.findall(r'"(backroom_\w+)"', path.read_text())}


def test_prometheus_asks_api_live_process_and_every_worker() -> None:
    api, workers = _read("deploy/prometheus/prometheus.yml")["scrape_configs"]
    services = _read("docker-compose.yml")["services"]

    assert api["static_configs"] == [{"targets": ["api:8000", "live:8010"]}]
    assert api["authorization"] == {
        "credentials_file": f"/run/secrets/{services['prometheus']['secrets'][0]}"
    }
    (asked,) = workers["dns_sd_configs"]
    assert set(asked["names"]) == {name for name in services if name.startswith("worker-")}
    ports = {services[name]["environment"]["METRICS_PORT"] for name in asked["names"]}
    assert ports == {str(asked["port"])}


def test_prometheus_reads_alerts_about_metrics_that_there_are() -> None:
    prometheus = _read("docker-compose.yml")["services"]["prometheus"]
    (group,) = _read("deploy/prometheus/alerts.yml")["groups"]

    (named,) = _read("deploy/prometheus/prometheus.yml")["rule_files"]
    assert f"./deploy/prometheus/{named}:/etc/prometheus/{named}:ro" in prometheus["volumes"]
    rules = {rule["alert"]: rule["expr"] for rule in group["rules"]}
    assert rules["InvariantBroken"] == "backroom_invariant_violations > 0"
    asked = {name for expr in rules.values() for name in _METRIC.findall(expr)}
    assert {
        name for name in asked if _ENDINGS.sub("", name) not in _known() and name not in _known()
    } == set()
    jobs = {job for expr in rules.values() for job in re.findall(r'job="([^"]+)"', expr)}
    assert jobs <= {"events.relay"} | {each.consumer for each in SUBSCRIPTIONS["schedule.slot_reached"]}


def test_the_dashboard_asks_the_prometheus_that_is_provisioned() -> None:
    (source,) = _read("deploy/grafana/provisioning/datasources/prometheus.yml")["datasources"]
    panels = json.loads((CODE / "deploy/grafana/dashboards/backroom.json").read_text())["panels"]

    assert source["url"] == "http://prometheus:9090"
    assert {panel["datasource"]["uid"] for panel in panels} == {source["uid"]}
    asked = {
        name for panel in panels for query in panel["targets"] for name in _METRIC.findall(query["expr"])
    }
    known = _known()
    assert len(asked) > 10
    assert {name for name in asked if _ENDINGS.sub("", name) not in known and name not in known} == set()
    assert len({(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels}) == len(panels)
