"""Privacy over gRPC: parse, call, convert."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from grpc.aio import ServicerContext

from chassis.context import current
from chassis.errors import FieldError, Invalid, NotFound, Unavailable
from chassis.files import File, FileReferences
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from chassis.words import Words
from identity import district
from identity.accounts import queries as accounts
from identity.credentials import Passwords
from identity.moments import stamp
from identity.people import queries as people
from identity.privacy import commands, queries, rules
from identity.privacy.jobs import blockers
from identity.privacy.rules import Kind, State
from identity.privacy.services import Services
from louyu.identity.v1 import privacy_pb2 as pb
from louyu.identity.v1.privacy_pb2_grpc import PrivacyServiceServicer

R = TypeVar("R")
KIND: Final = Words(pb.PrivacyKind)
STATE: Final = Words(pb.PrivacyState)
_SOURCE: Final = "[D]"
"""Chosen, not found in a document."""


class Privacy(PrivacyServiceServicer):
    """Serves louyu.identity.v1.PrivacyService.

    What a person asks for goes past `Units.command`: the requests hold the password. Each is harmless to
    repeat.
    """

    def __init__(
        self, units: Units, pages: PageTokens, passwords: Passwords, services: Services, files: FileReferences
    ) -> None:
        self._units = units
        self._pages = pages
        self._passwords = passwords
        self._services = services
        self._files = files

    async def GetMyPrivacy(
        self, request: pb.GetMyPrivacyRequest, context: ServicerContext[Any, Any]
    ) -> pb.MyPrivacy:
        person = current().caller.person_id
        ids = await self._as_identity(lambda unit: queries.ids(unit, person))
        kept = await self._services.count(ids)

        async def work(unit: UnitOfWork) -> pb.MyPrivacy:
            rows = await queries.of_person(unit, person)
            tasks = await queries.tasks_of(unit, [row.id for row in rows])
            periods = await queries.current_settings(unit)
            alone = await queries.lone_administrations(unit, ids)
            reply = pb.MyPrivacy(
                requests=[self._request(row, tasks[row.id], download=True) for row in rows],
                grace_days=periods.grace_days,
                copy_days=periods.copy_days,
            )
            for name, found in kept.items():
                part = reply.kept.add(service=name, away=found is None)
                for one in found.collections if found is not None else ():
                    part.collections.append(one)
                    if one.open:
                        reply.blockers.add(what=one.name, count=one.open)
            if alone:
                reply.blockers.add(what=rules.ADMINISTRATOR, count=alone)
            return reply

        return await self._as_identity(work)

    async def RequestCopy(
        self, request: pb.RequestCopyRequest, context: ServicerContext[Any, Any]
    ) -> pb.PrivacyRequest:
        await self._confirmed(request.current_password)
        return await self._ask(Kind.COPY)

    async def RequestErasure(
        self, request: pb.RequestErasureRequest, context: ServicerContext[Any, Any]
    ) -> pb.PrivacyRequest:
        await self._confirmed(request.current_password)
        person = current().caller.person_id

        async def in_the_way(unit: UnitOfWork) -> dict[str, int] | None:
            return await blockers(unit, self._services, await queries.ids(unit, person))

        found = await self._as_identity(in_the_way)
        if found is None:
            raise Unavailable("DEPENDENCY_UNAVAILABLE", retry_after_s=5.0)
        rules.check_free(found)
        return await self._ask(Kind.ERASURE)

    async def UndoErasure(
        self, request: pb.UndoErasureRequest, context: ServicerContext[Any, Any]
    ) -> pb.PrivacyRequest:
        return self._request(await self._as_identity(commands.undo), ())

    async def ListPrivacyRequests(
        self, request: pb.ListPrivacyRequestsRequest, context: ServicerContext[Any, Any]
    ) -> pb.ListPrivacyRequestsResponse:
        size = page_size(request.page_size)
        kind = Kind(KIND.word(request.kind)) if request.kind else None

        async def work(reader: Reader) -> pb.ListPrivacyRequestsResponse:
            rows = await queries.page(reader, kind, self._pages.decode(request), size)
            tasks = await queries.tasks_of(reader, [row.id for row in rows])
            return pb.ListPrivacyRequestsResponse(
                requests=[self._request(row, tasks[row.id]) for row in rows[:size]],
                next_page_token=self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else "",
            )

        return await self._units.query(work)

    async def PlaceHold(self, request: pb.PlaceHoldRequest, context: ServicerContext[Any, Any]) -> pb.Hold:
        account = await self._as_identity(lambda unit: accounts.by_login(unit, request.login))
        if account is None:
            raise NotFound("ACCOUNT_NOT_FOUND")

        async def work(unit: UnitOfWork) -> pb.Hold:
            row = await commands.place_hold(unit, account.person_id, request.ground, request.reason)
            return _hold(row, await self._names([row]))

        return await self._units.command(request, pb.Hold, work)

    async def LiftHold(self, request: pb.LiftHoldRequest, context: ServicerContext[Any, Any]) -> pb.Hold:
        async def work(unit: UnitOfWork) -> pb.Hold:
            row = await commands.lift_hold(unit, request.id, request.reason)
            return _hold(row, await self._names([row]))

        return await self._units.command(request, pb.Hold, work)

    async def ListHolds(
        self, request: pb.ListHoldsRequest, context: ServicerContext[Any, Any]
    ) -> pb.ListHoldsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListHoldsResponse:
            after = self._pages.decode(request)
            rows = await queries.holds_page(reader, lifted=request.include_lifted, after=after, size=size)
            names = await self._names(rows)
            return pb.ListHoldsResponse(
                holds=[_hold(row, names) for row in rows[:size]],
                next_page_token=self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else "",
            )

        return await self._units.query(work)

    async def GetPrivacySettings(
        self, request: pb.GetPrivacySettingsRequest, context: ServicerContext[Any, Any]
    ) -> pb.PrivacySettings:
        return _settings(await self._units.query(queries.current_settings))

    async def UpdatePrivacySettings(
        self, request: pb.UpdatePrivacySettingsRequest, context: ServicerContext[Any, Any]
    ) -> pb.PrivacySettings:
        async def work(unit: UnitOfWork) -> pb.PrivacySettings:
            await commands.change_settings(unit, request.etag, request.grace_days, request.copy_days)
            return _settings(await queries.current_settings(unit))

        return await self._units.command(request, pb.PrivacySettings, work)

    async def _ask(self, kind: Kind) -> pb.PrivacyRequest:
        async def work(unit: UnitOfWork) -> pb.PrivacyRequest:
            row = await commands.ask(unit, kind, self._services.names)
            return self._request(row, (await queries.tasks_of(unit, [row.id]))[row.id])

        return await self._as_identity(work)

    async def _confirmed(self, password: str) -> None:
        account = await self._units.query(accounts.own_credentials)
        if not await self._passwords.verify(account.password_hash, password):
            raise Invalid("PASSWORD_WRONG", fields=[FieldError("current_password", "PASSWORD_WRONG")])

    async def _as_identity(self, work: Callable[[UnitOfWork], Awaitable[R]]) -> R:
        """A person is known in many tenants, and only identity itself sees all of it."""
        return await district.act(self._units, work)

    async def _names(self, holds: Sequence[Row]) -> Mapping[str, str]:
        ids = [hold.person_id for hold in holds]
        return await self._as_identity(lambda unit: people.names(unit, ids))

    def _request(self, row: Row, tasks: Sequence[Row], *, download: bool = False) -> pb.PrivacyRequest:
        said = pb.PrivacyRequest(
            id=row.id,
            kind=KIND.number(row.kind),
            state=STATE.number(row.state),
            person=row.person_id,
            create_time=row.created_at,
            due_time=stamp(row.due_at if row.kind == Kind.ERASURE else None),
            done_time=stamp(row.done_at),
            expire_time=stamp(row.expires_at),
            blockers=[pb.Blocker(what=what, count=count) for what, count in row.blockers.items()],
            size=row.file.get("size", 0),
        )
        for task in tasks:
            said.tasks.add(
                service=task.service, done=task.done, rows=task.rows, attempts=task.attempts, error=task.error
            )
        if download and row.state == State.READY:
            said.download = self._files.download(File(**row.file), account_id=current().caller.account_id)
        return said


def _hold(row: Row, names: Mapping[str, str]) -> pb.Hold:
    return pb.Hold(
        id=row.id,
        person=row.person_id,
        person_name=names.get(row.person_id, ""),
        ground=row.ground,
        reason=row.reason,
        placed_by=row.created_by,
        create_time=row.created_at,
        lift_time=row.lifted_at,
        lift_reason=row.lift_reason,
    )


def _settings(found: queries.Settings) -> pb.PrivacySettings:
    return pb.PrivacySettings(
        version=found.version,
        grace_days=found.grace_days,
        copy_days=found.copy_days,
        source=_SOURCE,
        etag=str(found.version),
    )
