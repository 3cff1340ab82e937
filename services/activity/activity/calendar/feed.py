"""The calendar as an iCalendar feed (RFC 5545)."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from activity.calendar.rules import State
from chassis.statements import Row

MEDIA_TYPE: Final = "text/calendar; charset=utf-8"


def to_feed(rows: Iterable[Row], name: str, now: datetime) -> bytes:
    """Activities as one VCALENDAR; a cancelled one stays in it, marked, so that phones take it off."""
    from icalendar import Calendar, Event  # lazily: only the feed needs it

    calendar = Calendar()
    calendar.add("prodid", "-//Louyu//Calendar//ZH")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    for row in rows:
        event = Event()
        event.add("uid", f"{row.id}@louyu")
        event.add("sequence", row.version)
        event.add("dtstamp", now.astimezone(UTC))
        event.add("dtstart", row.starts_at.astimezone(UTC))
        event.add("dtend", row.ends_at.astimezone(UTC))
        event.add("summary", row.title)
        event.add("description", row.summary)
        event.add("location", " ".join(part for part in (row.floor, row.place) if part))
        event.add("status", "CANCELLED" if row.state == State.CANCELLED else "CONFIRMED")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
