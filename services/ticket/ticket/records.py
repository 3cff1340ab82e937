"""What this service keeps about people: every table, parents before their children."""

from ticket.catalogue.tables import RECORDS as CATALOGUE
from ticket.requests.tables import RECORDS as REQUESTS
from ticket.sla.tables import RECORDS as SLA

RECORDS = (*CATALOGUE, *REQUESTS, *SLA)
