"""Renders docs/permissions.md from the permission matrix and the contracts.

python -m deploy.codegen.permissions            write it
python -m deploy.codegen.permissions --check    fail if what is committed differs
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from google.api import annotations_pb2

import louyu
from identity.grants.matrix import Cell, Matrix, matrix
from louyu.options.v1 import access_pb2

PAGE = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"

_INTRODUCTION = """\
# Who may do what

This page is rendered from `services/identity/identity/grants/matrix.toml` and the `access` options of the
contracts (`make gen`); a test fails when it is out of date. Services enforce it: they never see roles, only
the permissions that an account's grants give it, each with the letter that says how far it reaches.

**D** district · **S** sub-district · **T** a superior's subtree · **B** building (tenant) · **F** floor,
area or team · **E** own enterprise · **U** own department · **C** assigned case · **O** own · **A** aggregate
only · – none. Rules beside the matrix: nobody grants to themselves or approves their own record; separation
of duty looks at the person, not the account; E is what was filed in the firm's name only; every P3 read
states a reason and is audited; a revoked role stops working within 5 seconds.
"""


def shown(cell: Cell | None) -> str:
    """A cell as the matrix shows it."""
    return cell.words if cell else "–"


def rows(found: Matrix) -> Iterator[str]:
    """The matrix as a table."""
    yield "## The matrix"
    yield ""
    yield "| Role | " + " | ".join(column.name_en for column in found.columns) + " |"
    yield "|---" * (len(found.columns) + 1) + "|"
    for role in found.roles.values():
        cells = " | ".join(shown(cell) for cell in role.cells)
        yield f"| {role.name_zh} {role.name_en} | {cells} |"


def roles(found: Matrix) -> Iterator[str]:
    """What each role gives, and where it can be granted."""
    yield "## What each role gives"
    yield ""
    yield "Staff roles need an account with a second factor. Cells of what is still to come give nothing yet."
    yield ""
    yield "| Role | Code | Granted in | Bound to | Staff | Permissions |"
    yield "|---|---|---|---|---|---|"
    for role in found.roles.values():
        kinds = ", ".join(sorted(kind.replace("_", " ") for kind in role.kinds))
        bound = ", ".join(sorted(role.bound)) or "–"
        gives = " ".join(f"`{given}`" for given in role.gives)
        staff = "yes" if role.staff else "–"
        yield f"| {role.name_zh} | `{role.code}` | {kinds} | {bound} | {staff} | {gives} |"


def permissions() -> Iterator[str]:
    """Which calls ask for which permission."""
    asked: dict[str, list[str]] = defaultdict(list)
    names = (name for _, name, _ in pkgutil.walk_packages(louyu.__path__, "louyu.") if name.endswith("_pb2"))
    for name in names:
        for service in importlib.import_module(name).DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                option = method.GetOptions().Extensions[access_pb2.access]
                rule = method.GetOptions().Extensions[annotations_pb2.http]
                verb = rule.WhichOneof("pattern")
                if option.permission and verb:
                    path = getattr(rule, verb).removeprefix("/v1/tenants/{tenant}")
                    asked[option.permission].append(f"`{verb.upper()} {path}`")
    yield "## What each permission opens"
    yield ""
    yield "Paths begin with `/v1/tenants/{tenant}`."
    yield ""
    yield "| Permission | Calls |"
    yield "|---|---|"
    for permission in sorted(asked):
        yield f"| `{permission}` | {' '.join(sorted(asked[permission]))} |"


def page() -> str:
    """The whole page."""
    found = matrix()
    parts = [_INTRODUCTION.rstrip("\n"), "", *rows(found), "", *roles(found), "", *permissions()]
    return "\n".join(parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="change nothing, fail on a difference")
    text = page()
    if parser.parse_args().check:
        if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text:
            raise SystemExit("louyu: docs/permissions.md is out of date; run: make gen")
        return
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
