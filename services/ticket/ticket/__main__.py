"""The ticket service, top to bottom."""

from functools import partial

from chassis.erasures import host_privacy
from chassis.grants import Grants
from chassis.pages import PageTokens
from chassis.process import Process, run
from chassis.tenants import tenants_consumer
from louyu.ticket.v1.catalogue_pb2_grpc import add_CatalogueServiceServicer_to_server
from louyu.ticket.v1.requests_pb2_grpc import add_RequestsServiceServicer_to_server
from ticket.catalogue.rpc import Catalogue
from ticket.records import RECORDS
from ticket.requests import jobs
from ticket.requests.attachments import Attachments
from ticket.requests.rpc import Requests


async def start(process: Process) -> None:
    """Serve the catalogue and the requests; close what nobody confirms."""
    await process.database()
    pages = PageTokens(process.settings.key("secret"))
    process.serve(add_CatalogueServiceServicer_to_server, Catalogue(process.units, pages))
    process.serve(
        add_RequestsServiceServicer_to_server,
        Requests(process.units, pages, Attachments(process.files), partial(_may_handle, process.grants)),
    )
    host_privacy(process, RECORDS)
    process.consume(tenants_consumer())
    process.job(jobs.auto_close())
    process.relay()


async def _may_handle(grants: Grants, tenant_id: str, account_id: str) -> bool:
    return await grants.holds(account_id, tenant_id, "requests.handle")


if __name__ == "__main__":
    run("ticket", start)
