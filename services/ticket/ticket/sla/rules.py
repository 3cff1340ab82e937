"""The clocks of one request: what is promised, and what each happening does to it. Pure, no I/O.

Three clocks, each on its own: the *first response* runs from filing to the first word of the handler; the
*update* runs from each word of the handler to the next, and begins only after the first response, so that it
never takes its place; the *resolution* runs from filing to the result. All pause while the requester is asked
something. A reopened request goes on with what was left of its resolution.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from ticket.sla import clocks
from ticket.sla.clocks import Clock, History, Kind, Standing, Why
from ticket.sla.settings import Settings, Target


class Happening(StrEnum):
    """What happened to a request, as far as its clocks care."""

    HEARD = "heard"
    """The handler said or did something that the requester can see."""
    HELD = "held"
    """The handler asks the requester something."""
    ANSWERED = "answered"
    """The requester answered, and it goes on."""
    CONTINUED = "continued"
    """The handler goes on without an answer."""
    RESOLVED = "resolved"
    REOPENED = "reopened"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks of one request, and the target they were set by."""

    target: str
    update_micros: int
    response: Clock
    resolution: Clock
    update: Clock | None = None

    def all(self) -> list[Clock]:
        """Those there are, in the order in which they are explained."""
        return [one for one in (self.response, self.update, self.resolution) if one is not None]

    def next_due(self) -> Clock | None:
        """The running clock that falls due first, or did."""
        running = [one for one in self.all() if one.live and one.running]
        return min(running, key=lambda one: one.due_at, default=None)


_MICRO: Final = timedelta(microseconds=1)


def begin(target: Target, history: History, now: datetime) -> Clocks:
    """The clocks of a request that was just filed."""
    return Clocks(
        target=target.code,
        update_micros=target.update // _MICRO,
        response=clocks.start(
            Kind.FIRST_RESPONSE, target.first_response, target.calendar, history, now, Why.FILED
        ),
        resolution=clocks.start(Kind.RESOLUTION, target.resolution, target.calendar, history, now, Why.FILED),
    )


def happened(present: Clocks, what: Happening, history: History, now: datetime) -> Clocks:
    """The clocks after something happened."""
    response, update, resolution = present.response, present.update, present.resolution
    match what:
        case Happening.HEARD:
            return _heard(present, history, now)
        case Happening.HELD:
            heard = _heard(present, history, now)
            return _each(heard, lambda one: clocks.pause(one, history, now, Why.WAITING))
        case Happening.ANSWERED:
            return _each(
                present, lambda one: clocks.resume(one, history, now, Why.ANSWERED) if one.live else one
            )
        case Happening.CONTINUED:
            return _heard(happened(present, Happening.ANSWERED, history, now), history, now)
        case Happening.RESOLVED:
            return _each(present, lambda one: clocks.stop(one, history, now))
        case Happening.REOPENED:
            resumed = replace(present, resolution=clocks.resume(resolution, history, now, Why.REOPENED))
            return replace(resumed, update=_next_update(resumed, history, now, Why.REOPENED))
        case Happening.REJECTED:
            return replace(
                present,
                response=clocks.stop(response, history, now),
                update=update and clocks.stop(update, history, now, ended=True),
                resolution=clocks.stop(resolution, history, now, ended=True),
            )
        case Happening.WITHDRAWN:
            return _each(present, lambda one: clocks.stop(one, history, now, ended=True))


def promised(present: Clocks, target: Target, history: History, now: datetime) -> Clocks:
    """Another target holds from now on: the desk found it more or less urgent."""
    update = present.update if target.update else None
    return replace(
        present,
        target=target.code,
        update_micros=target.update // _MICRO,
        update=update and clocks.promise(update, history, now, target.update, target.calendar),
        response=clocks.promise(present.response, history, now, target.first_response, target.calendar),
        resolution=clocks.promise(present.resolution, history, now, target.resolution, target.calendar),
    )


def current(present: Clocks, history: History, now: datetime) -> Clocks:
    """The clocks on the settings in force."""
    return _each(present, lambda one: clocks.current(one, history, now))


def _heard(present: Clocks, history: History, now: datetime) -> Clocks:
    """The first response is given, the next word is awaited, and nobody is written to about the silence."""
    return replace(
        present,
        response=clocks.stop(present.response, history, now),
        update=_next_update(present, history, now, Why.HEARD),
        resolution=replace(present.resolution, nudge_at=None),
    )


def _next_update(present: Clocks, history: History, now: datetime, why: Why) -> Clock | None:
    """A word is owed as long as the result is; while the requester is asked, its clock waits at its start."""
    if not present.update_micros or not present.resolution.live:
        return present.update
    amount, calendar = present.update_micros * _MICRO, present.resolution.calendar
    update = clocks.start(Kind.UPDATE, amount, calendar, history, now, why)
    return update if present.resolution.running else clocks.pause(update, history, now, Why.WAITING)


def _each(present: Clocks, change: Any) -> Clocks:
    return replace(
        present,
        response=change(present.response),
        update=present.update and change(present.update),
        resolution=change(present.resolution),
    )


def in_time(clock: Clock) -> bool:
    """Whether a clock that stopped was kept."""
    return clock.standing(clock.stopped_at or clock.since) is not Standing.MISSED


def climb(
    present: Clocks, settings: Settings, history: History, now: datetime
) -> tuple[Clocks, list[tuple[Clock, Clock]]]:
    """Every clock as far up the ladder as it is by now, and those that moved: before and after.

    A clock that was told of in quiet hours and whose quiet hours are over moves as well, on the spot.
    """
    present = current(present, history, now)
    moved: list[tuple[Clock, Clock]] = []

    def one(clock: Clock) -> Clock:
        if not clock.live or not clock.running or (clock.reached < 0 and now < clock.due_at):
            return clock
        reached = clocks.climbed(clock, history, now, settings.after)
        nudged = clock.nudge_at is not None and clock.nudge_at <= now
        if reached == clock.reached and not nudged:
            return clock
        quiet_until = settings.quiet_until(now)
        after = replace(clock, reached=reached, nudge_at=quiet_until if reached > 0 else None)
        moved.append((clock, after))
        return after

    return _each(present, one), moved


def to_document(present: Clocks) -> dict[str, Any]:
    """The clocks as JSON keeps them."""
    document: dict[str, Any] = {one.kind.value: clocks.to_document(one) for one in present.all()}
    return {**document, "target": present.target, "update_every": present.update_micros}


def from_document(document: Mapping[str, Any]) -> Clocks:
    """The clocks that JSON kept."""
    update = document.get(Kind.UPDATE)
    return Clocks(
        target=document["target"],
        update_micros=document["update_every"],
        response=clocks.from_document(Kind.FIRST_RESPONSE, document[Kind.FIRST_RESPONSE]),
        resolution=clocks.from_document(Kind.RESOLUTION, document[Kind.RESOLUTION]),
        update=clocks.from_document(Kind.UPDATE, update) if update else None,
    )
