"""Contacts over gRPC: parse, call, convert."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from grpc.aio import ServicerContext

from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.membership.v1 import contacts_pb2 as pb
from louyu.membership.v1.contacts_pb2_grpc import ContactsServiceServicer
from membership.contacts import commands, queries, views
from membership.contacts.commands import Sides
from membership.contacts.events import KIND, NEED, OBJECTION, STATE, TOPIC
from membership.contacts.rules import Kind
from membership.contacts.settings import SETTINGS
from membership.people import People

_Call = ServicerContext[Any, Any]
_Entries = Callable[[Reader, Sequence[Any] | None, int], Awaitable[Sequence[Row]]]
_PERIOD_DAYS: Final = 30
_FIGURES: Final = ("retention_days", "late_days", "smallest_told")


class Contacts(ContactsServiceServicer):
    """Serves louyu.membership.v1.ContactsService."""

    def __init__(self, units: Units, pages: PageTokens, people: People) -> None:
        self._units = units
        self._pages = pages
        self._people = people

    async def OpenContactLink(self, request: pb.OpenContactLinkRequest, context: _Call) -> pb.ContactLink:
        people = [one for one in (request.carer_id, request.person_id) if one]
        wanted = Sides(
            kind=Kind(KIND.word(request.kind)),
            area_id=request.area_id,
            carer_id=request.carer_id,
            person_id=request.person_id,
            enterprise_id=request.enterprise_id,
            names={one: await self._people.display(request.tenant, one) for one in people},
        )

        async def work(unit: UnitOfWork) -> pb.ContactLink:
            return views.link(await commands.open_link(unit, wanted, synthetic=request.synthetic))

        return await self._units.command(request, pb.ContactLink, work)

    async def EndContactLink(self, request: pb.EndContactLinkRequest, context: _Call) -> pb.ContactLink:
        async def work(unit: UnitOfWork) -> pb.ContactLink:
            return views.link(await commands.end_link(unit, request.id))

        return await self._units.command(request, pb.ContactLink, work)

    async def ListContactLinks(
        self, request: pb.ListContactLinksRequest, context: _Call
    ) -> pb.ListContactLinksResponse:
        return await self._links(request, KIND.word(request.kind), own=False)

    async def ListMyContactLinks(
        self, request: pb.ListMyContactLinksRequest, context: _Call
    ) -> pb.ListContactLinksResponse:
        return await self._links(request, "", own=True)

    async def _links(
        self, request: pb.ListContactLinksRequest | pb.ListMyContactLinksRequest, kind: str, *, own: bool
    ) -> pb.ListContactLinksResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListContactLinksResponse:
            after = self._pages.decode(request)
            rows = await queries.link_page(reader, kind=kind, own=own, after=after, size=size)
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            found = [views.link(row, contacted_today=row.contacted_today) for row in rows[:size]]
            return pb.ListContactLinksResponse(links=found, next_page_token=more)

        return await self._units.query(work)

    async def LogContact(self, request: pb.LogContactRequest, context: _Call) -> pb.Contact:
        topic, need = TOPIC.word(request.topic), NEED.word(request.need)
        return await self._do(
            request,
            lambda unit: commands.log(
                unit, request.link_id, topic, need, request.contact_date, synthetic=request.synthetic
            ),
        )

    async def ObjectToContact(self, request: pb.ObjectToContactRequest, context: _Call) -> pb.Contact:
        objection = OBJECTION.word(request.objection)
        return await self._do(request, lambda unit: commands.object_to(unit, request.id, objection))

    async def DecideContact(self, request: pb.DecideContactRequest, context: _Call) -> pb.Contact:
        return await self._do(
            request,
            lambda unit: commands.decide(unit, request.id, remove=request.remove),
            removed=request.remove,
        )

    async def TieContactNeed(self, request: pb.TieContactNeedRequest, context: _Call) -> pb.Contact:
        return await self._do(request, lambda unit: commands.tie(unit, request.id, request.ticket_id))

    async def _do(
        self, request: Any, verb: Callable[[UnitOfWork], Awaitable[Row]], *, removed: bool = False
    ) -> pb.Contact:
        async def work(unit: UnitOfWork) -> pb.Contact:
            return views.contact(unit, await verb(unit), removed=removed)

        return await self._units.command(request, pb.Contact, work)

    async def ListMyContacts(
        self, request: pb.ListMyContactsRequest, context: _Call
    ) -> pb.ListContactsResponse:
        return await self._list(request, queries.written)

    async def ListContactsAboutMe(
        self, request: pb.ListContactsAboutMeRequest, context: _Call
    ) -> pb.ListContactsResponse:
        return await self._list(request, queries.about)

    async def ListContacts(self, request: pb.ListContactsRequest, context: _Call) -> pb.ListContactsResponse:
        state = STATE.word(request.state)

        async def entries(reader: Reader, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
            return await queries.page(reader, state=state, after=after, size=size)

        return await self._list(request, entries)

    async def _list(self, request: Any, entries: _Entries) -> pb.ListContactsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListContactsResponse:
            rows = await entries(reader, self._pages.decode(request), size)
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            found = [views.contact(reader, row) for row in rows[:size]]
            return pb.ListContactsResponse(contacts=found, next_page_token=more)

        return await self._units.query(work)

    async def SummariseContacts(
        self, request: pb.SummariseContactsRequest, context: _Call
    ) -> pb.ContactSummary:
        return await self._units.query(lambda reader: views.summary(reader, request.days or _PERIOD_DAYS))

    async def GetContactSettings(
        self, request: pb.GetContactSettingsRequest, context: _Call
    ) -> pb.ContactSettings:
        async def work(reader: Reader) -> pb.ContactSettings:
            return views.settings(await SETTINGS.current(reader))

        return await self._units.query(work)

    async def UpdateContactSettings(
        self, request: pb.UpdateContactSettingsRequest, context: _Call
    ) -> pb.ContactSettings:
        given = {name: getattr(request, name) if request.HasField(name) else None for name in _FIGURES}

        async def work(unit: UnitOfWork) -> pb.ContactSettings:
            return views.settings(await commands.set_figures(unit, request.etag, **given))

        return await self._units.command(request, pb.ContactSettings, work)
