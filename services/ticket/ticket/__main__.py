"""The ticket service, top to bottom."""

from collections.abc import Mapping, Sequence
from functools import partial

from chassis.erasures import host_privacy
from chassis.grants import Grants
from chassis.pages import PageTokens
from chassis.process import Process, run
from chassis.tenants import tenants_consumer
from louyu.ticket.v1.catalogue_pb2_grpc import add_CatalogueServiceServicer_to_server
from louyu.ticket.v1.conveniences_pb2_grpc import add_ConveniencesServiceServicer_to_server
from louyu.ticket.v1.finds_pb2_grpc import add_FindsServiceServicer_to_server
from louyu.ticket.v1.hazards_pb2_grpc import add_HazardsServiceServicer_to_server
from louyu.ticket.v1.inspections_pb2_grpc import add_InspectionsServiceServicer_to_server
from louyu.ticket.v1.listings_pb2_grpc import add_ListingsServiceServicer_to_server
from louyu.ticket.v1.opinions_pb2_grpc import add_OpinionsServiceServicer_to_server
from louyu.ticket.v1.requests_pb2_grpc import add_RequestsServiceServicer_to_server
from louyu.ticket.v1.safety_pb2_grpc import add_SafetyServiceServicer_to_server
from louyu.ticket.v1.satisfaction_pb2_grpc import add_SatisfactionServiceServicer_to_server
from louyu.ticket.v1.sites_pb2_grpc import add_SitesServiceServicer_to_server
from louyu.ticket.v1.sla_pb2_grpc import add_SlaServiceServicer_to_server
from louyu.ticket.v1.stalls_pb2_grpc import add_StallsServiceServicer_to_server
from louyu.ticket.v1.visits_pb2_grpc import add_VisitsServiceServicer_to_server
from ticket.attachments import Attachments
from ticket.catalogue.rpc import Catalogue
from ticket.conveniences.rpc import Conveniences
from ticket.finds.rpc import Finds
from ticket.hazards import jobs as hazards_jobs
from ticket.hazards.rpc import Hazards
from ticket.inspections.rpc import Inspections
from ticket.listings.rpc import Listings
from ticket.opinions.rpc import Opinions
from ticket.persons import Persons
from ticket.records import RECORDS
from ticket.requests import escalations, jobs
from ticket.requests.rpc import Requests
from ticket.safety.rpc import Safety
from ticket.satisfaction.rpc import Satisfaction
from ticket.sites.rpc import Sites
from ticket.sla.owners import IdentityOwners
from ticket.sla.rpc import Sla
from ticket.stalls.rpc import Stalls
from ticket.visits import jobs as visits_jobs
from ticket.visits.events import enterprises_consumer
from ticket.visits.rpc import Visits


async def start(process: Process) -> None:
    """Serve the catalogue, the requests and their promised times, what keeps people safe, opinions and
    satisfaction, visits, listings, finds, conveniences, stalls; close what nobody confirms, tell of what is
    overdue and escalate it."""
    await process.database()
    secret = process.settings.key("secret")
    pages = PageTokens(secret)
    process.serve(add_CatalogueServiceServicer_to_server, Catalogue(process.units, pages))
    process.serve(
        add_RequestsServiceServicer_to_server,
        Requests(process.units, pages, Attachments(process.files), partial(_may_handle, process.grants)),
    )
    host_privacy(process, RECORDS)
    process.serve(
        add_SlaServiceServicer_to_server, Sla(process.units, pages, partial(_may_own, process.grants))
    )
    _serve_safety(process, pages)
    process.serve(
        add_OpinionsServiceServicer_to_server,
        Opinions(process.units, pages, partial(_may_answer, process.grants), secret),
    )
    process.serve(add_SatisfactionServiceServicer_to_server, Satisfaction(process.units, pages))
    process.serve(add_ListingsServiceServicer_to_server, Listings(process.units, pages))
    process.serve(add_FindsServiceServicer_to_server, Finds(process.units, pages))
    process.serve(add_ConveniencesServiceServicer_to_server, Conveniences(process.units, pages))
    process.serve(add_StallsServiceServicer_to_server, Stalls(process.units, pages))
    process.serve(
        add_VisitsServiceServicer_to_server,
        Visits(process.units, pages, partial(_may_visit, process.grants), secret),
    )
    process.consume(tenants_consumer())
    process.consume(enterprises_consumer())
    process.job(jobs.auto_close())
    process.job(escalations.watch(IdentityOwners(process.client("identity"))))
    process.job(hazards_jobs.overdue())
    process.job(visits_jobs.rounds())
    process.relay()


def _serve_safety(process: Process, pages: PageTokens) -> None:
    attachments, persons = Attachments(process.files), Persons(process.client("identity"))
    process.serve(add_SitesServiceServicer_to_server, Sites(process.units, pages))
    process.serve(
        add_InspectionsServiceServicer_to_server,
        Inspections(process.units, pages, attachments, partial(_may_inspect, process.grants)),
    )
    process.serve(
        add_HazardsServiceServicer_to_server,
        Hazards(process.units, pages, attachments, partial(_persons_behind, process.grants, persons)),
    )
    process.serve(add_SafetyServiceServicer_to_server, Safety(process.units, pages))


async def _may_handle(grants: Grants, tenant_id: str, account_id: str) -> bool:
    return await grants.holds(account_id, tenant_id, "requests.handle")


async def _may_own(grants: Grants, tenant_id: str, account_id: str) -> bool:
    held = [await grants.holds(account_id, tenant_id, name) for name in ("requests.handle", "sla.manage")]
    return any(held)


async def _may_inspect(grants: Grants, tenant_id: str, account_id: str) -> bool:
    return await grants.holds(account_id, tenant_id, "inspections.conduct")


async def _persons_behind(
    grants: Grants, persons: Persons, tenant_id: str, accounts: Sequence[str]
) -> Mapping[str, str]:
    entitled = [one for one in accounts if await grants.holds(one, tenant_id, "hazards.handle")]
    return await persons.of(entitled) if entitled else {}


async def _may_visit(grants: Grants, tenant_id: str, account_id: str) -> bool:
    return await grants.holds(account_id, tenant_id, "visits.record")


async def _may_answer(grants: Grants, tenant_id: str, account_id: str) -> bool:
    return await grants.holds(account_id, tenant_id, "opinions.handle")


if __name__ == "__main__":
    run("ticket", start)
