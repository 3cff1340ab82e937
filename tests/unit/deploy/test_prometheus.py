"""Where Prometheus comes from, and what is written for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploy.checks import prometheus
from deploy.local.faults import Fault
from deploy.observability.local import write


def test_programs_on_path_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("prometheus", "promtool"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\n", encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = prometheus.ensure()
    assert found == prometheus.Tools(str(tmp_path / "prometheus"), str(tmp_path / "promtool"))


def test_a_machine_that_can_fetch_nothing_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("LOUYU_HOME", str(tmp_path))
    with pytest.raises(Fault, match=r"apt install prometheus") as fault:
        prometheus.ensure()
    assert "\n" not in str(fault.value)


def test_targets_are_the_ops_ports_of_the_running_stack(tmp_path: Path) -> None:
    ports = {"ticket-grpc": 20_001, "ticket-ops": 20_002, "gateway-ops": 20_003}
    config = write(tmp_path, ports, ("ticket", "gateway"))
    assert json.loads((tmp_path / "targets.json").read_text("utf-8")) == [
        {"targets": ["127.0.0.1:20002"], "labels": {"service": "ticket"}},
        {"targets": ["127.0.0.1:20003"], "labels": {"service": "gateway"}},
    ]
    (scraped,) = json.loads(config.read_text("utf-8"))["scrape_configs"]
    assert scraped["job_name"] == "louyu", "alerts ask for this job"
    assert scraped["file_sd_configs"][0]["files"] == [str(tmp_path / "targets.json")]
