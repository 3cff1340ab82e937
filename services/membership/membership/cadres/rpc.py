"""Cadres over gRPC: parse, call, convert."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from google.protobuf.message import Message
from grpc.aio import ServicerContext

from chassis import days
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.membership.v1 import cadres_pb2 as pb
from louyu.membership.v1.cadres_pb2_grpc import CadresServiceServicer
from membership.cadres import commands, queries, rules
from membership.cadres.events import ENDING, POST, POST_TYPE
from membership.cadres.rules import Post, PostType
from membership.orgs import queries as orgs
from membership.people import People

_Call = ServicerContext[Any, Any]


class Cadres(CadresServiceServicer):
    """Serves louyu.membership.v1.CadresService."""

    def __init__(self, units: Units, pages: PageTokens, people: People) -> None:
        self._units = units
        self._pages = pages
        self._people = people

    async def _do(self, request: Message, verb: Callable[[UnitOfWork], Awaitable[Row]]) -> pb.Cadre:
        async def work(unit: UnitOfWork) -> pb.Cadre:
            return (await shown(unit, [await verb(unit)]))[0]

        return await self._units.command(request, pb.Cadre, work)

    async def AppointCadre(self, request: pb.AppointCadreRequest, context: _Call) -> pb.Cadre:
        wanted = commands.Appointment(
            org_id=request.org_id,
            person_id=request.person_id,
            display=await self._people.display(request.tenant, request.person_id),
            post=Post(POST.word(request.post)),
            post_type=PostType(POST_TYPE.word(request.post_type)),
            term_from=request.term_from,
            term_until=request.term_until,
            birth_year=request.birth_year,
            synthetic=request.synthetic,
        )
        return await self._do(request, lambda unit: commands.appoint(unit, wanted))

    async def EndCadre(self, request: pb.EndCadreRequest, context: _Call) -> pb.Cadre:
        ending = ENDING.word(request.ending)
        return await self._do(
            request, lambda unit: commands.end(unit, request.id, request.etag, ending, request.ended_on)
        )

    async def GetCadre(self, request: pb.GetCadreRequest, context: _Call) -> pb.Cadre:
        async def work(reader: Reader) -> pb.Cadre:
            return (await shown(reader, [await queries.get(reader, request.id)]))[0]

        return await self._units.query(work)

    async def ListCadres(self, request: pb.ListCadresRequest, context: _Call) -> pb.ListCadresResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListCadresResponse:
            rows = await queries.page(
                reader,
                org_id=request.org_id,
                post=POST.word(request.post),
                ended=request.ended,
                after=self._pages.decode(request),
                size=size,
            )
            last = rows[size - 1] if len(rows) > size else None
            more = self._pages.encode(request, [last.rank, last.id]) if last else ""
            return pb.ListCadresResponse(cadres=await shown(reader, rows[:size]), next_page_token=more)

        return await self._units.query(work)

    async def SummariseCadres(self, request: pb.SummariseCadresRequest, context: _Call) -> pb.CadreSummary:
        return await self._units.query(summary)

    async def GetCadreSettings(self, request: pb.GetCadreSettingsRequest, context: _Call) -> pb.CadreSettings:
        return await self._units.query(figures)

    async def UpdateCadreSettings(
        self, request: pb.UpdateCadreSettingsRequest, context: _Call
    ) -> pb.CadreSettings:
        async def work(unit: UnitOfWork) -> pb.CadreSettings:
            borders, smallest = request.age_borders, request.smallest_told
            await commands.set_figures(unit, request.etag, borders, smallest)
            return await figures(unit)

        return await self._units.command(request, pb.CadreSettings, work)


async def shown(reader: Reader, rows: Sequence[Row]) -> list[pb.Cadre]:
    """Posts with the names of their organisations."""
    names = await orgs.names(reader, (row.org_id for row in rows))
    today = days.day_of(reader.now)
    return [
        pb.Cadre(
            id=row.id,
            etag=str(row.version),
            org_id=row.org_id,
            org_name=names.get(row.org_id, ""),
            person_id=row.person_id,
            display=row.display,
            post=POST.number(row.post),
            post_type=POST_TYPE.number(row.post_type),
            term_from=days.written(row.term_from),
            term_until=days.written(row.term_until),
            term_over=row.ended_on is None and rules.is_over(row.term_until, today),
            ended_on=days.written(row.ended_on),
            ending=ENDING.number(row.ending),
            synthetic=row.synthetic,
            create_time=row.created_at,
            update_time=row.updated_at,
        )
        for row in rows
    ]


async def summary(reader: Reader) -> pb.CadreSummary:
    """The people in posts, as figures."""
    held = await queries.current(reader)
    at_work = [row for row in await orgs.in_force(reader) if row.activated_at is not None]
    today = days.day_of(reader.now)
    in_post = {row.person_id: row for row in held if row.post != Post.RESERVE}
    led = {
        row.org_id for row in held if row.post == Post.SECRETARY and not rules.is_over(row.term_until, today)
    }
    told, _ = await queries.in_force(reader)
    bands, unknown = rules.bands((row.birth_year for row in in_post.values()), today, told)
    came, went = await queries.within_a_year(reader)
    return pb.CadreSummary(
        people=len(in_post),
        bands=[
            pb.AgeBand(
                from_age=band.from_age,
                to_age=band.to_age,
                count=band.count or 0,
                withheld=band.count is None,
            )
            for band in bands
        ],
        age_unknown=unknown or 0,
        post_types=[
            pb.PostTypeCount(
                post_type=POST_TYPE.number(kind),
                count=sum(1 for row in in_post.values() if row.post_type == kind),
            )
            for kind in PostType
        ],
        inflow=came,
        outflow=went,
        reserve=len({row.person_id for row in held if row.post == Post.RESERVE}),
        without_secretary=sum(1 for row in at_work if row.id not in led),
        orgs=len(at_work),
    )


async def figures(reader: Reader) -> pb.CadreSettings:
    """The settings that hold, and where they come from."""
    held, newest = await queries.in_force(reader)
    return pb.CadreSettings(
        etag=str(newest.version if newest else 0),
        age_borders=held.age_borders,
        smallest_told=held.smallest_told,
        source="tenant" if newest else "default",
        set_time=newest.set_at if newest else None,
    )
