"""What a building decides about promised times: calendars, targets, the ladder, quiet hours. Pure, no I/O."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Final
from zoneinfo import ZoneInfo

from chassis.calendar import BusinessCalendar, Shift
from chassis.errors import FieldError, Invalid

DEFAULT_CALENDAR: Final = "office"
_QUIET_DAYS: Final = 60


class Level(StrEnum):
    """Who is told of an overdue clock, from the bottom of the ladder to its top."""

    ASSIGNEE = "assignee"
    DESK = "desk"
    SECRETARY = "secretary"
    ADMINISTRATOR = "administrator"
    SUPERIOR = "superior"


@dataclass(frozen=True, slots=True)
class Calendar:
    """A calendar with its name."""

    code: str
    name_zh: str
    name_en: str
    working: BusinessCalendar


@dataclass(frozen=True, slots=True)
class Target:
    """What is promised for a kind of request, in working time of a calendar. No update: None is promised."""

    code: str
    name_zh: str
    name_en: str
    calendar: str
    first_response: timedelta
    update: timedelta
    resolution: timedelta
    source_zh: str = ""
    source_en: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A level and after how much working time since the due moment it is told."""

    level: Level
    after: timedelta


@dataclass(frozen=True, slots=True)
class Quiet:
    """When nobody is written to by mail about overdue requests: a stretch of each day, over midnight where it
    ends before it begins, and the whole of days that nobody works. Equal ends: no stretch."""

    begin: int
    end: int
    rest_days: bool


@dataclass(frozen=True)
class Settings:
    """One version of a building's settings; version 0 stands for the defaults."""

    version: int
    created_at: datetime | None
    created_by: str
    calendars: Mapping[str, Calendar]
    targets: Mapping[str, Target]
    items: Mapping[str, str]
    """Which target a service item has, by the item's code."""
    urgent_target: str
    fallback: str
    ladder: tuple[Step, ...]
    quiet: Quiet
    update: timedelta = field(default=timedelta(0))
    """How often there is word on a request whose times come from the catalogue."""
    note: str = ""

    def calendar(self, code: str) -> BusinessCalendar:
        """A calendar; the building's ordinary one where it has none of this code any more."""
        found = self.calendars.get(code) or self.calendars[DEFAULT_CALENDAR]
        return found.working

    @cached_property
    def after(self) -> tuple[timedelta, ...]:
        """When each step of the ladder is reached."""
        return tuple(step.after for step in self.ladder)

    def target(
        self, item_code: str, urgency: str, first_response_hours: int, resolution_hours: int
    ) -> Target:
        """What is promised: the target of urgent requests, else the item's, else the item's own hours."""
        chosen = self.urgent_target if urgency == "urgent" else ""
        found = self.targets.get(chosen or self.items.get(item_code, ""))
        if found is not None:
            return found
        return Target(
            code="",
            name_zh="",
            name_en="",
            calendar=DEFAULT_CALENDAR,
            first_response=timedelta(hours=first_response_hours),
            update=self.update,
            resolution=timedelta(hours=resolution_hours),
        )

    def quiet_until(self, now: datetime) -> datetime | None:
        """The end of the quiet hours that a moment lies in; None outside of them."""
        working = self.calendar(DEFAULT_CALENDAR)
        zone, quiet = ZoneInfo(working.zone), self.quiet
        moment = now
        for _ in range(_QUIET_DAYS):
            local = moment.astimezone(zone)
            minute = local.hour * 60 + local.minute
            if quiet.rest_days and not working.works_on(local.date()):
                moment = working.moment(local.date(), 1440)
            elif quiet.begin <= minute < quiet.end:
                moment = working.moment(local.date(), quiet.end)
            elif quiet.begin > quiet.end and minute >= quiet.begin:
                moment = working.moment(local.date(), 1440)
            elif quiet.begin > quiet.end and minute < quiet.end:
                moment = working.moment(local.date(), quiet.end)
            else:
                break
        return moment if moment > now else None


def check(settings: Settings) -> None:
    """Refuse settings that contradict themselves; each fault names its field."""
    faults = [*_target_faults(settings), *_ladder_faults(settings)]
    if DEFAULT_CALENDAR not in settings.calendars:
        faults.append(FieldError("calendars", "SLA_DEFAULT_CALENDAR_MISSING"))
    if faults:
        raise Invalid("SLA_SETTINGS_INVALID", fields=faults)


def _target_faults(settings: Settings) -> list[FieldError]:
    faults = []
    for number, target in enumerate(settings.targets.values()):
        path = f"targets[{number}]"
        if target.calendar not in settings.calendars:
            faults.append(FieldError(f"{path}.calendar", "SLA_CALENDAR_UNKNOWN"))
        if target.first_response > target.resolution:
            faults.append(FieldError(f"{path}.first_response_minutes", "RESPONSE_AFTER_RESOLUTION"))
    named = {"urgent_target": settings.urgent_target} | {f"items.{k}": v for k, v in settings.items.items()}
    faults += [
        FieldError(k, "SLA_TARGET_UNKNOWN") for k, v in named.items() if v and v not in settings.targets
    ]
    return faults


def _ladder_faults(settings: Settings) -> list[FieldError]:
    levels = [step.level for step in settings.ladder]
    ordered = sorted(levels, key=list(Level).index)
    if levels != ordered or len(set(levels)) < len(levels):
        return [FieldError("ladder", "SLA_LADDER_ORDER")]
    if list(settings.after) != sorted(settings.after):
        return [FieldError("ladder", "SLA_LADDER_TIMES")]
    return []


def parts_changed(before: Settings, after: Settings) -> list[str]:
    """Which parts differ between two versions, for the list of versions and the audit."""
    parts = {
        "calendars": (before.calendars, after.calendars),
        "targets": (before.targets, after.targets),
        "items": (
            (before.items, before.urgent_target, before.update),
            (after.items, after.urgent_target, after.update),
        ),
        "ladder": (before.ladder, after.ladder),
        "fallback": (before.fallback, after.fallback),
        "quiet": (before.quiet, after.quiet),
    }
    return [name for name, (old, new) in parts.items() if old != new]


def read(document: Mapping[str, Any], version: int, created_at: datetime | None, created_by: str) -> Settings:
    """The settings that a document holds. ValueError where a calendar cannot be."""
    rules = document["rules"]
    return Settings(
        version=version,
        created_at=created_at,
        created_by=created_by,
        calendars={one["code"]: _calendar(one) for one in document["calendars"]},
        targets={one["code"]: _target(one) for one in document["targets"]},
        items=dict(document.get("items", {})),
        urgent_target=rules.get("urgent_target", ""),
        update=timedelta(minutes=rules.get("update_minutes", 0)),
        fallback=document["ladder"].get("fallback", ""),
        ladder=tuple(
            Step(Level(one["level"]), timedelta(minutes=one["after_minutes"]))
            for one in document["ladder"]["steps"]
        ),
        quiet=Quiet(
            minute_of(document["quiet"]["begin"]),
            minute_of(document["quiet"]["end"]),
            document["quiet"]["rest_days"],
        ),
        note=document.get("note", ""),
    )


def write(settings: Settings) -> dict[str, Any]:
    """The document that holds settings."""
    return {
        "calendars": [
            {
                "code": one.code,
                "name_zh": one.name_zh,
                "name_en": one.name_en,
                "zone": one.working.zone,
                "shifts": shifts_of(one.working),
                "every_day": one.working.every_day,
                "overrides": {
                    day.isoformat(): worked for day, worked in sorted(one.working.overrides.items())
                },
            }
            for one in settings.calendars.values()
        ],
        "targets": [
            {
                "code": one.code,
                "name_zh": one.name_zh,
                "name_en": one.name_en,
                "calendar": one.calendar,
                "first_response_minutes": minutes(one.first_response),
                "update_minutes": minutes(one.update),
                "resolution_minutes": minutes(one.resolution),
                "source_zh": one.source_zh,
                "source_en": one.source_en,
            }
            for one in settings.targets.values()
        ],
        "items": dict(settings.items),
        "rules": {"urgent_target": settings.urgent_target, "update_minutes": minutes(settings.update)},
        "ladder": {
            "fallback": settings.fallback,
            "steps": [
                {"level": step.level, "after_minutes": minutes(step.after)} for step in settings.ladder
            ],
        },
        "quiet": {
            "begin": clock_text(settings.quiet.begin),
            "end": clock_text(settings.quiet.end),
            "rest_days": settings.quiet.rest_days,
        },
        "note": settings.note,
    }


@cache
def defaults() -> Settings:
    """What holds in a building that has decided nothing."""
    text = files(__package__).joinpath("presets.toml").read_text(encoding="utf-8")
    return read(tomllib.loads(text), 0, None, "")


def _calendar(document: Mapping[str, Any]) -> Calendar:
    overrides = {date.fromisoformat(day): worked for day, worked in document.get("overrides", {}).items()}
    working = BusinessCalendar(
        shifts=tuple(Shift.parse(text) for text in document["shifts"]),
        zone=document["zone"],
        overrides=overrides,
        every_day=document.get("every_day", False),
    )
    return Calendar(document["code"], document["name_zh"], document["name_en"], working)


def _target(document: Mapping[str, Any]) -> Target:
    return Target(
        code=document["code"],
        name_zh=document["name_zh"],
        name_en=document["name_en"],
        calendar=document["calendar"],
        first_response=timedelta(minutes=document["first_response_minutes"]),
        update=timedelta(minutes=document["update_minutes"]),
        resolution=timedelta(minutes=document["resolution_minutes"]),
        source_zh=document.get("source_zh", ""),
        source_en=document.get("source_en", ""),
    )


def shifts_of(calendar: BusinessCalendar) -> list[str]:
    """The shifts as people write them, "08:30-12:00"."""
    return [f"{clock_text(shift.start)}-{clock_text(shift.end)}" for shift in calendar.shifts]


def minutes(amount: timedelta) -> int:
    """An amount in whole minutes."""
    return amount // timedelta(minutes=1)


def minute_of(text: str) -> int:
    """The minute of the day of "08:30"; 24:00 is 1440."""
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def clock_text(minute: int) -> str:
    """ "08:30" for a minute of the day."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def levels_told(settings: Settings, before: int, reached: int) -> Sequence[Step]:
    """The steps of the ladder that a clock has newly climbed."""
    return settings.ladder[max(before, 0) : max(reached, 0)]
