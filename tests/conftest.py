"""Fixtures of the whole suite; what each gives is said where it is defined."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

# Children are started while gRPC runs in this process; its fork handlers would only get in the way.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")

# How long an example takes says how busy the machine is, not whether the property holds.
settings.register_profile("louyu", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("louyu")

pytest_plugins = [
    "tests.fixtures.servers",
    "tests.fixtures.district",
    "tests.fixtures.browser",
    "tests.fixtures.sharing",
]


def pytest_configure(config: pytest.Config) -> None:
    """Every run leaves a report of the rows it proved and ends with the table of the promises it tried."""
    from tests.fixtures.proofs import ProofTable
    from tests.fixtures.rows import RowMarks, RowReport
    from tests.fixtures.sharing import Sharing

    config.pluginmanager.register(RowMarks(), "louyu-row-marks")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(RowReport(), "louyu-rows")
        config.pluginmanager.register(ProofTable(config), "louyu-proofs")
        config.pluginmanager.register(Sharing(), "louyu-sharing")
