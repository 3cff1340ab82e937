"""The dead letters of this process, as operators see and replay them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis import dead_letters
from chassis.consumer import ConsumerRunner
from chassis.context import Caller, Context
from chassis.errors import NotFound
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Units
from louyu.operations.v1 import dead_letters_pb2
from louyu.operations.v1.dead_letters_pb2_grpc import DeadLettersServiceServicer

_CONSUMER = Context(mode="consumer", caller=Caller(kind="system", service="dead-letters"))


class DeadLetters(DeadLettersServiceServicer):
    """Lists and replays what this process could not apply."""

    def __init__(self, units: Units, runners: Mapping[str, ConsumerRunner], pages: PageTokens) -> None:
        self._units = units
        self._runners = dict(runners)
        self._pages = pages

    def _check(self, service: str) -> None:
        if service != self._units.database.service:
            raise NotFound("SERVICE_NOT_FOUND")

    async def ListDeadLetters(
        self, request: dead_letters_pb2.ListDeadLettersRequest, context: Any
    ) -> dead_letters_pb2.ListDeadLettersResponse:
        self._check(request.service)
        after = self._pages.decode(request)
        key = (datetime.fromisoformat(after[0]), after[1]) if after else None
        size = page_size(request.page_size)
        # The letters of every tenant: read as a consumer, since a dead letter may name no tenant at all.
        rows = await self._units.run(_CONSUMER, lambda unit: dead_letters.page(unit, key, size))
        reply = dead_letters_pb2.ListDeadLettersResponse(dead_letters=[_letter(row) for row in rows[:size]])
        if len(rows) > size:
            last = rows[size - 1]
            reply.next_page_token = self._pages.encode(request, (last.created_at.isoformat(), last.event_id))
        return reply

    async def ReplayDeadLetter(
        self, request: dead_letters_pb2.ReplayDeadLetterRequest, context: Any
    ) -> dead_letters_pb2.ReplayDeadLetterResponse:
        self._check(request.service)
        applied, remaining = await dead_letters.replay(self._units, self._runners, request.id)
        return dead_letters_pb2.ReplayDeadLetterResponse(applied=applied, remaining=remaining)


def _letter(row: Row) -> dead_letters_pb2.DeadLetter:
    letter = dead_letters_pb2.DeadLetter(
        id=row.event_id,
        consumer=row.consumer,
        event_tenant=row.tenant_id,
        event_type=row.event_type,
        aggregate_id=row.aggregate_id,
        event_seq=row.seq,
        error=row.error,
        waiting=row.waiting,
        attempts=row.attempts,
    )
    letter.create_time.FromDatetime(row.created_at)
    return letter
