"""`make bench`: measures every figure, prints a table and writes bench.json.

python -m tests.bench             all of them, under fifteen minutes
python -m tests.bench create      only those whose name begins so; the rest is left out of bench.json
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import shutil
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from deploy.local.faults import Fault
from deploy.local.services import SERVICES
from deploy.local.stack import ROOT, Stack
from tests.bench import cadence, figures, points, roster, sla
from tests.bench.bench import POSTGRES_SETTINGS, SETTINGS, Bench, control
from tests.bench.load import closed_loop
from tests.bench.people import People
from tests.bench.rows import fill_control, fill_tickets

TENANTS = 100
FEW, MANY, MOST = 10_000, 100_000, 1_000_000
PARTS = ("create", "list", "lifecycle", "lag", "catchup", "sla", "points", "roster", "cadence", "idle")


@dataclass(frozen=True, slots=True)
class Bound:
    """What a figure has to be."""

    name: str
    at_least: float | None = None
    at_most: float | None = None

    def __str__(self) -> str:
        if self.at_least is not None:
            return f">= {self.at_least:g}"
        return f"<= {self.at_most:g}" if self.at_most is not None else ""

    def holds(self, value: float) -> bool:
        return (self.at_least is None or value >= self.at_least) and (
            self.at_most is None or value <= self.at_most
        )


BOUNDS = (
    Bound("create_vs_control", at_least=0.8),
    Bound("create_one_tenant_vs_control"),
    Bound("list_vs_control", at_least=0.8),
    Bound("lifecycle_per_s", at_least=80),
    Bound("lifecycle_flat", at_least=0.85),
    Bound("event_lag_p99_ms", at_most=250),
    Bound("catchup_per_s", at_least=2000),
    Bound("sla_tick_per_s", at_least=10_000),
    Bound("points_post_per_s", at_least=1500),
    Bound("roster_page_ms_p99", at_most=60),
    Bound("cadence_instances_per_s", at_least=5000),
    Bound("idle_rss_mb", at_most=950),
    Bound("warm_start_s", at_most=15),
)


async def measure(bench: Bench, parts: set[str]) -> figures.Figures:
    """Every figure asked for, the small data first."""
    found: figures.Figures = {}
    tenants = bench.people.tenants
    tickets = bench.stack.superuser_url("ticket")
    # Warms caches and pools, and gives every tenant the ticket that the filling copies.
    await closed_loop(bench.port, figures.create(tenants), seconds=4.0)
    await closed_loop(bench.control_port, figures.create_in_control(tenants), seconds=2.0)
    say(f"filling up to {MANY:,} tickets")
    await fill_tickets(tickets, MANY)
    await fill_control(bench.control_url, tenants, MANY)
    if "lifecycle" in parts:
        say(f"lifecycles over {MANY:,} tickets")
        found["lifecycle_per_s"] = await figures.lifecycle_with(bench, MANY)
    await bench.people.sign_in()
    if "list" in parts:
        say("lists against the control")
        found |= await figures.against_control(
            bench, "list", figures.listing(tenants), figures.listing_in_control(tenants)
        )
    if "create" in parts:
        say("creations against the control")
        found |= await figures.against_control(
            bench, "create", figures.create(tenants), figures.create_in_control(tenants)
        )
        await bench.people.sign_in()
        found |= await figures.against_control(
            bench, "create_one_tenant", figures.create(tenants[:1]), figures.create_in_control(tenants[:1])
        )
    if "lag" in parts:
        say("event lag")
        found |= await figures.event_lag(bench)
    if "catchup" in parts:
        say("catching up")
        await bench.people.sign_in()
        found |= await figures.catch_up(bench)
    if "sla" in parts:
        say("clocks")
        found |= await sla.tick(bench)
    if "points" in parts:
        say("posting points")
        found |= await points.posting(bench)
    if "roster" in parts:
        say(f"a roster of {roster.TENANTS * roster.EACH:,} people")
        found |= await roster.pages(bench)
    if "cadence" in parts:
        say(f"obligations of {cadence.TENANTS:,} buildings")
        found |= await cadence.periods(bench)
    if "lifecycle" in parts:
        say(f"filling up to {MOST:,} tickets, and {FEW:,} in a second district")
        await fill_tickets(tickets, MOST)
        async with district(bench.stack.home / "few") as (few, people):
            await closed_loop(few.around.public_port, figures.create(people.tenants), seconds=4.0)
            await fill_tickets(few.superuser_url("ticket"), FEW)
            say("lifecycles in both, in turns")
            beside = Bench(few, people, bench.control_port, bench.control_url)
            found |= await figures.lifecycle_flat(beside, bench)
    if "idle" in parts:
        say("starting again over the same data")
        found |= await figures.warm_start(bench)
        found |= await figures.idle_memory(bench)
    return found


def table(found: figures.Figures) -> str:
    """The figures with what they have to be, then the raw rates."""
    rows = []
    for bound in BOUNDS:
        if bound.name in found:
            verdict = "" if not str(bound) else "ok" if bound.holds(found[bound.name]) else "MISSED"
            rows.append(f"{bound.name:<32}{found[bound.name]:>12,.2f}   {bound!s:<10}{verdict}")
    named = {bound.name for bound in BOUNDS}
    rows += [f"{name:<32}{value:>12,.2f}" for name, value in sorted(found.items()) if name not in named]
    return "\n".join(rows)


def say(what: str) -> None:
    """Progress, with the time since the start."""
    print(f"[{time.monotonic() - _STARTED:4.0f} s] {what} ...", file=sys.stderr, flush=True)


_STARTED = time.monotonic()


@contextlib.asynccontextmanager
async def district(home: Path) -> AsyncIterator[tuple[Stack, People]]:
    """A district in a folder of its own, with people in all its tenants."""
    stack = Stack(
        home,
        public_port=0,
        with_web=False,
        only=SERVICES,
        settings=SETTINGS,
        postgres_settings=POSTGRES_SETTINGS,
        say=say,
    )
    async with stack:
        say(f"settling {TENANTS} tenants")
        people = People(stack)
        await people.settle(TENANTS)
        yield stack, people


async def run(home: Path, parts: set[str]) -> figures.Figures:
    """Sets everything up in a folder of its own, measures, and ends it."""
    shutil.rmtree(home, ignore_errors=True)
    say("starting the district")
    async with district(home) as (stack, people), control(stack, home / "log") as (port, url):
        return await measure(Bench(stack, people, port, url), parts)


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the district against the control.")
    parser.add_argument("parts", nargs="*", choices=(*PARTS, []), help="what to measure; all by default")
    parser.add_argument("--home", type=Path, default=ROOT / ".louyu" / "bench")
    options = parser.parse_args()
    try:
        found = asyncio.run(run(options.home, set(options.parts or PARTS)))
    except Fault as fault:
        print(f"louyu: {fault}", file=sys.stderr)
        return 1
    text = json.dumps({name: round(value, 3) for name, value in found.items()}, indent=1)
    (ROOT / "bench.json").write_text(text + "\n", encoding="utf-8")
    print(table(found))
    missed = [bound.name for bound in BOUNDS if bound.name in found and not bound.holds(found[bound.name])]
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
