"""The TOML files beside this module."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def data(name: str) -> dict[str, Any]:
    """One of them."""
    return tomllib.loads((files("demo") / f"{name}.toml").read_text(encoding="utf-8"))


def accounts() -> list[dict[str, Any]]:
    """The rows of accounts.toml."""
    rows: list[dict[str, Any]] = data("accounts")["accounts"]
    return rows


def logins(organisation: str, *roles: str) -> tuple[str, ...]:
    """Who has one of the roles in an organisation, in the order of accounts.toml."""
    return tuple(row["login"] for row in accounts() if row["in"] == organisation and row["role"] in roles)
