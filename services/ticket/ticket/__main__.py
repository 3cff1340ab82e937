"""The ticket service, top to bottom."""

from functools import partial

from chassis.erasures import host_privacy
from chassis.grants import Grants
from chassis.pages import PageTokens
from chassis.process import Process, run
from chassis.tenants import tenants_consumer
from louyu.ticket.v1.catalogue_pb2_grpc import add_CatalogueServiceServicer_to_server
from louyu.ticket.v1.requests_pb2_grpc import add_RequestsServiceServicer_to_server
from louyu.ticket.v1.sla_pb2_grpc import add_SlaServiceServicer_to_server
from ticket.catalogue.rpc import Catalogue
from ticket.records import RECORDS
from ticket.requests import escalations, jobs
from ticket.requests.attachments import Attachments
from ticket.requests.rpc import Requests
from ticket.sla.owners import IdentityOwners
from ticket.sla.rpc import Sla


async def start(process: Process) -> None:
    """Serve the catalogue, the requests and their promised times; close what nobody confirms, and tell of
    what is overdue."""
    await process.database()
    pages = PageTokens(process.settings.key("secret"))
    process.serve(add_CatalogueServiceServicer_to_server, Catalogue(process.units, pages))
    process.serve(
        add_RequestsServiceServicer_to_server,
        Requests(process.units, pages, Attachments(process.files), partial(_may_handle, process.grants)),
    )
    host_privacy(process, RECORDS)
    process.serve(
        add_SlaServiceServicer_to_server, Sla(process.units, pages, partial(_may_own, process.grants))
    )
    process.consume(tenants_consumer())
    process.job(jobs.auto_close())
    process.job(escalations.watch(IdentityOwners(process.client("identity"))))
    process.relay()


async def _may_handle(grants: Grants, tenant_id: str, account_id: str) -> bool:
    return await grants.holds(account_id, tenant_id, "requests.handle")


async def _may_own(grants: Grants, tenant_id: str, account_id: str) -> bool:
    held = [await grants.holds(account_id, tenant_id, name) for name in ("requests.handle", "sla.manage")]
    return any(held)


if __name__ == "__main__":
    run("ticket", start)
