"""One trace tells what became of one request, from HTTP to the last consumer of its event."""

from __future__ import annotations

import random
import secrets

from tests.fixtures.canaries import id_number, phone, shapes
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


async def test_no_trace_holds_a_number(watched: Watched) -> None:
    """Promise 21, in what a collector gets: people's numbers in bodies, in refusals and in a path."""
    house, dice, trace = watched.house, random.Random(), secrets.token_hex(16)
    identity, mobile = id_number(dice), phone(dice)
    people = f"/v1/tenants/{house.tenants['one']}/people"
    traced = {"traceparent": f"00-{trace}-{secrets.token_hex(8)}-01"}
    body = {"name": "演示金丝雀", "id_number": identity, "phone": mobile, "synthetic": True}
    made = await house.call("secretary", "POST", people, body, headers=traced)
    assert made.is_success, made.text
    asked = {"field": "ID_NUMBER", "reason": "核对本人身份"}
    unmask = f"{people}/{made.json()['id']}:unmask"
    shown = await house.call("secretary", "POST", unmask, asked, headers=traced)
    assert shown.json()["value"] == identity
    for path, wrong in ((people, {"id_number": f"x{identity}"}), (f"{people}/{identity}:unmask", asked)):
        refused = await house.call("secretary", "POST", path, wrong, headers=traced)
        assert refused.status_code in (400, 404), refused.text

    async def arrived() -> bool:
        return [s.service for s in watched.collector.spans if s.trace == trace].count("gateway") >= 4

    await eventually(arrived)
    assert bytes.fromhex(trace) in watched.collector.received
    for value in (identity, mobile):
        for kind, needle in shapes(value).items():
            assert needle not in watched.collector.received, kind
