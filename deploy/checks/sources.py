"""Rules of the house that a linter does not know, over the files that git tracks.

    python -m deploy.checks.sources

Each rule is a function from a file to complaints. A new rule comes with a test in tests/unit/deploy.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST_MODULE = 400

# What the district talks about. The chassis would serve another city, or a hospital, unchanged.
DISTRICT_NOUNS = (
    "building", "ticket", "enterprise", "activity", "enrolment", "department", "matter", "counter_no",
    "window_case", "inbox_message", "overview", "dashboard", "resident", "floor", "party_member", "portal",
)  # fmt: skip
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}

Complaints = Iterator[tuple[int, str]]
Rule = Callable[[Path, str], Complaints]


def no_district_noun_in_the_chassis(path: Path, text: str) -> Complaints:
    """The chassis' identifiers and literals name nothing of the district; its prose may give examples."""
    if path.parts[:3] != ("libs", "chassis", "chassis") or path.suffix != ".py":
        return
    nouns = re.compile(rf"(?<![A-Za-z])(?<!math\.)({'|'.join(DISTRICT_NOUNS)})s?(?![A-Za-z])", re.IGNORECASE)
    for number, line in enumerate(_code_only(text).splitlines(), 1):
        if found := nouns.search(line):
            yield number, f"the chassis knows no district noun, found {found[1]!r}"


def no_system_time_in_domain_sql(path: Path, text: str) -> Complaints:
    """Business time comes from the unit of work; the database's clock cannot be walked."""
    if path.parts[0] != "services" or path.suffix != ".py" or "migrations" in path.parts:
        return
    clock = re.compile(r"func\.(now|current_timestamp|clock_timestamp|localtimestamp)\(|\bnow\(\)\s*['\"]")
    for number, line in enumerate(text.splitlines(), 1):
        if clock.search(line):
            yield number, "domain code takes the time from the unit of work, not from SQL"


def no_machine_or_registry_in_a_file(path: Path, text: str) -> Complaints:
    """Where packages come from is the machine's own setting, and nobody else has this machine's folders."""
    if path.name == "package-lock.json":
        address = re.compile(r'"resolved":')  # the other addresses in it ask for donations
    elif path.name.endswith((".lock", ".in", "pyproject.toml", "package.json", ".npmrc", "Dockerfile")):
        address = re.compile(r"https?://|--(extra-)?index-url|--find-links|^registry=")
    else:
        return
    for number, line in enumerate(text.splitlines(), 1):
        if address.search(line):
            yield number, "a committed file names no registry or download address"


def short_modules_with_telling_names(path: Path, text: str) -> Complaints:
    """Whoever knows the noun finds the file."""
    if path.suffix != ".py" or path.parts[:2] == ("libs", "contracts"):
        return
    if path.stem in VAGUE_NAMES:
        yield 1, f"{path.name} says nothing about what is in it"
    if (length := text.count("\n")) > LONGEST_MODULE and path.parts[0] != "tests":
        yield length, f"{length} lines; split it by noun (limit {LONGEST_MODULE})"


def no_loose_ends(path: Path, text: str) -> Complaints:
    """What is not done is not in the tree."""
    if path.suffix not in {".py", ".ts", ".vue", ".proto", ".toml", ".yml"}:
        return
    loose = re.compile(r"(?:#|//|/\*|<!--)\s*(TODO|FIXME|XXX|HACK)\b")
    for number, line in enumerate(text.splitlines(), 1):
        if found := loose.search(line):
            yield number, f"{found[1]}: do it or leave it out"


RULES: tuple[Rule, ...] = (
    no_district_noun_in_the_chassis,
    no_system_time_in_domain_sql,
    no_machine_or_registry_in_a_file,
    short_modules_with_telling_names,
    no_loose_ends,
)


def _code_only(text: str) -> str:
    """The text with comments and docstrings blanked, its line numbers kept."""
    blanked = re.sub(r'"""(?:.|\n)*?"""', lambda found: "\n" * found[0].count("\n"), text)
    return re.sub(r"#.*", "", blanked)


def tracked_files() -> list[Path]:
    """Every file that git knows or would add, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [Path(name) for name in sorted(set(listed.stdout.split("\0"))) if name]


def complaints() -> Iterator[str]:
    """Every broken rule, as path:line: what."""
    for path in tracked_files():
        try:
            text = (ROOT / path).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue
        for rule in RULES:
            for number, what in rule(path, text):
                yield f"{path}:{number}: {what}"


def main() -> None:
    found = list(complaints())
    for complaint in found:
        print(complaint)
    if found:
        raise SystemExit(f"louyu: {len(found)} broken house rules")


if __name__ == "__main__":
    main()
