"""Every house rule finds what it is for, and lets the rest pass."""

from __future__ import annotations

from pathlib import Path

import pytest
from importlinter import api

from deploy.checks import dependencies, rows, sources
from deploy.checks.sources import Rule


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (sources.no_district_noun_in_the_chassis, "libs/chassis/chassis/x.py", "TICKETS = 'tickets'"),
        (sources.no_district_noun_in_the_chassis, "libs/chassis/chassis/x.py", "def by_building(): ..."),
        (sources.no_system_time_in_domain_sql, "services/ticket/ticket/requests/x.py", "func.now()"),
        (sources.no_machine_or_registry_in_a_file, "requirements.lock", "--index-url https://x/simple"),
        (sources.no_machine_or_registry_in_a_file, "services/web/package-lock.json", '"resolved": "x"'),
        (sources.short_modules_with_telling_names, "services/ticket/ticket/utils.py", ""),
        (sources.short_modules_with_telling_names, "services/ticket/ticket/x.py", "\n" * 401),
        (sources.no_loose_ends, "services/ticket/ticket/x.py", "x = 1  # " + "TODO later"),
    ],
)
def test_a_rule_finds_what_it_is_for(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Path(path), text))


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (sources.no_district_noun_in_the_chassis, "libs/chassis/chassis/x.py", '"""A ticket, say."""'),
        (sources.no_district_noun_in_the_chassis, "libs/chassis/chassis/x.py", "x = 1  # a ticket, say"),
        (sources.no_district_noun_in_the_chassis, "services/ticket/ticket/x.py", "TICKETS = 1"),
        (sources.no_system_time_in_domain_sql, "services/ticket/ticket/requests/x.py", "uow.now"),
        (sources.no_machine_or_registry_in_a_file, "services/web/package-lock.json", '"url": "https://x"'),
        (sources.short_modules_with_telling_names, "libs/contracts/louyu/x_pb2.py", "\n" * 4000),
    ],
)
def test_a_rule_lets_the_rest_pass(rule: Rule, path: str, text: str) -> None:
    assert not list(rule(Path(path), text))


def test_the_import_contracts_are_all_read() -> None:
    options = api.read_configuration()["contracts_options"]
    assert [contract["type"] for contract in options] == ["independence", "forbidden", "capabilities"]


def test_rows_are_listed_by_part_with_a_total() -> None:
    parts = rows.parts()
    assert {"0-28/NTF", "0-28/TKT", "1-18/TKT"} <= set(parts)
    lines = list(rows.lines({"0-28/TKT": "proved", "0-28/NTF": "partial"}))
    assert {"0-28/TKT proved", "0-28/NTF partial", "1-18/TKT -"} <= set(lines)
    assert lines[-1] == f"total {len(parts)}: 1 proved, 1 partial, {len(parts) - 2} -"


def test_every_package_declares_what_it_imports() -> None:
    assert list(dependencies.undeclared()) == []
