"""How a promised time runs: pure rules, no I/O.

A clock counts working time on a calendar up to the amount that was promised. It pauses and goes on, its
calendar may change under way, and it keeps the segments it ran, so that it can always be explained. All
moments are aware; all amounts are working time.

A change of calendar counts from the moment it was made: what ran before stays as it was counted, the rest
runs on the new calendar. The amount that was promised stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol

from chassis.calendar import BusinessCalendar

_NOTHING: Final = timedelta(0)
_NEVER: Final = timedelta(days=3 * 366)
WARN_AT: Final = 0.8
"""A clock is close to its end once so much of it is used; how a board colours it, nothing depends on it."""


class Kind(StrEnum):
    """What is promised."""

    FIRST_RESPONSE = "first_response"
    UPDATE = "update"
    RESOLUTION = "resolution"


class Standing(StrEnum):
    """How a clock stands."""

    RUNNING = "running"
    PAUSED = "paused"
    OVERDUE = "overdue"
    MET = "met"
    MISSED = "missed"
    ENDED = "ended"


class Why(StrEnum):
    """What began a segment."""

    FILED = "filed"
    HEARD = "heard"
    """The handler said or did something; the time to the next word runs anew."""
    WAITING = "waiting"
    """Paused: the requester is asked something."""
    ANSWERED = "answered"
    RESOLVED = "resolved"
    """Paused: the result waits for the requester's word."""
    REOPENED = "reopened"
    CALENDAR = "calendar"
    """The building's calendar was changed."""
    URGENCY = "urgency"
    """Another promise holds since the desk looked at it."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch in which a clock ran or paused throughout, on one calendar."""

    begin: datetime
    end: datetime
    running: bool
    why: Why
    version: int
    calendar: str
    used: timedelta


@dataclass(frozen=True, slots=True)
class Clock:
    """One promise under way. `used` is what ran before `since`, the beginning of the present segment.

    `due_at` is exact while the clock runs; while it pauses it is when it would have been. `reached` says how
    far it has climbed once it is overdue: -1 in time, 0 overdue, k the k-th step of the ladder.
    """

    kind: Kind
    amount: timedelta
    calendar: str
    version: int
    since: datetime
    why: Why
    due_at: datetime
    running: bool = True
    used: timedelta = _NOTHING
    stopped_at: datetime | None = None
    ended: bool = False
    reached: int = -1
    nudge_at: datetime | None = None
    """When those who were told in quiet hours are written to, should it still be overdue then."""
    segments: tuple[Segment, ...] = ()

    @property
    def live(self) -> bool:
        """Neither met nor missed nor ended."""
        return self.stopped_at is None

    def standing(self, now: datetime) -> Standing:
        """How it stands at a moment that is not before its last change."""
        if self.stopped_at is not None:
            if self.ended:
                return Standing.ENDED
            late = self.used >= self.amount and self.stopped_at > self.due_at
            return Standing.MISSED if late else Standing.MET
        if self.used >= self.amount or (self.running and now >= self.due_at):
            return Standing.OVERDUE
        return Standing.RUNNING if self.running else Standing.PAUSED


class Version(Protocol):
    """The part of a version of the settings that clocks look at."""

    @property
    def version(self) -> int: ...
    @property
    def created_at(self) -> datetime | None: ...
    def calendar(self, code: str) -> BusinessCalendar: ...


class History:
    """The versions of a building's settings, oldest first; there is always one."""

    def __init__(self, versions: Sequence[Version]) -> None:
        self._versions = tuple(versions)
        self._known = {one.version: one for one in versions}

    @property
    def newest(self) -> Version:
        """The version in force."""
        return self._versions[-1]

    def after(self, version: int) -> list[Version]:
        """What followed a version."""
        return [one for one in self._versions if one.version > version]

    def calendar(self, clock: Clock) -> BusinessCalendar:
        """The calendar that a clock counts on."""
        return self._known.get(clock.version, self.newest).calendar(clock.calendar)


def start(kind: Kind, amount: timedelta, calendar: str, history: History, now: datetime, why: Why) -> Clock:
    """A clock that begins to run."""
    version = history.newest
    due_at = _after(version.calendar(calendar), now, amount)
    return Clock(kind, amount, calendar, version.version, now, why, due_at)


def used(clock: Clock, history: History, now: datetime) -> timedelta:
    """How much of it has run until now."""
    if not clock.running or not clock.live:
        return clock.used
    return clock.used + history.calendar(clock).working_time_between(clock.since, now)


def current(clock: Clock, history: History, now: datetime) -> Clock:
    """The clock on the settings in force: each change of the calendar counts from when it was made."""
    for version in history.after(clock.version):
        if not clock.live:
            break
        made = version.created_at or clock.since
        if version.calendar(clock.calendar) == history.calendar(clock) or not clock.running:
            clock = replace(clock, version=version.version)
        elif made <= now:
            clock = _turn(clock, history, max(made, clock.since), Why.CALENDAR, version=version.version)
    return clock


def pause(clock: Clock, history: History, now: datetime, why: Why) -> Clock:
    """Stop counting for a while; what runs no longer is no longer called about."""
    if not clock.live or not clock.running:
        return clock
    return replace(_turn(current(clock, history, now), history, now, why, running=False), nudge_at=None)


def resume(clock: Clock, history: History, now: datetime, why: Why) -> Clock:
    """Go on counting, from what was used; also a clock that had stopped."""
    if clock.ended or (clock.live and clock.running):
        return clock
    clock = replace(clock, stopped_at=None) if clock.live else _reopened(clock)
    return _turn(current(clock, history, now), history, now, why, running=True)


def _reopened(clock: Clock) -> Clock:
    assert clock.stopped_at is not None
    return replace(clock, stopped_at=None, running=False, since=clock.stopped_at, why=Why.RESOLVED)


def stop(clock: Clock, history: History, now: datetime, *, ended: bool = False) -> Clock:
    """Kept, in time or late; or ended without, where nothing is owed any more."""
    if not clock.live:
        return clock
    clock = _turn(current(clock, history, now), history, now, clock.why, running=False)
    return replace(clock, stopped_at=now, ended=ended, nudge_at=None)


def promise(clock: Clock, history: History, now: datetime, amount: timedelta, calendar: str) -> Clock:
    """Another promise holds from now on; what was used stays used."""
    if not clock.live:
        return clock
    clock = current(clock, history, now)
    changed = _turn(clock, history, now, Why.URGENCY, amount=amount, calendar=calendar)
    return changed if changed.used >= changed.amount else replace(changed, reached=-1)


def _turn(clock: Clock, history: History, now: datetime, why: Why, **changes: Any) -> Clock:
    """End the present segment and begin the next."""
    run = history.calendar(clock).working_time_between(clock.since, now) if clock.running else _NOTHING
    segment = Segment(clock.since, now, clock.running, clock.why, clock.version, clock.calendar, run)
    segments = (*clock.segments, segment) if now > clock.since else clock.segments
    turned = replace(clock, since=now, why=why, used=clock.used + run, segments=segments)
    turned = replace(turned, **changes)
    return replace(turned, due_at=_due(turned, history))


def _due(clock: Clock, history: History) -> datetime:
    if clock.used >= clock.amount:
        return min(clock.due_at, clock.since)  # it was due then, and stays so
    if not clock.running:
        return clock.due_at
    return _after(history.calendar(clock), clock.since, clock.amount - clock.used)


def _after(calendar: BusinessCalendar, moment: datetime, amount: timedelta) -> datetime:
    try:
        return calendar.add_working_time(moment, amount)
    except OverflowError:  # more than three years hold: as good as never, and still a date
        return moment + _NEVER


def passes(clock: Clock, history: History, used_up: timedelta) -> datetime | None:
    """When a running clock will have used so much; None where it pauses, or has used it already."""
    if not clock.live or not clock.running or clock.used > used_up:
        return None
    return _after(history.calendar(clock), clock.since, used_up - clock.used)


def climbed(clock: Clock, history: History, now: datetime, after: Sequence[timedelta]) -> int:
    """How far an overdue clock has climbed: the number of ladder steps whose time has passed since it was
    due, in working time; -1 while it is in time."""
    over = used(clock, history, now) - clock.amount
    if not clock.live or over < _NOTHING:
        return clock.reached
    return max(clock.reached, sum(step <= over for step in after))


def look_at(clock: Clock, history: History, after: Sequence[timedelta]) -> datetime | None:
    """When somebody has to look at it again: when it falls due, climbs, or is to be written about."""
    if not clock.live or not clock.running:
        return None
    if clock.reached < 0:
        return clock.due_at
    found = clock.nudge_at
    if clock.reached < len(after):
        step = passes(clock, history, clock.amount + after[clock.reached]) or clock.since
        found = step if found is None else min(found, step)
    return found


def explained(clock: Clock, history: History, now: datetime) -> list[Segment]:
    """Everything that ran and paused, the present segment among it."""
    if not clock.live:
        return list(clock.segments)
    run = used(clock, history, now) - clock.used
    segment = Segment(clock.since, now, clock.running, clock.why, clock.version, clock.calendar, run)
    return [*clock.segments, segment]


def to_document(clock: Clock) -> dict[str, Any]:
    """The clock as JSON keeps it."""
    document: dict[str, Any] = {
        "amount": _micros(clock.amount),
        "calendar": clock.calendar,
        "version": clock.version,
        "since": clock.since.isoformat(),
        "why": clock.why,
        "due": clock.due_at.isoformat(),
    }
    if not clock.running:
        document["paused"] = True
    if clock.used:
        document["used"] = _micros(clock.used)
    if clock.stopped_at:
        document["stopped"] = clock.stopped_at.isoformat()
    if clock.ended:
        document["ended"] = True
    if clock.reached >= 0:
        document["reached"] = clock.reached
    if clock.nudge_at:
        document["nudge"] = clock.nudge_at.isoformat()
    if clock.segments:
        document["segments"] = [
            [s.begin.isoformat(), s.end.isoformat(), s.running, s.why, s.version, s.calendar, _micros(s.used)]
            for s in clock.segments
        ]
    return document


def from_document(kind: Kind, document: Mapping[str, Any]) -> Clock:
    """The clock that JSON kept."""
    stopped, nudge = document.get("stopped"), document.get("nudge")
    return Clock(
        kind=kind,
        amount=timedelta(microseconds=document["amount"]),
        calendar=document["calendar"],
        version=document["version"],
        since=datetime.fromisoformat(document["since"]),
        why=Why(document["why"]),
        due_at=datetime.fromisoformat(document["due"]),
        running="paused" not in document,
        used=timedelta(microseconds=document.get("used", 0)),
        stopped_at=datetime.fromisoformat(stopped) if stopped else None,
        ended=document.get("ended", False),
        reached=document.get("reached", -1),
        nudge_at=datetime.fromisoformat(nudge) if nudge else None,
        segments=tuple(
            Segment(
                datetime.fromisoformat(begin),
                datetime.fromisoformat(end),
                running,
                Why(why),
                version,
                calendar,
                timedelta(microseconds=run),
            )
            for begin, end, running, why, version, calendar, run in document.get("segments", ())
        ),
    )


def _micros(amount: timedelta) -> int:
    return amount // timedelta(microseconds=1)
