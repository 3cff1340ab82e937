"""What this service keeps about people: every table, parents before their children."""

from membership.enterprises.tables import RECORDS as ENTERPRISES
from membership.imports.tables import RECORDS as IMPORTS

RECORDS = (*ENTERPRISES, *IMPORTS)
