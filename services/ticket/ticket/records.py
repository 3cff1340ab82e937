"""What this service keeps about people: every table, parents before their children."""

from ticket.catalogue.tables import RECORDS as CATALOGUE
from ticket.conveniences.tables import RECORDS as CONVENIENCES
from ticket.finds.tables import RECORDS as FINDS
from ticket.hazards.tables import RECORDS as HAZARDS
from ticket.inspections.tables import RECORDS as INSPECTIONS
from ticket.listings.tables import RECORDS as LISTINGS
from ticket.opinions.tables import RECORDS as OPINIONS
from ticket.requests.tables import RECORDS as REQUESTS
from ticket.safety.tables import RECORDS as SAFETY
from ticket.satisfaction.tables import RECORDS as SATISFACTION
from ticket.sites.tables import RECORDS as SITES
from ticket.sla.tables import RECORDS as SLA
from ticket.stalls.tables import RECORDS as STALLS
from ticket.visits.tables import RECORDS as VISITS

RECORDS = (
    *CATALOGUE,
    *REQUESTS,
    *SLA,
    *SITES,
    *INSPECTIONS,
    *HAZARDS,
    *SAFETY,
    *OPINIONS,
    *SATISFACTION,
    *VISITS,
    *LISTINGS,
    *FINDS,
    *CONVENIENCES,
    *STALLS,
)
