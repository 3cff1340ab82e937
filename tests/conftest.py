"""Fixtures of the whole suite; what each gives is said where it is defined."""

from __future__ import annotations

import os

import pytest

# Children are started while gRPC runs in this process; its fork handlers would only get in the way.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")

pytest_plugins = ["tests.fixtures.servers", "tests.fixtures.district", "tests.fixtures.browser"]


def pytest_configure(config: pytest.Config) -> None:
    """Every run leaves a report of the rows it proved."""
    from tests.fixtures.rows import RowReport

    config.pluginmanager.register(RowReport(), "louyu-rows")
