"""What happens to promised times. Requests call this with their ticket; the result is columns of it.

The clocks are a value of the ticket they belong to: they change with it, in its row and under its lock, and
cost no statement of their own.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from chassis.statements import Row
from chassis.units import UnitOfWork
from chassis.versions import begin_version
from ticket.sla import clocks, rules, settings
from ticket.sla.clocks import Clock
from ticket.sla.queries import RECENT, Decided, decided, decided_now
from ticket.sla.rules import Clocks
from ticket.sla.rules import Happening as Happening
from ticket.sla.settings import Level as Level
from ticket.sla.settings import Settings, Step
from ticket.sla.tables import settings as table


async def begin(unit: UnitOfWork, item: Row, urgency: str) -> dict[str, Any]:
    """The columns of a request that is filed now."""
    history = await decided(unit)
    target = history.settings.target(item.code, urgency, item.first_response_hours, item.resolution_hours)
    return columns(rules.begin(target, history, unit.now), history)


async def happened(unit: UnitOfWork, ticket: Row, what: Happening) -> dict[str, Any]:
    """The columns of a ticket after something happened to it."""
    history = await decided(unit)
    return columns(rules.happened(of(ticket, history), what, history, unit.now), history)


async def promised(unit: UnitOfWork, ticket: Row, item: Row, urgency: str) -> dict[str, Any]:
    """The columns of a ticket that is found to be of another urgency."""
    history = await decided(unit)
    target = history.settings.target(item.code, urgency, item.first_response_hours, item.resolution_hours)
    return columns(rules.promised(of(ticket, history), target, history, unit.now), history)


def of(ticket: Row, history: Decided) -> Clocks:
    """The clocks of a ticket. One from before there were clocks gets those that its times stand for."""
    if ticket.clocks:
        return rules.from_document(ticket.clocks)
    target = settings.Target(
        code="",
        name_zh="",
        name_en="",
        calendar=settings.DEFAULT_CALENDAR,
        first_response=ticket.first_response_due_at - ticket.created_at,
        update=timedelta(0),
        resolution=ticket.resolution_due_at - ticket.created_at,
    )
    present = rules.begin(target, history, ticket.created_at)
    if ticket.accepted_at:
        present = rules.happened(present, Happening.HEARD, history, ticket.accepted_at)
    if ticket.resolved_at:
        present = rules.happened(present, Happening.RESOLVED, history, ticket.resolved_at)
    elif ticket.state == "waiting":
        present = rules.happened(present, Happening.HELD, history, ticket.updated_at)
    return present


def columns(present: Clocks, history: Decided) -> dict[str, Any]:
    """What a ticket's row keeps of its clocks: all of it, and apart what lists and jobs look for."""
    following = present.next_due()
    return {
        "clocks": rules.to_document(present),
        "first_response_due_at": present.response.due_at,
        "resolution_due_at": present.resolution.due_at,
        "next_due_clock": following.kind if following else None,
        "next_due_at": following.due_at if following else None,
        "warn_at": clocks.passes(following, history, following.amount * clocks.WARN_AT)
        if following and following.used < following.amount * clocks.WARN_AT
        else following and following.since,
        "look_at": next_look(present, history),
    }


def next_look(present: Clocks, history: Decided) -> datetime | None:
    """When a ticket has to be looked at again; None for never."""
    after = history.settings.after
    looks = [at for one in present.all() if (at := clocks.look_at(one, history, after))]
    return min(looks, default=None)


@dataclass(frozen=True, slots=True)
class Climb:
    """How far a ticket's clocks climbed: the clocks now, and who is to be told of which."""

    clocks: Clocks
    overdue: tuple[Clock, ...]
    """Those that fell due."""
    steps: tuple[tuple[Clock, Step], ...]
    """Those that climbed, with the step."""
    again: tuple[tuple[Clock, Step], ...]
    """Those that were told of in quiet hours, with the highest step they had reached by then."""
    quiet: bool
    changed: bool
    """False where the clocks are as they were, and only the next look is to be set."""


def climb(ticket: Row, history: Decided, now: datetime) -> Climb:
    """What a look at a ticket finds."""
    ladder = history.settings
    before = of(ticket, history)
    present, moved = rules.climb(before, ladder, history, now)
    again = [
        (after, ladder.ladder[was.reached - 1])
        for was, after in moved
        if was.nudge_at and was.reached == after.reached and was.reached > 0
    ]
    return Climb(
        clocks=present,
        overdue=tuple(after for was, after in moved if was.reached < 0),
        steps=tuple(
            (after, step)
            for was, after in moved
            for step in settings.levels_told(ladder, was.reached, after.reached)
        ),
        again=tuple(again),
        quiet=bool(moved) and ladder.quiet_until(now) is not None,
        changed=present != before or not ticket.clocks,
    )


def place(level: Level) -> int:
    """The place of a level among all levels, from 1."""
    return list(Level).index(level) + 1


def level_reached(found: Climb) -> int:
    """The place of the highest level among the steps; 0 where nobody is told."""
    return max((place(step.level) for _, step in found.steps), default=0)


async def change(unit: UnitOfWork, etag: str, wanted: Settings) -> Settings:
    """Begin a new version of the settings, unless somebody else did since `etag`."""
    settings.check(wanted)
    present = (await decided_now(unit)).settings
    made = replace(
        wanted,
        version=present.version + 1,
        created_at=unit.now,
        created_by=unit.context.caller.actor,
    )
    await begin_version(unit, table, present, etag, document=settings.write(made))
    unit.audit("sla.change", unit.tenant_id, parts=",".join(settings.parts_changed(present, made)))
    RECENT.forget(unit.tenant_id)
    return made
