"""What this service keeps about people: every table, parents before their children."""

from identity.accounts.tables import RECORDS as ACCOUNTS
from identity.clients.tables import RECORDS as CLIENTS
from identity.clock.tables import RECORDS as CLOCK
from identity.consents.tables import RECORDS as CONSENTS
from identity.desks.tables import RECORDS as DESKS
from identity.grants.tables import RECORDS as GRANTS
from identity.people.tables import RECORDS as PEOPLE
from identity.privacy.tables import RECORDS as PRIVACY
from identity.sessions.tables import RECORDS as SESSIONS
from identity.tenants.tables import RECORDS as TENANTS

RECORDS = (*TENANTS, *PEOPLE, *ACCOUNTS, *GRANTS, *SESSIONS, *CLIENTS, *DESKS, *CONSENTS, *CLOCK, *PRIVACY)
