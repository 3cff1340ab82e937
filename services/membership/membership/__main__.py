"""The membership service, top to bottom."""

from chassis.erasures import host_privacy
from chassis.pages import PageTokens
from chassis.process import Process, run
from chassis.tenants import tenants_consumer
from louyu.membership.v1.affiliations_pb2_grpc import add_AffiliationsServiceServicer_to_server
from louyu.membership.v1.appraisal_pb2_grpc import add_AppraisalServiceServicer_to_server
from louyu.membership.v1.cadence_pb2_grpc import add_CadenceServiceServicer_to_server
from louyu.membership.v1.cadres_pb2_grpc import add_CadresServiceServicer_to_server
from louyu.membership.v1.commitments_pb2_grpc import add_CommitmentsServiceServicer_to_server
from louyu.membership.v1.community_checkins_pb2_grpc import add_CommunityCheckinsServiceServicer_to_server
from louyu.membership.v1.contacts_pb2_grpc import add_ContactsServiceServicer_to_server
from louyu.membership.v1.development_pb2_grpc import add_DevelopmentServiceServicer_to_server
from louyu.membership.v1.dispatch_pb2_grpc import add_DispatchServiceServicer_to_server
from louyu.membership.v1.enterprises_pb2_grpc import add_EnterprisesServiceServicer_to_server
from louyu.membership.v1.guests_pb2_grpc import add_GuestsServiceServicer_to_server
from louyu.membership.v1.honours_pb2_grpc import add_HonoursServiceServicer_to_server
from louyu.membership.v1.imports_pb2_grpc import add_ImportsServiceServicer_to_server
from louyu.membership.v1.members_pb2_grpc import add_MembersServiceServicer_to_server
from louyu.membership.v1.network_pb2_grpc import add_NetworkServiceServicer_to_server
from louyu.membership.v1.orgs_pb2_grpc import add_OrgsServiceServicer_to_server
from louyu.membership.v1.points_pb2_grpc import add_PointsServiceServicer_to_server
from louyu.membership.v1.reports_pb2_grpc import add_ReportsServiceServicer_to_server
from louyu.membership.v1.reviews_pb2_grpc import add_ReviewsServiceServicer_to_server
from louyu.membership.v1.rewards_pb2_grpc import add_RewardsServiceServicer_to_server
from louyu.membership.v1.supervision_pb2_grpc import add_SupervisionServiceServicer_to_server
from louyu.membership.v1.teams_pb2_grpc import add_TeamsServiceServicer_to_server
from louyu.membership.v1.transfers_pb2_grpc import add_TransfersServiceServicer_to_server
from louyu.membership.v1.zones_pb2_grpc import add_ZonesServiceServicer_to_server
from membership.affiliations import commands as affiliations_commands
from membership.affiliations import events as affiliations_events
from membership.affiliations.rpc import Affiliations
from membership.appraisal import jobs as appraisal_jobs
from membership.appraisal.rpc import Appraisal
from membership.cadence import commands as cadence_commands
from membership.cadence import events as cadence_events
from membership.cadence import jobs as cadence_jobs
from membership.cadence.rpc import Cadence
from membership.cadres.rpc import Cadres
from membership.commitments.rpc import Commitments
from membership.community_checkins.rpc import CommunityCheckins
from membership.contacts import jobs as contacts_jobs
from membership.contacts.rpc import Contacts
from membership.development import commands as development_commands
from membership.development import events as development_events
from membership.development import jobs as development_jobs
from membership.development.rpc import Development
from membership.dispatch.rpc import Dispatch
from membership.enterprises.rpc import Enterprises
from membership.guests import commands as guests_commands
from membership.guests import events as guests_events
from membership.guests import jobs as guests_jobs
from membership.guests.rpc import Guests
from membership.honours import commands as honours_commands
from membership.honours import events as honours_events
from membership.honours import jobs as honours_jobs
from membership.honours.rpc import Honours
from membership.imports import jobs
from membership.imports.rpc import Imports
from membership.imports.storage import Storage
from membership.members import jobs as members_jobs
from membership.members.rpc import Members
from membership.network.rpc import Network
from membership.orgs.rpc import Orgs
from membership.people import KnownPeople
from membership.points import commands as points_commands
from membership.points import events as points_events
from membership.points.consents import Consents
from membership.points.rpc import Points
from membership.records import RECORDS
from membership.reports import commands as reports_commands
from membership.reports import events as reports_events
from membership.reports.rpc import Reports
from membership.reviews.rpc import Reviews
from membership.rewards import jobs as rewards_jobs
from membership.rewards.rpc import Rewards
from membership.supervision.rpc import Supervision
from membership.teams.rpc import Teams
from membership.transfers import jobs as transfers_jobs
from membership.transfers.rpc import Transfers
from membership.zones import events as zones_events
from membership.zones.rpc import Zones


async def start(process: Process) -> None:
    """Serve the registry, what its enterprises promised, its imports, organisations, cadres, the network, the
    roster, affiliations, transfers, development, points, rewards, zones, teams, contacts, honours, the
    appraisal, reviews, the cadence, reports, supervision, guests, reporting to communities and dispatch;
    carry on the imports that run, forget the workbooks after and contacts in their time, post points for what
    people took part in, count for both sides what members of two organisations attended, and as external what
    guests did, end transfers whose letter ran out, guests' passes and honours whose term is over or whose
    holder left, and appraisals whose days for an appeal are over, note accidents and what reports count, put
    on the roster whom the superior admitted, call steps of development to mind, wish members well on the day
    they joined, keep the periods of obligations and remind of those that are not fulfilled."""
    await process.database()
    pages = PageTokens(process.settings.key("secret"))
    process.serve(add_EnterprisesServiceServicer_to_server, Enterprises(process.units, pages))
    process.serve(add_CommitmentsServiceServicer_to_server, Commitments(process.units, pages))
    storage = Storage(process.settings.files)
    process.serve(
        add_ImportsServiceServicer_to_server,
        Imports(process.units, pages, process.files, storage, process.messages),
    )
    host_privacy(process, RECORDS)
    process.serve(add_OrgsServiceServicer_to_server, Orgs(process.units, pages))
    people = KnownPeople(process.client("identity"))
    process.serve(add_CadresServiceServicer_to_server, Cadres(process.units, pages, people))
    process.serve(add_NetworkServiceServicer_to_server, Network(process.units, pages, people))
    process.serve(add_MembersServiceServicer_to_server, Members(process.units, pages, people))
    process.serve(add_AffiliationsServiceServicer_to_server, Affiliations(process.units, pages, people))
    process.serve(add_TransfersServiceServicer_to_server, Transfers(process.units, pages, people))
    process.serve(add_GuestsServiceServicer_to_server, Guests(process.units, pages, people))
    process.serve(add_DispatchServiceServicer_to_server, Dispatch(process.units, pages, people))
    process.serve(
        add_CommunityCheckinsServiceServicer_to_server, CommunityCheckins(process.units, pages, people)
    )
    process.serve(add_DevelopmentServiceServicer_to_server, Development(process.units, pages, people))
    process.serve(
        add_PointsServiceServicer_to_server,
        Points(process.units, pages, Consents(process.client("identity"))),
    )
    process.serve(add_RewardsServiceServicer_to_server, Rewards(process.units, pages))
    process.serve(add_ZonesServiceServicer_to_server, Zones(process.units, pages, people))
    process.serve(add_TeamsServiceServicer_to_server, Teams(process.units, pages, people))
    process.serve(add_ContactsServiceServicer_to_server, Contacts(process.units, pages, people))
    process.serve(add_HonoursServiceServicer_to_server, Honours(process.units, pages, people))
    process.serve(add_AppraisalServiceServicer_to_server, Appraisal(process.units, pages))
    process.serve(add_ReviewsServiceServicer_to_server, Reviews(process.units, pages))
    process.serve(add_CadenceServiceServicer_to_server, Cadence(process.units, pages))
    process.serve(add_ReportsServiceServicer_to_server, Reports(process.units, pages, people))
    process.serve(add_SupervisionServiceServicer_to_server, Supervision(process.units, pages, people))
    process.consume(tenants_consumer())
    process.consume(zones_events.incidents())
    process.consume(points_events.attendances(points_commands.answer))
    process.consume(affiliations_events.attendances(affiliations_commands.keep))
    process.consume(guests_events.attendances(guests_commands.keep))
    process.consume(honours_events.departures(honours_commands.end_departed))
    process.consume(development_events.outcomes(development_commands.follow))
    process.consume(cadence_events.contacts(cadence_commands.noted, cadence_commands.doubted))
    process.consume(cadence_events.activities(cadence_commands.noted))
    process.consume(cadence_events.inspections(cadence_commands.noted))
    process.consume(cadence_events.reports(cadence_commands.noted))
    process.consume(cadence_events.supervisions(cadence_commands.noted))
    process.consume(reports_events.records(reports_commands.note))
    process.job(jobs.run_imports())
    process.job(jobs.forget_workbooks(storage))
    process.job(rewards_jobs.expire_redemptions())
    process.job(contacts_jobs.forget_contacts())
    process.job(transfers_jobs.expire_letters())
    process.job(transfers_jobs.leave_rosters())
    process.job(guests_jobs.expire_guests())
    process.job(honours_jobs.expire_honours())
    process.job(members_jobs.wish_well())
    process.job(development_jobs.remind())
    process.job(appraisal_jobs.lapse_appeals())
    process.job(cadence_jobs.keep_periods())
    process.job(cadence_jobs.remind(people))
    process.relay()


if __name__ == "__main__":
    run("membership", start)
