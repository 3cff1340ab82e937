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

pytest_plugins = ["tests.fixtures.servers", "tests.fixtures.district", "tests.fixtures.browser"]


def pytest_configure(config: pytest.Config) -> None:
    """Every run leaves a report of the rows it proved."""
    from tests.fixtures.rows import RowReport

    config.pluginmanager.register(RowReport(), "louyu-rows")
