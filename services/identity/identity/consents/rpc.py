"""Consents over gRPC: parse, call, convert."""

from datetime import datetime
from typing import Any

from grpc.aio import ServicerContext

from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from identity.consents import commands, queries, rules
from identity.moments import asked
from louyu.identity.v1 import consents_pb2 as pb
from louyu.identity.v1.consents_pb2_grpc import ConsentsServiceServicer


class Consents(ConsentsServiceServicer):
    """Serves louyu.identity.v1.ConsentsService."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units = units
        self._pages = pages

    async def RecordConsent(
        self, request: pb.RecordConsentRequest, context: ServicerContext[Any, Any]
    ) -> pb.Consent:
        expires = asked(request, "expire_time")

        async def work(unit: UnitOfWork) -> pb.Consent:
            row = await commands.record(unit, request.purpose, request.recipient, expires)
            return to_consent(row, unit.now)

        return await self._units.command(request, pb.Consent, work)

    async def WithdrawConsent(
        self, request: pb.WithdrawConsentRequest, context: ServicerContext[Any, Any]
    ) -> pb.Consent:
        async def work(unit: UnitOfWork) -> pb.Consent:
            return to_consent(await commands.withdraw(unit, request.id), unit.now)

        return await self._units.command(request, pb.Consent, work)

    async def ListMyConsents(
        self, request: pb.ListMyConsentsRequest, context: ServicerContext[Any, Any]
    ) -> pb.ListMyConsentsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListMyConsentsResponse:
            rows = await queries.own_page(reader, self._pages.decode(request), size)
            return pb.ListMyConsentsResponse(
                consents=[to_consent(row, reader.now) for row in rows[:size]],
                next_page_token=self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else "",
            )

        return await self._units.query(work)

    async def CheckConsent(
        self, request: pb.CheckConsentRequest, context: ServicerContext[Any, Any]
    ) -> pb.CheckConsentResponse:
        async def work(reader: Reader) -> pb.CheckConsentResponse:
            active = await queries.agreed(reader, request.person_id, request.purpose, request.recipient)
            return pb.CheckConsentResponse(active=active)

        return await self._units.query(work)


def to_consent(row: Row, now: datetime) -> pb.Consent:
    """A row as its message."""
    return pb.Consent(
        id=row.id,
        purpose=row.purpose,
        recipient=row.tenant_id,
        active=rules.holds(now, row.expires_at, row.withdrawn_at),
        create_time=row.created_at,
        expire_time=row.expires_at,
        withdraw_time=row.withdrawn_at,
    )
