"""What a night operator leans on exists: every alert has its page, every metric somebody who exposes it."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
from pathlib import Path

import pytest

from chassis import metrics
from deploy.checks.prometheus import Tools, ensure
from deploy.docker.entry import SERVICES
from deploy.observability import inventory
from deploy.observability.local import write

ROOT = inventory.HERE.parents[1]
EXPOSING = (
    "chassis.consumer",
    "chassis.jobs",
    "chassis.relay",
    "chassis.vitals",
    "gateway.frame",
    "gateway.live",
    "notification.inbox.mail",
)
SECTIONS = ("**对用户：**", "## 看什么", "## 做什么", "## 怎样算结束", "## In English")
_FOREIGN = re.compile(r"pg_|max_connections")
"""What runbooks quote of PostgreSQL rather than of ours."""


@pytest.fixture(scope="module")
def tools() -> Tools:
    """Prometheus' own programs."""
    return ensure()


def check(*command: str | Path) -> None:
    """Run a checker; what it says is what the test says."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def exposed() -> set[str]:
    """Names of all metrics of our processes, as /metrics spells them."""
    for module in EXPOSING:
        importlib.import_module(module)
    return set(re.findall(r"^# TYPE (\S+) ", metrics.exposition().decode(), re.MULTILINE))


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    alerts = inventory.alerts()
    pages = {path.stem for path in inventory.RUNBOOKS.glob("*.md")} - {"README"}
    assert set(alerts) == pages
    for name, text in alerts.items():
        assert f"runbook: docs/runbooks/{name}.md" in text
        assert re.search(r'summary: ".*[\u4e00-\u9fff]', text), f"{name} has no Chinese summary"
        assert 'summary_en: "' in text
        assert re.search(r"severity: (page|ticket)\b", text)
    index = (inventory.RUNBOOKS / "README.md").read_text("utf-8")
    assert set(re.findall(r"\((\w+)\.md\)", index)) == pages


def test_every_runbook_says_what_where_how_and_when_it_is_over() -> None:
    for path in inventory.RUNBOOKS.glob("*.md"):
        if path.stem != "README":
            text = path.read_text("utf-8")
            assert text.startswith(f"# {path.stem} · ")
            found = [text.find(section) for section in SECTIONS]
            assert -1 not in found, path.name
            assert found == sorted(found), path.name


def test_what_runbooks_quote_from_logs_and_settings_exists() -> None:
    code = "\n".join(
        path.read_text("utf-8")
        for folder in ("libs/chassis", "services", "proto")
        for pattern in ("*.py", "*.proto")
        for path in (ROOT / folder).rglob(pattern)
        if "node_modules" not in path.parts
    )
    settings = {f"LOUYU_{name.upper()}" for name in re.findall(r"^    (\w+): ", code, re.MULTILINE)}
    for path in inventory.RUNBOOKS.glob("*.md"):
        text = path.read_text("utf-8")
        for quoted in re.findall(r"`([a-z]+(?:_[a-z]+)+)`", text):
            known = _FOREIGN.match(quoted) or re.search(rf"\b{quoted}\b", code)
            assert known, f"{path.name}: nothing says {quoted}"
        for setting in re.findall(r"LOUYU_[A-Z_]+", text):
            assert setting in settings, f"{path.name}: there is no {setting}"
        for alert in re.findall(r"\b([A-Z][a-z]+(?:[A-Z][a-z]+)+)\b", text):
            assert alert in inventory.alerts() or alert in ("PostgreSQL", "JetStream"), (path.name, alert)


def test_every_metric_in_rules_and_dashboards_is_exposed() -> None:
    known = exposed()
    for where, used in (
        ("rules", inventory.used_in_rules()),
        ("dashboards", inventory.used_in_dashboards()),
    ):
        assert used, where
        assert used <= known, f"{where} name what nobody exposes: {sorted(used - known)}"
    assert inventory.recorded_in_dashboards() <= inventory.recorded()


def test_rules_and_configurations_pass_promtool(tools: Tools, tmp_path: Path) -> None:
    check(tools.promtool, "check", "rules", *sorted(inventory.RULES.glob("*.yml")))
    check(tools.promtool, "check", "config", inventory.HERE / "prometheus.yml")
    ports = {f"{service}-ops": 20_000 + number for number, service in enumerate(SERVICES)}
    check(tools.promtool, "check", "config", write(tmp_path, ports, SERVICES))


def test_every_alert_fires_when_it_should(tools: Tools) -> None:
    cases = inventory.HERE / "tests" / "alerts.yml"
    check(tools.promtool, "test", "rules", cases)
    untried = {name for name in inventory.alerts() if f'alertname="{name}"' not in cases.read_text("utf-8")}
    assert not untried, f"no case for {sorted(untried)}"


def test_every_process_of_the_deployment_is_scraped() -> None:
    text = (inventory.HERE / "prometheus.yml").read_text("utf-8")
    assert set(re.findall(r"- (\w+):9100$", text, re.MULTILINE)) == set(SERVICES)


def test_dashboards_are_titled_in_chinese_first_and_ask_one_data_source() -> None:
    for path in inventory.DASHBOARDS.glob("*.json"):
        board = json.loads(path.read_text("utf-8"))
        assert board["uid"] == path.stem
        titles = [board["title"], *(panel["title"] for panel in board["panels"])]
        for title in titles:
            assert re.match(r"[\u4e00-\u9fff]", title), f"{path.name}: {title}"
            assert re.search(r"[A-Za-z]", title), f"{path.name}: {title}"
        for panel in board["panels"]:
            assert {target["datasource"]["uid"] for target in panel["targets"]} == {"${datasource}"}
