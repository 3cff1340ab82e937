"""People over gRPC: parse, call, convert. Numbers are sealed before a unit begins and never leave it
in clear, except through UnmaskPerson."""

from typing import Any, Final

from grpc.aio import ServicerContext

from chassis.context import current
from chassis.encryption import BlindIndex, Vault
from chassis.errors import NotFound
from chassis.ids import new_id
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from chassis.words import Words
from identity.district import look
from identity.people import commands, queries
from identity.people.commands import Sealed
from identity.people.rules import check_one_number, masked_id_number, masked_phone, normal_id_number
from louyu.identity.v1 import people_pb2 as pb
from louyu.identity.v1.people_pb2_grpc import PeopleServiceServicer

FIELD: Final = Words(pb.MaskedField)


class People(PeopleServiceServicer):
    """Serves louyu.identity.v1.PeopleService."""

    def __init__(self, units: Units, pages: PageTokens, vault: Vault, index: BlindIndex) -> None:
        self._units = units
        self._pages = pages
        self._vault = vault
        self._index = index

    async def RegisterPerson(
        self, request: pb.RegisterPersonRequest, context: ServicerContext[Any, Any]
    ) -> pb.Person:
        number = normal_id_number(request.id_number)
        known = None
        if number:
            index = self._index.of("id_number", number)
            known = await look(self._units, lambda reader: queries.by_index(reader, id_number=index))
        person_id = known.id if known else new_id()
        draft = commands.Draft(
            id=person_id,
            name=request.name,
            id_number=await self._sealed(request.tenant, person_id, "id_number", number),
            phone=await self._sealed(request.tenant, person_id, "phone", request.phone),
            synthetic=request.synthetic,
        )

        async def work(unit: UnitOfWork) -> pb.Person:
            if known:
                await commands.meet(unit, known, request.name)
            else:
                await commands.register(unit, draft)
            return to_person(await queries.person(unit, person_id))

        return await self._units.command(request, pb.Person, work)

    async def GetPerson(self, request: pb.GetPersonRequest, context: ServicerContext[Any, Any]) -> pb.Person:
        async def work(reader: Reader) -> pb.Person:
            return to_person(await queries.person(reader, request.id))

        return await self._units.query(work)

    async def ListPeople(
        self, request: pb.ListPeopleRequest, context: ServicerContext[Any, Any]
    ) -> pb.ListPeopleResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListPeopleResponse:
            after = self._pages.decode(request)
            rows = await queries.page(reader, words=request.q, after=after, size=size)
            last = rows[size - 1] if len(rows) > size else None
            return pb.ListPeopleResponse(
                people=[to_person(row) for row in rows[:size]],
                next_page_token=self._pages.encode(request, [last.name_key, last.id]) if last else "",
            )

        return await self._units.query(work)

    async def UpdatePerson(
        self, request: pb.UpdatePersonRequest, context: ServicerContext[Any, Any]
    ) -> pb.Person:
        phone = None
        if request.HasField("phone"):
            before = await self._units.query(lambda reader: queries.person(reader, request.id))
            phone = await self._sealed(before.registered_by, request.id, "phone", request.phone)

        async def work(unit: UnitOfWork) -> pb.Person:
            name = request.name if request.HasField("name") else None
            return to_person(await commands.change(unit, request.id, request.etag, name=name, phone=phone))

        return await self._units.command(request, pb.Person, work)

    async def MergePersons(
        self, request: pb.MergePersonsRequest, context: ServicerContext[Any, Any]
    ) -> pb.Person:
        async def work(unit: UnitOfWork) -> pb.Person:
            return to_person(await commands.merge(unit, request.id, request.duplicate))

        return await self._units.command(request, pb.Person, work)

    async def UnmaskPerson(
        self, request: pb.UnmaskPersonRequest, context: ServicerContext[Any, Any]
    ) -> pb.UnmaskPersonResponse:
        field = FIELD.word(request.field)

        async def work(unit: UnitOfWork) -> Row:
            person = await queries.person(unit, request.id)
            unit.audit("people.unmask", request.id, field=field, reason=request.reason)
            return person

        # Not `command`: the reply must not be kept for a retry. The entry is written before the number
        # is opened, so that nothing is read without a trace.
        person = await self._units.run(current(), work)
        value = getattr(person, field)
        if value is None:
            raise NotFound("NUMBER_UNKNOWN")
        return pb.UnmaskPersonResponse(
            value=await self._vault.open(person.registered_by, person.id, field, value)
        )

    async def CheckDuplicate(
        self, request: pb.CheckDuplicateRequest, context: ServicerContext[Any, Any]
    ) -> pb.CheckDuplicateResponse:
        check_one_number(request.id_number, request.phone)
        number = normal_id_number(request.id_number)
        await self._units.run(current(), commands.count_check)
        id_index = self._index.of("id_number", number) if number else None
        phone_index = self._index.of("phone", request.phone) if request.phone else None
        known = await look(
            self._units, lambda reader: queries.by_index(reader, id_number=id_index, phone=phone_index)
        )
        return pb.CheckDuplicateResponse(known=known is not None)

    async def _sealed(self, tenant_id: str, person_id: str, field: str, value: str) -> Sealed:
        if not value:
            return Sealed()
        return Sealed(
            value=await self._vault.seal(tenant_id, person_id, field, value),
            index=self._index.of(field, value),
            masked=masked_phone(value) if field == "phone" else masked_id_number(value),
        )


def to_person(row: Row) -> pb.Person:
    """A row as its message."""
    return pb.Person(
        id=row.id,
        etag=str(row.version),
        name=row.name,
        id_number_masked=row.id_number_masked,
        phone_masked=row.phone_masked,
        synthetic=row.synthetic,
        create_time=row.created_at,
        update_time=row.updated_at,
    )
