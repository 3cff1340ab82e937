"""What operators do to a running process: walk its clock, look at its dead letters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from google.protobuf.duration_pb2 import Duration

from chassis.clocks import BusinessClock, system_now
from chassis.consumer import Consumer, ConsumerRunner
from chassis.dead_letters import DeadLetters
from chassis.errors import Invalid, NotFound
from chassis.ids import new_id
from chassis.jobs import Job, JobRunner
from chassis.operations import Clock, Quiescence
from chassis.pages import PageTokens
from chassis.units import Units
from louyu.operations.v1 import clock_pb2, dead_letters_pb2
from tests.integration.chassis.conftest import TENANT

LETTER = """
INSERT INTO dead_letters (consumer, event_id, tenant_id, event_type, aggregate_id, seq, headers, payload,
                          error, attempts, waiting, created_at)
VALUES ('watching', $1, $2, 'louyu.ticket.v1.TicketStarted', $3, 1, '{}', '', 'ValueError: no', 3, false,
        clock_timestamp())
"""


def offset(value: timedelta, *, run_jobs: bool = True) -> clock_pb2.ApplyOffsetRequest:
    duration = Duration()
    duration.FromTimedelta(value)
    return clock_pb2.ApplyOffsetRequest(offset=duration, run_jobs=run_jobs)


async def test_the_clock_walks_forward_and_due_work_is_done_before_the_answer(units: Units) -> None:
    clock = BusinessClock()
    due = [system_now() - timedelta(days=days) for days in (25, 15, 5)]
    done = []

    async def run(_: Units) -> int:
        """One piece of work at a time, as a job that works in batches does."""
        ready = [moment for moment in due if moment <= clock.now()]
        if ready:
            due.remove(ready[0])
            done.append(ready[0])
        return len(ready[:1])

    servicer = Clock(clock, Quiescence(units, {}, JobRunner(units, [Job("closing", 3600, run)])))
    answer = await servicer.ApplyOffset(offset(timedelta(days=-30)), None)
    assert (answer.jobs_run, done) == (0, [])
    answer = await servicer.ApplyOffset(offset(timedelta(days=-10)), None)
    assert (answer.jobs_run, len(done)) == (2, 2)
    said = answer.business_time.ToDatetime(tzinfo=system_now().tzinfo)
    assert abs(said - (system_now() - timedelta(days=10))) < timedelta(minutes=1)
    answer = await servicer.ApplyOffset(offset(timedelta(0), run_jobs=False), None)
    assert (answer.jobs_run, len(done)) == (0, 2)
    for wrong in (timedelta(days=-1), timedelta(days=1)):
        with pytest.raises(Invalid) as refused:
            await servicer.ApplyOffset(offset(wrong), None)
        assert refused.value.reason == "CLOCK_NOT_FORWARD"


async def test_dead_letters_are_listed_in_pages_of_one_service(
    units: Units, superuser: asyncpg.Connection[asyncpg.Record]
) -> None:
    ids = [new_id() for _ in range(5)]
    for identifier in ids:
        await superuser.execute(LETTER, identifier, TENANT, new_id())

    async def apply(_: Any, __: Any) -> None:
        """Nothing to do."""

    bus: Any = type("Bus", (), {"jetstream": lambda self, timeout: None})()
    runner = ConsumerRunner(units, bus, Consumer("watching", "ticket", ("ticket",), apply))
    servicer = DeadLetters(units, {"watching": runner}, PageTokens(b"x" * 32))
    request = dead_letters_pb2.ListDeadLettersRequest(tenant=TENANT, service="ticket", page_size=2)
    seen: list[str] = []
    while True:
        page = await servicer.ListDeadLetters(request, None)
        seen += [letter.id for letter in page.dead_letters]
        if not page.next_page_token:
            break
        request.page_token = page.next_page_token
    assert seen == ids
    letter = page.dead_letters[0]
    assert (letter.consumer, letter.event_seq, letter.attempts) == ("watching", 1, 3)
    assert letter.error == "ValueError: no"

    # Its headers are empty: it cannot be read, so it fails again and stays.
    again = dead_letters_pb2.ReplayDeadLetterRequest(tenant=TENANT, service="ticket", id=ids[0])
    replayed = await servicer.ReplayDeadLetter(again, None)
    assert (replayed.applied, replayed.remaining) == (0, 1)
    for wrong in (
        dead_letters_pb2.ReplayDeadLetterRequest(tenant=TENANT, service="ticket", id=new_id()),
        dead_letters_pb2.ReplayDeadLetterRequest(tenant=TENANT, service="window", id=ids[0]),
    ):
        with pytest.raises(NotFound):
            await servicer.ReplayDeadLetter(wrong, None)
