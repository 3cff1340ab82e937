"""One trace tells what became of one request, from HTTP to the last consumer of its event."""

from __future__ import annotations

import secrets

from tests.fixtures.waiting import eventually
from tests.integration.observability.conftest import Recorded, Watched


async def test_one_request_is_one_trace_up_to_the_last_consumer(watched: Watched) -> None:
    house = watched.house
    trace, client = secrets.token_hex(16), secrets.token_hex(8)
    filed = await house.call(
        "worker",
        "POST",
        f"/v1/tenants/{house.tenants['one']}/requests",
        {"service_item_id": house.item, "summary": "需要代理记账"},
        headers={"traceparent": f"00-{trace}-{client}-01"},
    )
    assert filed.status_code == 200, filed.text

    def spans() -> list[Recorded]:
        return [span for span in watched.collector.spans if span.trace == trace]

    async def complete() -> bool:
        return {"gateway", "ticket", "notification", "dashboard"} <= {span.service for span in spans()}

    await eventually(complete)

    def under(parent: str, service: str) -> list[Recorded]:
        return [span for span in spans() if span.parent == parent and span.service == service]

    (gateway,) = under(client, "gateway")
    (ticket,) = under(gateway.id, "ticket")
    assert gateway.name == ticket.name == "RequestsService/CreateTicket"
    (publish,) = under(ticket.id, "ticket")
    assert publish.name == "publish TicketOpened"
    (told,) = under(publish.id, "notification")
    (shown,) = under(publish.id, "dashboard")
    assert told.name.startswith("notification/")
    assert told.name.endswith(" TicketOpened")
    assert shown.name.startswith("dashboard/")


async def test_two_requests_are_two_traces(watched: Watched) -> None:
    before = {span.trace for span in watched.collector.spans}
    await watched.house.ticket()
    await watched.house.ticket()

    async def both() -> bool:
        fresh = {s.trace for s in watched.collector.spans if s.name.startswith("publish ")} - before
        return len(fresh) == 2

    await eventually(both)
