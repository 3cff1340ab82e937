"""What this service keeps about people: every table, parents before their children."""

from dashboard.overview.tables import RECORDS as OVERVIEW

RECORDS = (*OVERVIEW,)
