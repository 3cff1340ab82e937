"""Loads the demo district, from the first operator to today."""

import asyncio
import sys
import time
from datetime import UTC, datetime

from demo import (
    activities,
    appraisal,
    cadence,
    commitments,
    community_checkins,
    contacts,
    conveniences,
    development,
    dispatch,
    district,
    enterprises,
    finds,
    guests,
    honours,
    listings,
    members,
    network,
    opinions,
    orgs,
    points,
    reports,
    requests,
    safety,
    stalls,
    supervision,
    visits,
    windows,
    zones,
)
from demo.client import People
from demo.data import accounts, data, logins
from demo.district import District
from demo.settings import OPERATOR, PASSWORD, TOTP_SECRET
from demo.timeline import Timeline, begin, ticks

_TICKETS = {"t1": 14, "t2": 70, "t3": 8, "t4": 8, "t5": 8}
_CASES = 26
_FIRM_AFFAIRS = ("BUSINESS", "GOVERNMENT", "LEGAL")


async def load(url: str) -> None:
    """Load everything; says what it does and how long it took. A second load changes nothing."""
    began = time.monotonic()
    await first_operator()
    async with People(url) as people:
        mine = (await people.get(OPERATOR, "/v1/me"))["memberships"]
        root = next(row["tenant"] for row in mine if row["kind"] == "DISTRICT")
        if len(mine) > 1:
            if int((await people.get(OPERATOR, "/v1/clock")).get("offset_seconds", 0)) == 0:
                tell("the demo district is loaded already")
                return
            raise SystemExit("demo: a load was interrupted half-way; make reset, then make up")
        made = District(people, {"district": root})
        first = await begin(people, root)
        filed = await set_up(made)
        tell("places")
        places = await safety.places(made)
        tell("responsibility zones and teams")
        grid = await zones.begin(made, places)
        links = await contacts.begin(made)
        await honours.begin(made, first)
        await development.begin(made, first)
        await stalls.begin(made)
        reported = await community_checkins.begin(made)
        timeline = Timeline(ticks(first, datetime.now(UTC)))
        tell("obligations")
        await cadence.begin(made, timeline)
        await appraisal.begin(made, first, timeline)
        plan(made, timeline, filed)
        safety.plan(made, timeline, places)
        visits.plan(made, timeline, places)
        zones.plan(grid, timeline)
        contacts.plan(made, links, timeline)
        appraisal.plan(made, first, timeline)
        reports.plan(made, timeline)
        supervision.plan(made, timeline)
        community_checkins.plan(made, reported, timeline)
        dispatch.plan(made, timeline)
        listings.plan(made, timeline)
        finds.plan(made, timeline)
        conveniences.plan(made, timeline)
        stalls.plan(made, timeline)
        tell("two months of daily life")
        await timeline.play(people, root)
    tell(f"loaded in {time.monotonic() - began:.0f} s")


async def set_up(made: District) -> list[windows.Filed]:
    """Everything that is there before daily life begins; what can be filed at counters."""
    for step, name in (
        (district.office, "district office"),
        (district.organisations, "organisations"),
        (district.everyone, "accounts"),
        (district.rosters, "rosters"),
        (district.desks, "desks"),
        (district.catalogue, "service items"),
        (enterprises.registries, "enterprises"),
        (district.contacts, "contacts"),
        (commitments.begin, "commitments"),
        (orgs.organisations, "party and mass organisations"),
        (network.floors, "floors, groups and liaisons"),
        (members.rosters, "members on the roster, floating members"),
        (guests.begin, "guests of the centre"),
        (points.begin, "points"),
    ):
        tell(name)
        await step(made)
    tell("departments")
    return await windows.departments(made)


def plan(made: District, timeline: Timeline, filed: list[windows.Filed]) -> None:
    """What happens in the two months."""
    for key, count in _TICKETS.items():
        requests.plan(made.people, timeline, building(made, key), count)
    opinions.plan(made, timeline)
    firms = contacts_with_firms(made)
    for number in range(_CASES):
        matter = filed[number % len(filed)]
        applicants = [(login, firm) for login, firm, key in firms if key == matter.building]
        case = windows.Case(made, matter, applicants[number % len(applicants)], number)
        case.plan(timeline, 2 + number * (len(timeline.ticks) - 4) // _CASES)
    for key, planned in activities.PLANNED.items():
        staff = logins(key, "affairs_clerk", "branch_secretary")
        hosts = activities.Hosts(
            key, made.tenants[key], logins(key, "affairs_clerk")[0], staff[0], participants(key)
        )
        activities.plan(made.people, timeline, hosts, planned)


def building(made: District, key: str) -> requests.Building:
    """Who orders what in a building, and who handles it."""
    clerks = logins(key, "affairs_clerk")
    helpers = logins(key, "branch_secretary", "property_provider")
    services = data("services")["t2" if key == "t2" else "others"]
    affairs = {row[0]: row[3] for group in ("items", "synthetic") for row in services.get(group, ())}
    workers = logins(key, "worker", "member", "floating_member")
    firms = [(login, firm) for login, firm, where in contacts_with_firms(made) if where == key]
    return requests.Building(
        code=key,
        id=made.tenants[key],
        items=tuple((code, made.items[key][code]) for code in affairs),
        for_firms=frozenset(code for code, affair in affairs.items() if affair in _FIRM_AFFAIRS),
        requesters=(*firms, *firms, *((login, "") for login in workers)),
        dispatcher=clerks[0],
        handlers=(*clerks[1:], *helpers) or clerks,
    )


def contacts_with_firms(made: District) -> list[tuple[str, str, str]]:
    """Logins of enterprise contacts, their firm and its building."""
    rows = [row for row in accounts() if "firm" in row]
    return [(row["login"], made.firms[row["in"]][row["firm"] - 1], row["in"]) for row in rows]


def participants(key: str) -> tuple[str, ...]:
    """Who goes to a building's activities."""
    known = logins(key, "worker", "member", "floating_member", "activist", "enterprise_contact", "volunteer")
    return (*known, guests.ADMITTED) if key == guests.CENTRE else known


async def first_operator() -> None:
    """Make the operator of the demo district, on the command line."""
    command = [sys.executable, "-m", "identity", "operator", "--login", OPERATOR, "--name", "演示运维01"]
    command += ["--synthetic", "--district-zh", "演示区", "--district-en", "Demo District"]
    command += ["--email", f"{OPERATOR}@demo.example", "--password", PASSWORD, "--totp-secret", TOTP_SECRET]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
    if await process.wait() != 0:
        raise SystemExit("demo: the first operator could not be made, see above")


def tell(what: str) -> None:
    """Progress, a line at a time."""
    print(f"  demo: {what}", flush=True)
