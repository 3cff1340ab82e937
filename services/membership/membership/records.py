"""What this service keeps about people: every table, parents before their children."""

from membership.affiliations.tables import RECORDS as AFFILIATIONS
from membership.appraisal.tables import RECORDS as APPRAISAL
from membership.cadence.tables import RECORDS as CADENCE
from membership.cadres.tables import RECORDS as CADRES
from membership.commitments.tables import RECORDS as COMMITMENTS
from membership.community_checkins.tables import RECORDS as COMMUNITY_CHECKINS
from membership.contacts.tables import RECORDS as CONTACTS
from membership.development.tables import RECORDS as DEVELOPMENT
from membership.dispatch.tables import RECORDS as DISPATCH
from membership.enterprises.tables import RECORDS as ENTERPRISES
from membership.guests.tables import RECORDS as GUESTS
from membership.honours.tables import RECORDS as HONOURS
from membership.imports.tables import RECORDS as IMPORTS
from membership.members.tables import RECORDS as MEMBERS
from membership.network.tables import RECORDS as NETWORK
from membership.orgs.tables import RECORDS as ORGS
from membership.points.tables import RECORDS as POINTS
from membership.reports.tables import RECORDS as REPORTS
from membership.reviews.tables import RECORDS as REVIEWS
from membership.rewards.tables import RECORDS as REWARDS
from membership.supervision.tables import RECORDS as SUPERVISION
from membership.teams.tables import RECORDS as TEAMS
from membership.transfers.tables import RECORDS as TRANSFERS
from membership.zones.tables import RECORDS as ZONES

RECORDS = (
    *ENTERPRISES,
    *COMMITMENTS,
    *IMPORTS,
    *ORGS,
    *CADRES,
    *NETWORK,
    *POINTS,
    *REWARDS,
    *ZONES,
    *TEAMS,
    *CONTACTS,
    *MEMBERS,
    *AFFILIATIONS,
    *TRANSFERS,
    *DEVELOPMENT,
    *GUESTS,
    *COMMUNITY_CHECKINS,
    *DISPATCH,
    *CADENCE,
    *REPORTS,
    *SUPERVISION,
    *HONOURS,
    *APPRAISAL,
    *REVIEWS,
)
