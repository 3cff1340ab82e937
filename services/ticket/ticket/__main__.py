"""The ticket service, top to bottom."""

from functools import partial

from chassis.grants import Grants
from chassis.pages import PageTokens
from chassis.process import Process, run
from chassis.tenants import tenants_consumer
from louyu.ticket.v1.catalogue_pb2_grpc import add_CatalogueServiceServicer_to_server
from louyu.ticket.v1.opinions_pb2_grpc import add_OpinionsServiceServicer_to_server
from louyu.ticket.v1.requests_pb2_grpc import add_RequestsServiceServicer_to_server
from louyu.ticket.v1.satisfaction_pb2_grpc import add_SatisfactionServiceServicer_to_server
from ticket.catalogue.rpc import Catalogue
from ticket.opinions.rpc import Opinions
from ticket.requests import jobs
from ticket.requests.attachments import Attachments
from ticket.requests.rpc import Requests
from ticket.satisfaction.rpc import Satisfaction


async def start(process: Process) -> None:
    """Serve the catalogue, requests, opinions and satisfaction; close what nobody confirms."""
    await process.database()
    secret = process.settings.key("secret")
    pages = PageTokens(secret)
    process.serve(add_CatalogueServiceServicer_to_server, Catalogue(process.units, pages))
    process.serve(
        add_RequestsServiceServicer_to_server,
        Requests(process.units, pages, Attachments(process.files), partial(_may_handle, process.grants)),
    )
    process.serve(
        add_OpinionsServiceServicer_to_server,
        Opinions(process.units, pages, partial(_may_answer, process.grants), secret),
    )
    process.serve(add_SatisfactionServiceServicer_to_server, Satisfaction(process.units, pages))
    process.consume(tenants_consumer())
    process.job(jobs.auto_close())
    process.relay()


async def _may_handle(grants: Grants, tenant_id: str, account_id: str) -> bool:
    return await grants.holds(account_id, tenant_id, "requests.handle")


async def _may_answer(grants: Grants, tenant_id: str, account_id: str) -> bool:
    return await grants.holds(account_id, tenant_id, "opinions.handle")


if __name__ == "__main__":
    run("ticket", start)
