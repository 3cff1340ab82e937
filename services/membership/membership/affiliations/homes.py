"""Affiliations over gRPC as home organisations see them, and what both parts of the service share."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from google.protobuf.message import Message
from grpc.aio import ServicerContext

from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.membership.v1 import affiliations_pb2 as pb
from membership.affiliations import commands, queries, views
from membership.affiliations.events import STATE
from membership.affiliations.views import shown
from membership.people import People

_Call = ServicerContext[Any, Any]


class Homes:
    """The part of louyu.membership.v1.AffiliationsService under home-affiliations."""

    def __init__(self, units: Units, pages: PageTokens, people: People) -> None:
        self._units = units
        self._pages = pages
        self._people = people

    async def _do(self, request: Message, verb: Callable[[UnitOfWork], Awaitable[Row]]) -> pb.Affiliation:
        async def work(unit: UnitOfWork) -> pb.Affiliation:
            return (await shown(unit, [await verb(unit)]))[0]

        return await self._units.command(request, pb.Affiliation, work)

    async def AcknowledgeAffiliation(
        self, request: pb.AcknowledgeAffiliationRequest, context: _Call
    ) -> pb.Affiliation:
        return await self._do(request, lambda unit: commands.acknowledge(unit, request.id, request.etag))

    async def DisputeAffiliation(
        self, request: pb.DisputeAffiliationRequest, context: _Call
    ) -> pb.Affiliation:
        return await self._do(
            request, lambda unit: commands.dispute(unit, request.id, request.etag, request.reason)
        )

    async def ListHomeAffiliations(
        self, request: pb.ListHomeAffiliationsRequest, context: _Call
    ) -> pb.ListHomeAffiliationsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListHomeAffiliationsResponse:
            rows = await queries.home_page(
                reader, states=words_of(request.states), after=self._pages.decode(request), size=size
            )
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            found = await shown(reader, rows[:size])
            return pb.ListHomeAffiliationsResponse(affiliations=found, next_page_token=more)

        return await self._units.query(work)

    async def GetHomeAffiliationAttendance(
        self, request: pb.GetHomeAffiliationAttendanceRequest, context: _Call
    ) -> pb.AttendanceSummary:
        async def work(reader: Reader) -> pb.AttendanceSummary:
            return await views.attendance(reader, await queries.at_home(reader, request.id))

        return await self._units.query(work)


def words_of(states: Iterable[int]) -> tuple[str, ...]:
    """The states of a request as the table keeps them."""
    return tuple(STATE.word(state) for state in states if state)
