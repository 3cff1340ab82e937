"""What this service keeps about people: every table, parents before their children."""

from activity.calendar.tables import RECORDS as CALENDAR

RECORDS = (*CALENDAR,)
