"""Prometheus' configuration for a district that runs on this machine, from the ports it runs on.

A list of targets in a file of its own (file_sd), which Prometheus reads again when it changes: ports are
kept between runs, but a port that somebody else took in the meantime is replaced.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from deploy.local.services import SERVICES

RULES = Path(__file__).resolve().parent / "rules"
JOB = "louyu"


def targets(ports: Mapping[str, int], services: Sequence[str] = SERVICES) -> list[dict[str, Any]]:
    """Every process's ops port, under the name of its service."""
    return [
        {"targets": [f"127.0.0.1:{ports[f'{service}-ops']}"], "labels": {"service": service}}
        for service in services
    ]


def configuration(folder: Path, *, rules: Path = RULES, every: str = "5s") -> dict[str, Any]:
    """What prometheus.yml says for the compose deployment, for the targets listed in `folder`."""
    return {
        "global": {"scrape_interval": every, "evaluation_interval": every},
        "rule_files": [str(rules / "*.yml")],
        "scrape_configs": [
            {
                "job_name": JOB,
                "file_sd_configs": [{"files": [str(folder / "targets.json")], "refresh_interval": "10s"}],
            }
        ],
    }


def write(
    folder: Path,
    ports: Mapping[str, int],
    services: Sequence[str] = SERVICES,
    *,
    rules: Path = RULES,
    every: str = "5s",
) -> Path:
    """Writes both files into `folder`; returns the configuration, which is JSON and therefore YAML."""
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / "targets.json", targets(ports, services))
    return _replace(folder / "prometheus.yml", configuration(folder, rules=rules, every=every))


def arguments(prometheus: str, config: Path, folder: Path, port: int) -> list[str]:
    """How to run Prometheus over it: on loopback, with its data in `folder`."""
    return [
        prometheus,
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
    ]


def _replace(path: Path, content: Any) -> Path:
    """Written whole and moved in: Prometheus may be reading."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return fresh.replace(path)
