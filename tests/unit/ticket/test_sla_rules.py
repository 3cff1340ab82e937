"""Promised times against a model that counts minute by minute, and what must hold whatever happens."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from hypothesis import example, given
from hypothesis import settings as tried
from hypothesis import strategies as st

from chassis.calendar import ROUND_THE_CLOCK, BusinessCalendar, Shift
from chassis.errors import Invalid
from ticket.sla import clocks, rules
from ticket.sla.clocks import Clock, History, Kind, Standing
from ticket.sla.rules import Clocks, Happening
from ticket.sla.settings import (
    DEFAULT_CALENDAR,
    Calendar,
    Level,
    Quiet,
    Settings,
    Step,
    Target,
    check,
    defaults,
    levels_told,
    parts_changed,
    read,
    write,
)

MINUTE = timedelta(minutes=1)
BEGIN = datetime(2025, 9, 25, 16, 0, tzinfo=UTC)
"""Midnight in Shanghai before a Friday, a worked Sunday, and the National Day holiday."""
DAYS = 12
HORIZON = DAYS * 24 * 60

OFFICE = BusinessCalendar()
ALWAYS = BusinessCalendar(shifts=ROUND_THE_CLOCK, every_day=True)
SHIFTS = BusinessCalendar(shifts=(Shift(0, 90), Shift(7 * 60, 11 * 60), Shift(13 * 60, 1440)))
HOLIDAY_WORKED = BusinessCalendar(overrides={date(2025, 10, 2): True, date(2025, 9, 29): False})
FAR_WEST = BusinessCalendar(zone="America/New_York", every_day=True)
CALENDARS = (OFFICE, ALWAYS, SHIFTS, HOLIDAY_WORKED, FAR_WEST)


@cache
def worked_minutes(number: int) -> bytes:
    """Whether each minute after BEGIN is worked, found out without the calendar's arithmetic."""
    calendar = CALENDARS[number]
    zone = ZoneInfo(calendar.zone)
    found = bytearray()
    for minute in range(HORIZON):
        local = (BEGIN + minute * MINUTE).astimezone(zone)
        day = local.date()
        default = calendar.every_day or chinese_calendar.is_workday(day)
        of_day = local.hour * 60 + local.minute
        worked = calendar.overrides.get(day, default)
        found.append(worked and any(shift.start <= of_day < shift.end for shift in calendar.shifts))
    return bytes(found)


def settings(number: int, version: int = 0, made: int | None = None) -> Settings:
    """The defaults with one of the calendars as both of theirs."""
    calendars = {
        code: Calendar(code, code, code, CALENDARS[(number + shift) % len(CALENDARS)])
        for shift, code in enumerate((DEFAULT_CALENDAR, "always"))
    }
    return replace(
        defaults(),
        version=version,
        created_at=None if made is None else BEGIN + made * MINUTE,
        calendars=calendars,
    )


def target(first: int, update: int, resolution: int, calendar: str = DEFAULT_CALENDAR) -> Target:
    return Target("t", "", "", calendar, first * MINUTE, update * MINUTE, resolution * MINUTE)


@dataclass
class Model:
    """One clock, counted minute by minute."""

    amount: int
    running: bool = True
    live: bool = True
    used: int = 0
    due: int | None = None
    ended: bool = False
    stopped: int | None = None

    def tick(self, minute: int, worked: bool) -> None:
        if self.live and self.running and worked:
            self.used += 1
            self.fall_due(minute + 1)

    def fall_due(self, minute: int) -> None:
        if self.due is None and self.used >= self.amount:
            self.due = minute

    def stop(self, minute: int, *, ended: bool = False) -> None:
        if self.live:
            self.live, self.stopped, self.ended = False, minute, ended


@dataclass
class Request:
    """The three clocks of a request in the model, and the calendar that counts."""

    promise: Target
    calendar: int
    zone: int = 0
    response: Model = field(init=False)
    resolution: Model = field(init=False)
    update: Model | None = None
    waiting: bool = False

    def __post_init__(self) -> None:
        self.response = Model(self.promise.first_response // MINUTE)
        self.resolution = Model(self.promise.resolution // MINUTE)

    def heard(self, minute: int) -> None:
        self.response.stop(minute)
        every = self.promise.update // MINUTE
        if every and self.resolution.live:
            self.update = Model(every, running=not self.waiting)

    def do(self, what: Happening, minute: int) -> None:
        every = [one for one in (self.response, self.update, self.resolution) if one]
        match what:
            case Happening.HEARD:
                self.heard(minute)
            case Happening.HELD if self.resolution.live:
                self.waiting = True
                self.heard(minute)
                self.resolution.running = False
            case Happening.ANSWERED | Happening.CONTINUED if self.waiting:
                self.waiting = False
                for one in every:
                    one.running = one.running or one.live
                if what is Happening.CONTINUED:
                    self.heard(minute)
            case Happening.RESOLVED if not self.waiting:
                for one in every:
                    one.stop(minute)
            case Happening.REOPENED if not self.resolution.live and not self.resolution.ended:
                self.resolution.live, self.resolution.running, self.resolution.stopped = True, True, None
                if self.promise.update:
                    self.update = Model(self.promise.update // MINUTE)
            case Happening.REJECTED if not self.waiting:
                self.response.stop(minute)
                self.resolution.stop(minute, ended=True)
                if self.update:
                    self.update.stop(minute, ended=True)
            case Happening.WITHDRAWN:
                for one in every:
                    one.stop(minute, ended=True)

    def promised(self, promise: Target, minute: int) -> None:
        self.promise = promise
        if not promise.update:
            self.update = None
        for one, amount in (
            (self.response, promise.first_response),
            (self.update, promise.update),
            (self.resolution, promise.resolution),
        ):
            if one and one.live:
                one.amount = amount // MINUTE
                if one.used < one.amount:
                    one.due = None
                one.fall_due(minute)

    def tick(self, minute: int) -> None:
        shift = 0 if self.promise.calendar == DEFAULT_CALENDAR else 1
        worked = bool(worked_minutes((self.calendar + shift) % len(CALENDARS))[minute])
        for one in (self.response, self.update, self.resolution):
            if one:
                one.tick(minute, worked)


def fits(request: Request, what: Happening) -> bool:
    """What the ticket's state machine lets happen."""
    over = not request.resolution.live
    match what:
        case Happening.HELD:
            return not over and not request.waiting
        case Happening.ANSWERED | Happening.CONTINUED:
            return request.waiting and not over
        case Happening.RESOLVED | Happening.REJECTED:
            return not over and not request.waiting
        case Happening.REOPENED:
            return over and not request.resolution.ended
        case Happening.WITHDRAWN:
            return not over
    return True


STEPS = st.lists(
    st.tuples(
        st.integers(1, 900),
        st.one_of(
            st.sampled_from(list(Happening)),
            st.integers(0, len(CALENDARS) - 1),
            st.builds(
                target,
                st.integers(1, 600),
                st.sampled_from([0, 60, 700]),
                st.integers(1, 4000),
                st.sampled_from([DEFAULT_CALENDAR, "always"]),
            ),
        ),
    ),
    max_size=9,
)
PROMISES = st.builds(target, st.integers(1, 900), st.sampled_from([0, 45, 800]), st.integers(1, 5000))


def same(clock: Clock | None, model: Model | None, history: History, minute: int) -> None:
    """A clock says what the model counted."""
    now = BEGIN + minute * MINUTE
    assert (clock is None) == (model is None)
    if clock is None or model is None:
        return
    assert clock.live == model.live
    assert clocks.used(clock, history, now) == model.used * MINUTE
    segments = clocks.explained(clock, history, now)
    assert sum((one.used for one in segments), timedelta(0)) == model.used * MINUTE
    for before, after in pairwise(segments):
        assert before.end == after.begin
    if model.due is not None:
        assert clock.due_at == BEGIN + model.due * MINUTE
    elif clock.live and clock.running:
        assert clock.due_at > now
    if model.live:
        overdue = clock.standing(now) is Standing.OVERDUE
        assert overdue == (model.due is not None)
    elif not model.ended:
        late = model.due is not None and model.stopped is not None and model.stopped > model.due
        assert (clock.standing(now) is Standing.MISSED) == late


@tried(deadline=None)  # counting minutes takes its time
@given(calendar=st.integers(0, len(CALENDARS) - 1), filed=st.integers(0, 3000), promise=PROMISES, steps=STEPS)
@example(calendar=1, filed=1439, promise=target(2, 0, 1442), steps=[(1, Happening.HEARD)])  # over midnight
@example(calendar=0, filed=600, promise=target(30, 0, 60), steps=[(29, Happening.HEARD), (500, 1)])
@example(
    calendar=0,
    filed=600,
    promise=target(60, 0, 300),
    steps=[(200, Happening.RESOLVED), (900, Happening.REOPENED), (20, 1), (100, 0)],
)
def test_a_clock_says_what_counting_every_minute_says(
    calendar: int, filed: int, promise: Target, steps: list[tuple[int, object]]
) -> None:
    versions = [settings(calendar)]
    history = History(versions)
    model = Request(promise, calendar)
    present = rules.begin(promise, history, BEGIN + filed * MINUTE)
    minute = filed
    for wait, step in [*steps, (700, None)]:
        for passing in range(minute, minute + wait):
            model.tick(passing)
        minute += wait
        now = BEGIN + minute * MINUTE
        present = rules.from_document(rules.to_document(present))
        match step:
            case Happening() if fits(model, step):
                model.do(step, minute)
                present = rules.happened(present, step, history, now)
            case int():
                versions.append(settings(step, len(versions), minute))
                history = History(versions)
                model.calendar = step
                present = rules.current(present, history, now)
            case Target() if model.resolution.live and not model.waiting:
                model.promised(step, minute)
                present = rules.promised(present, step, history, now)
        same(present.response, model.response, history, minute)
        same(present.update, model.update, history, minute)
        same(present.resolution, model.resolution, history, minute)


@tried(deadline=None)
@given(
    before=st.integers(0, len(CALENDARS) - 1),
    after=st.integers(0, len(CALENDARS) - 1),
    change=st.integers(0, 3000),
    noticed=st.integers(0, 3000),
)
def test_a_change_counts_from_when_it_was_made_however_late_it_is_noticed(
    before: int, after: int, change: int, noticed: int
) -> None:
    promise = target(400, 0, 2000)
    filed = rules.begin(promise, History([settings(before)]), BEGIN)
    history = History([settings(before), settings(after, 1, change)])
    at_once = rules.current(filed, history, BEGIN + change * MINUTE)
    later = rules.current(filed, history, BEGIN + (change + noticed) * MINUTE)
    assert at_once.resolution.due_at == later.resolution.due_at


def test_round_the_clock_loses_no_minute_at_midnight() -> None:
    history = History([settings(1)])
    midnight = BEGIN + timedelta(days=1)
    filed = rules.begin(target(2, 0, 24 * 60), history, midnight - MINUTE)
    assert filed.response.due_at == midnight + MINUTE
    assert filed.resolution.due_at == midnight - MINUTE + timedelta(days=1)


AFTER = tuple(step.after for step in defaults().ladder)


@tried(deadline=None, max_examples=40)
@given(calendar=st.integers(0, 2), amount=st.integers(1, 2000), wait=st.integers(0, 6000))
def test_a_clock_is_looked_at_when_it_climbs_and_not_before(calendar: int, amount: int, wait: int) -> None:
    history = History([settings(calendar)])
    clock = rules.begin(target(amount, 0, amount), history, BEGIN).resolution
    used, climbed = 0, -1
    steps = [amount, *(amount + step // MINUTE for step in AFTER)]
    for minute in range(wait):
        used += worked_minutes(calendar)[minute]
        climbed = max((number for number, step in enumerate(steps) if used >= step), default=-1)
        expected = clocks.climbed(clock, history, BEGIN + (minute + 1) * MINUTE, AFTER)
        if minute % 97 == 0 or climbed != clock.reached:
            assert expected == climbed
        look = clocks.look_at(clock, history, AFTER)
        if climbed > clock.reached:
            assert look is not None
            assert look <= BEGIN + (minute + 1) * MINUTE
            clock = replace(clock, reached=climbed)
        elif look is not None:
            assert look > BEGIN + (minute + 1) * MINUTE or climbed == len(AFTER)


def overdue_at(moment: datetime, quiet: Quiet) -> tuple[Clocks, Settings, History]:
    made = replace(settings(1), quiet=quiet)
    history = History([made])
    return rules.begin(target(10, 0, 6000), history, moment - 11 * MINUTE), made, history


NIGHT = Quiet(21 * 60, 8 * 60, rest_days=True)
LATE = BEGIN + timedelta(hours=23)  # Friday 23:00 in Shanghai


def test_who_is_told_in_quiet_hours_is_written_to_when_they_end() -> None:
    present, made, history = overdue_at(LATE, NIGHT)
    told, moved = rules.climb(present, made, history, LATE)
    morning = made.quiet_until(LATE)
    assert [(before.reached, after.reached) for before, after in moved] == [(-1, 1)]
    assert told.response.nudge_at == morning
    again, moved = rules.climb(told, made, history, morning or LATE)
    assert [after.kind for _, after in moved] == [Kind.FIRST_RESPONSE]
    assert again.response.nudge_at is None


def test_nobody_is_written_to_once_the_handler_replied() -> None:
    present, made, history = overdue_at(LATE, NIGHT)
    told, _ = rules.climb(present, made, history, LATE)
    heard = rules.happened(told, Happening.HEARD, history, LATE + MINUTE)
    assert heard.response.nudge_at is None
    assert rules.climb(heard, made, history, LATE + timedelta(days=3))[1] == []


def test_a_reply_before_the_end_never_escalates() -> None:
    present, made, history = overdue_at(LATE, NIGHT)
    heard = rules.happened(present, Happening.HEARD, history, LATE - 2 * MINUTE)
    assert rules.in_time(heard.response)
    assert rules.climb(heard, made, history, LATE + timedelta(hours=20))[1] == []


def test_a_paused_clock_does_not_climb() -> None:
    present, made, history = overdue_at(LATE, NIGHT)
    held = rules.happened(present, Happening.HELD, history, LATE - 5 * MINUTE)
    assert held.next_due() is None
    assert rules.climb(held, made, history, LATE + timedelta(days=30))[1] == []


def test_the_update_clock_never_takes_the_place_of_the_first_response() -> None:
    history = History([settings(1)])
    present = rules.begin(target(30, 5, 600), history, BEGIN)
    assert present.update is None
    assert present.next_due() is present.response
    heard = rules.happened(present, Happening.HEARD, history, BEGIN + 20 * MINUTE)
    assert heard.update is not None
    assert heard.response.due_at == BEGIN + 30 * MINUTE
    assert heard.update.due_at == BEGIN + 25 * MINUTE


@tried(deadline=None, max_examples=40)
@given(
    minute=st.integers(0, HORIZON - 1),
    quiet=st.builds(Quiet, st.integers(0, 1439), st.integers(0, 1440), st.booleans()),
)
def test_quiet_hours_end_where_they_end(minute: int, quiet: Quiet) -> None:
    made = replace(settings(0), quiet=quiet)

    def is_quiet(at: int) -> bool:
        local = (BEGIN + at * MINUTE).astimezone(ZoneInfo("Asia/Shanghai"))
        of_day = local.hour * 60 + local.minute
        if quiet.rest_days and not chinese_calendar.is_workday(local.date()):
            return True
        if quiet.begin <= quiet.end:
            return quiet.begin <= of_day < quiet.end
        return of_day >= quiet.begin or of_day < quiet.end

    end = minute
    while is_quiet(end) and end < minute + 15 * 1440:
        end += 1
    until = made.quiet_until(BEGIN + minute * MINUTE)
    assert until == (None if end == minute else BEGIN + end * MINUTE) or end == minute + 15 * 1440


def test_the_presets_are_the_drafts() -> None:
    preset = defaults()
    check(preset)
    hours = {code: one.resolution / timedelta(hours=1) for code, one in preset.targets.items()}
    assert hours == {"emergency": 2, "utilities": 24, "general": 7 * 7, "complex": 15 * 7}
    assert all(one.source_zh and one.source_en for one in preset.targets.values())
    assert preset.target("any", "urgent", 8, 72).code == "emergency"
    assert preset.target("any", "normal", 8, 72).resolution == timedelta(hours=72)


def test_settings_survive_being_written_down() -> None:
    preset = defaults()
    again = read(write(preset), 0, None, "")
    assert parts_changed(preset, again) == []
    changed = replace(preset, fallback="someone", quiet=NIGHT)
    assert parts_changed(preset, changed) == ["fallback"]


@pytest.mark.parametrize(
    ("changes", "field_named"),
    [
        ({"urgent_target": "none"}, "urgent_target"),
        ({"items": {"repair": "none"}}, "items.repair"),
        ({"ladder": (Step(Level.DESK, MINUTE), Step(Level.ASSIGNEE, 2 * MINUTE))}, "ladder"),
        ({"ladder": (Step(Level.DESK, 3 * MINUTE), Step(Level.SECRETARY, MINUTE))}, "ladder"),
        ({"targets": {"x": target(9, 0, 1)}, "urgent_target": ""}, "targets[0].first_response_minutes"),
        ({"calendars": {}}, "calendars"),
    ],
)
def test_settings_that_contradict_themselves_are_refused(
    changes: dict[str, object], field_named: str
) -> None:
    with pytest.raises(Invalid) as refused:
        check(replace(defaults(), **changes))  # type: ignore[arg-type]
    assert field_named in {fault.field for fault in refused.value.fields}


def test_a_clock_tells_each_level_once() -> None:
    made = defaults()
    assert [step.level for step in levels_told(made, -1, 0)] == []
    assert [step.level for step in levels_told(made, 0, 2)] == [Level.ASSIGNEE, Level.DESK]
    assert [step.level for step in levels_told(made, 2, 5)][-1] is Level.SUPERIOR
