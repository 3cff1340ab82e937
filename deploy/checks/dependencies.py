"""Every package declares what it imports: `python -m deploy.checks.dependencies`.

On a developer's machine everything is installed; in an image there is only what pyproject.toml names.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from deploy.local.bootstrap import ROOT, local_packages

LOCAL = "louyu-"
CHASSIS = "louyu-chassis"


def canonical(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(package: Path) -> set[str]:
    """The distributions that a pyproject.toml names."""
    project = tomllib.loads((package / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {canonical(re.split(r"[\[<>=~!; ]", line, maxsplit=1)[0]) for line in project["dependencies"]}


def imported(package: Path) -> set[str]:
    """Top-level modules that the sources of a package import."""
    found: set[str] = set()
    for source in package.rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found


def undeclared() -> Iterator[str]:
    """Imports that a package makes and neither it nor the chassis declares."""
    owners = packages_distributions()
    of_chassis = declared(ROOT / "libs" / "chassis")
    for package in local_packages():
        known = declared(package)
        if CHASSIS in known:
            known |= of_chassis
        for module in sorted(imported(package)):
            distributions = {canonical(name) for name in owners.get(module, ())}
            if distributions and not distributions & known and not _is_own(module, package):
                wanted = " or ".join(sorted(distributions))
                yield f"{package.relative_to(ROOT)}: imports {module}, does not declare {wanted}"


def _is_own(module: str, package: Path) -> bool:
    return (package / module).is_dir()


def main() -> None:
    found = list(undeclared())
    for complaint in found:
        print(complaint)
    if found:
        raise SystemExit(f"louyu: {len(found)} undeclared dependencies")


if __name__ == "__main__":
    main()
