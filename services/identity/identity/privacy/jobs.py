"""Carrying copies and erasures on, service by service, until all have answered."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import grpc
import structlog

from chassis.clocks import system_now
from chassis.context import Caller, Context
from chassis.jobs import Job
from chassis.statements import Row
from chassis.units import UnitOfWork, Units
from identity.privacy import commands, queries, rules
from identity.privacy.rules import GATEWAY, Kind, State
from identity.privacy.services import Services

EVERY_S: Final = 2.0
_log = structlog.get_logger(__name__)
_OWN: Final = Context(mode="service", caller=Caller(kind="system", service="identity/privacy"))


def privacy(services: Services) -> Job:
    """The job."""
    return Job("privacy", EVERY_S, Worker(services).run)


async def blockers(unit: UnitOfWork, services: Services, ids: Sequence[str]) -> dict[str, int] | None:
    """What is in the way of an erasure, by what it is; None while a service cannot say."""
    found: dict[str, int] = {}
    for reply in (await services.count(ids)).values():
        if reply is None:
            return None
        found |= {one.name: one.open for one in reply.collections if one.open}
    alone = await queries.lone_administrations(unit, ids)
    return found | ({rules.ADMINISTRATOR: alone} if alone else {})


class Worker:
    """One run after another; a run does what it can and leaves the rest to the next."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def run(self, units: Units) -> int:
        """Everything that is due; how many things were done."""

        async def look(unit: UnitOfWork) -> tuple[Sequence[Row], ...]:
            return (
                await queries.due(unit),
                await queries.releasable(unit),
                await queries.expired(unit),
            )

        due, releasable, expired = await units.run(_OWN, look)
        done = 0
        for request in due:
            done += await self._begin(units, request)
        for request in releasable:
            done += await units.run(_OWN, partial(commands.give_back, request=request))
        for request in expired:
            done += await self._expire(units, request)
        for request in await units.run(_OWN, queries.working):
            done += await self._carry_on(units, request)
        return done

    async def _begin(self, units: Units, request: Row) -> int:
        async def work(unit: UnitOfWork) -> int:
            ids = await queries.ids(unit, request.person_id)
            found = await blockers(unit, self._services, ids)
            if found is None:
                return 0
            if found:
                await commands.blocked(unit, request, found)
                return 0
            return await commands.begin(unit, request, self._services.names)

        return int(await units.run(_OWN, work))

    async def _expire(self, units: Units, request: Row) -> int:
        try:
            await self._services.remove_files([request.file["key"]])
        except grpc.aio.AioRpcError:
            return 0
        await units.run(_OWN, lambda unit: commands.expire(unit, request))
        return 1

    async def _carry_on(self, units: Units, request: Row) -> int:
        tasks = (await units.run(_OWN, lambda unit: queries.tasks_of(unit, [request.id])))[request.id]
        undone = {task.service: task for task in tasks if not task.done}
        turn = rules.turn(Kind(request.kind), undone)
        now = system_now()
        ready = [undone[service] for service in turn if undone[service].next_at <= now]
        done = sum(await asyncio.gather(*(self._try(units, request, task) for task in ready)))
        if done == len(undone):
            await units.run(_OWN, lambda unit: commands.finish(unit, request))
            done += 1
        return done

    async def _try(self, units: Units, request: Row, task: Row) -> int:
        service = task.service
        try:
            rows, answer = await self._do(units, request, service)
        except grpc.aio.AioRpcError as error:
            said = error.code().name
            _log.warning("privacy_waits", service=service, request=request.id, code=said)
            await units.run(
                _OWN,
                lambda unit: commands.task_failed(unit, request, service, task.attempts, said),
            )
            return 0
        await units.run(_OWN, lambda unit: commands.task_done(unit, request, service, rows, answer))
        return 1

    async def _do(self, units: Units, request: Row, service: str) -> tuple[int, list[Any]]:
        """One service's part; how many rows, and what is kept of its answer."""
        if request.kind == Kind.COPY:
            if service == GATEWAY:
                return await self._pack(units, request), []
            parts = await self._services.copy(service, request.ids)
            return sum(len(part["rows"]) for part in parts), list(parts)
        if request.state == State.RELEASING:
            if service == GATEWAY:
                return await self._services.remove_files(request.files), []
            return await self._services.release(service, request.id), []
        if service == GATEWAY:
            return await self._remove(units, request), []
        return await self._services.erase(service, request.id, request.ids, held=request.held)

    async def _pack(self, units: Units, request: Row) -> int:
        answers = await units.run(_OWN, lambda unit: queries.answers(unit, request.id))
        parts = {service: answer for service, answer in answers.items() if service != GATEWAY}
        said = {"person": request.person_id, "ids": request.ids, "copied_at": units.clock.now()}
        files, file = await self._services.pack(request.tenant_id, request.account_id, parts, said)
        await units.run(_OWN, lambda unit: commands.packed(unit, request, file))
        return files

    async def _remove(self, units: Units, request: Row) -> int:
        """The files that went with the records, and the copies that were made."""

        async def gather(unit: UnitOfWork) -> tuple[list[str], Sequence[Row]]:
            answers = await queries.answers(unit, request.id)
            keys = sorted({key for keys in answers.values() for key in keys})
            await commands.note_files(unit, request, keys)
            return keys, await queries.copies(unit, request.person_id)

        named, copies = await units.run(_OWN, gather)
        made = [copy.file["key"] for copy in copies]
        removed = await self._services.remove_files(made if request.held else [*made, *named])
        for copy in copies:
            await units.run(_OWN, partial(commands.expire, request=copy))
        return removed
