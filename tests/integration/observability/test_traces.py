"""One trace tells what became of one request, from HTTP to the last consumer of its event."""

from __future__ import annotations

import random
import secrets

from tests.fixtures.canaries import id_number, phone, shapes
from tests.fixtures.waiting import eventually
from tests.integration.observability.conftest import Recorded, Watched


class Told:
    """What one request left behind: five spans, the last two below the third."""

    def __init__(self, watched: Watched, trace: str, client: str) -> None:
        self._watched, self._trace, self._client = watched, trace, client

    def under(self, parent: str, service: str) -> set[Recorded]:
        """The spans of a service that have arrived so far; what was tried again counts by its success."""
        spans = {span for span in self._watched.collector.spans if span.trace == self._trace}
        return {
            span for span in spans if (span.parent, span.service, span.failed) == (parent, service, False)
        }

    async def the(self, parent: str, service: str) -> Recorded:
        """The only span of a service there. Every process sends its own in batches."""

        async def arrived() -> bool:
            return bool(self.under(parent, service))

        await eventually(arrived)
        (span,) = self.under(parent, service)
        return span

    async def whole(self) -> tuple[Recorded, Recorded, Recorded, Recorded, Recorded]:
        """Gateway, ticket, publish, notification, dashboard."""
        gateway = await self.the(self._client, "gateway")
        ticket = await self.the(gateway.id, "ticket")
        publish = await self.the(ticket.id, "ticket")
        told = await self.the(publish.id, "notification")
        shown = await self.the(publish.id, "dashboard")
        return gateway, ticket, publish, told, shown


async def file(watched: Watched) -> Told:
    """A request that brings a trace of its own."""
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
    return Told(watched, trace, client)


async def test_one_request_is_one_trace_up_to_the_last_consumer(watched: Watched) -> None:
    spans = await file(watched)
    gateway, ticket, publish, told, shown = await spans.whole()
    assert gateway.name == ticket.name == "RequestsService/CreateTicket"
    assert publish.name == "publish TicketOpened"
    assert told.name.startswith("notification/")
    assert told.name.endswith(" TicketOpened")
    assert shown.name.startswith("dashboard/")
    # And no second one beside any of them, now that the last has arrived.
    assert await spans.whole() == (gateway, ticket, publish, told, shown)


async def test_two_requests_are_two_traces(watched: Watched) -> None:
    def opened() -> set[str]:
        return {span.trace for span in watched.collector.spans if span.name == "publish TicketOpened"}

    # A process sends its spans in their order: with this one, those of every earlier request are here.
    await (await file(watched)).whole()
    before = opened()
    await watched.house.ticket()
    await watched.house.ticket()

    async def both() -> bool:
        return len(opened() - before) == 2

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
        services = [span.service for span in watched.collector.spans if span.trace == trace]
        return services.count("gateway") >= 4 and services.count("identity") >= 4

    await eventually(arrived)
    assert bytes.fromhex(trace) in watched.collector.received
    for value in (identity, mobile):
        for kind, needle in shapes(value).items():
            assert needle not in watched.collector.received, kind
