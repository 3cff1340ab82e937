"""What this service keeps about people: every table, parents before their children."""

from window.cases.tables import RECORDS as CASES
from window.counters.tables import RECORDS as COUNTERS
from window.departments.tables import RECORDS as DEPARTMENTS
from window.matters.tables import RECORDS as MATTERS

RECORDS = (*DEPARTMENTS, *MATTERS, *COUNTERS, *CASES)
