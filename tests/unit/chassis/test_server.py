"""The interceptor: who gets through, what reaches the servicer, and what a refusal looks like."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import grpc
import pytest
import pytest_asyncio

from chassis.context import Scope, current
from chassis.errors import Conflict, FieldError, Invalid, WrongState
from chassis.grants import Changes, Held
from chassis.refusals import decode
from louyu.ticket.v1 import requests_pb2
from tests.unit.chassis.stage import ACCOUNT, BOTH, OTHER, SUSPENDED, TENANT, TICKET, Stage, staged


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged() as running:
        yield running


def get(tenant: str = TENANT) -> requests_pb2.GetTicketRequest:
    return requests_pb2.GetTicketRequest(tenant=tenant, id=TICKET)


async def test_a_call_reaches_the_servicer_with_its_context(stage: Stage) -> None:
    seen: list[Any] = []

    async def answer(request: Any) -> requests_pb2.Ticket:
        seen.append(current())
        return requests_pb2.Ticket(id=request.id)

    stage.answer = answer
    request_id = "01980000-0000-7000-8000-0000000000aa"
    reply = await stage.assign(
        if_match='W/"7"',
        x_request_id=request_id,
        idempotency_key="k-1",
        accept_language="en-GB,en;q=0.9",
        x_reason="%E5%A4%8D%E6%A0%B8",
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )
    assert reply.id == TICKET
    context = seen[0]
    assert context.request_id == context.correlation_id == request_id
    assert (context.tenant_id, context.caller.account_id, context.caller.person_id) == (TENANT, ACCOUNT, "p1")
    assert (context.mode, context.permission, context.scopes) == ("tenant", "requests.handle", (Scope("B"),))
    assert (context.locale, context.idempotency_key, context.reason) == ("en", "k-1", "复核")
    assert context.etag == stage_etag(stage) == "7"
    assert context.traceparent.startswith("00-0af7651916cd43dd8448eb211c80319c-")
    assert context.method == "RequestsService/AssignTicket"


def stage_etag(stage: Stage) -> str:
    return str(stage.seen[-1].etag)


@pytest.mark.parametrize(
    ("authorization", "reason"),
    [
        ("", "TOKEN_REQUIRED"),
        ("Bearer", "TOKEN_INVALID"),
        ("Basic abc", "TOKEN_INVALID"),
        ("Bearer abc.def.ghi", "TOKEN_INVALID"),
    ],
)
async def test_without_a_valid_token_nothing_is_served(stage: Stage, authorization: str, reason: str) -> None:
    refusal = await stage.refused(stage.assign(authorization=authorization, if_match="1"))
    assert (refusal.http_status, refusal.reason) == (401, reason)
    assert stage.seen == []


async def test_unknown_and_foreign_tenants_look_the_same(stage: Stage) -> None:
    foreign = await stage.refused(stage.call(stage.stub.GetTicket, get(OTHER)))
    nonsense = await stage.refused(stage.call(stage.stub.GetTicket, get("nonsense")))
    assert (foreign.http_status, foreign.reason) == (404, "TENANT_NOT_FOUND")
    assert replace(foreign, request_id="") == replace(nonsense, request_id="")


async def test_a_missing_permission_and_a_suspended_tenant_are_403(stage: Stage) -> None:
    suspended = await stage.refused(stage.call(stage.stub.GetTicket, get(SUSPENDED)))
    assert (suspended.http_status, suspended.reason) == (403, "TENANT_SUSPENDED")
    stage.effective = replace(stage.effective, tenants={TENANT: Held({"calendar.read": (Scope("B"),)})})
    stage.grants.apply(Changes(1, accounts=[ACCOUNT]))
    denied = await stage.refused(stage.call(stage.stub.GetTicket, get()))
    assert (denied.http_status, denied.reason) == (403, "PERMISSION_DENIED")
    assert denied.sentences["zh-CN"]
    assert denied.sentences["en"]


async def test_an_etag_is_demanded_where_the_contract_says_so(stage: Stage) -> None:
    refusal = await stage.refused(stage.assign())
    assert (refusal.http_status, refusal.reason) == (428, "ETAG_REQUIRED")


async def test_every_broken_rule_is_named_with_a_sentence_in_both_languages(stage: Stage) -> None:
    request = requests_pb2.AssignTicketRequest(tenant=TENANT, id="x", assignee="y", etag="1")
    refusal = await stage.refused(stage.call(stage.stub.AssignTicket, request))
    assert (refusal.http_status, refusal.reason) == (400, "INVALID_REQUEST")
    assert {path for path, _, _ in refusal.fields} == {"id", "assignee"}
    for _, reason, words in refusal.fields:
        assert reason == "FIELD_STRING_UUID"
        assert words["zh-CN"] == "编号格式不对。"
        assert words["en"] == "This is not an identifier."


async def test_domain_errors_travel_with_state_verbs_and_fields(stage: Stage) -> None:
    async def closed(_: Any) -> requests_pb2.Ticket:
        raise WrongState("REFUSED", state="closed", allowed=["reopen", "rate"])

    stage.answer = closed
    refusal = await stage.refused(stage.assign(if_match="1"))
    assert refusal.http_status == 409
    assert refusal.params == {"state": "closed", "allowed": "reopen,rate"}

    async def many(_: Any) -> requests_pb2.Ticket:
        raise Invalid(
            "INVALID_REQUEST", fields=[FieldError(f"rows[{i}].层", "FIELD_REQUIRED") for i in range(500)]
        )

    stage.answer = many
    refusal = await stage.refused(stage.assign(if_match="1"))
    assert len(refusal.fields) == 20
    assert refusal.fields[0][0] == "rows[0].层"

    async def twin(_: Any) -> requests_pb2.Ticket:
        raise Conflict("REFUSED", retry_after_s=1.5)

    stage.answer = twin
    refusal = await stage.refused(stage.assign(if_match="1"))
    assert (refusal.code, refusal.retry_after_s) == (grpc.StatusCode.ALREADY_EXISTS, 1.5)


async def test_what_breaks_inside_never_leaks(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    async def broken(_: Any) -> requests_pb2.Ticket:
        raise RuntimeError("secret detail 13812345678")

    stage.answer = broken
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stage.assign(if_match="1")
    refusal = decode(caught.value)
    assert (refusal.http_status, refusal.reason) == (500, "INTERNAL")
    assert refusal.request_id
    assert "secret" not in repr(caught.value)
    assert "secret" not in repr(caught.value.trailing_metadata())


async def test_a_cancellation_that_leaks_out_of_a_handler_does_not_hang_the_caller(stage: Stage) -> None:
    async def leaks(_: Any) -> requests_pb2.Ticket:
        raise asyncio.CancelledError

    stage.answer = leaks
    refusal = await stage.refused(stage.assign(if_match="1"))
    assert (refusal.http_status, refusal.reason) == (503, "DEPENDENCY_UNAVAILABLE")


async def test_a_caller_who_hangs_up_cancels_the_work(stage: Stage) -> None:
    cancelled = asyncio.Event()

    async def slow(_: Any) -> requests_pb2.Ticket:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return requests_pb2.Ticket()

    stage.answer = slow
    call = asyncio.create_task(stage.assign(if_match="1"))
    await stage.arrived.wait()
    call.cancel()
    async with asyncio.timeout(20):
        await cancelled.wait()


async def test_the_callers_deadline_ends_the_work(stage: Stage) -> None:
    async def slow(_: Any) -> requests_pb2.Ticket:
        await asyncio.sleep(60)
        return requests_pb2.Ticket()

    stage.answer = slow
    request = requests_pb2.AssignTicketRequest(tenant=TENANT, id=TICKET, assignee=ACCOUNT, etag="1")
    metadata = [("authorization", stage.authorization())]
    started = time.monotonic()
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stage.stub.AssignTicket(request, metadata=metadata, timeout=0.3)
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert time.monotonic() - started < 20


async def test_bytes_that_are_no_message_are_refused(stage: Stage) -> None:
    method: Any = stage.channel.unary_unary("/louyu.ticket.v1.RequestsService/GetTicket")
    refusal = await stage.refused(stage.call(method, b"\xff\xff\xff"))
    assert (refusal.http_status, refusal.reason) == (400, "MALFORMED_REQUEST")


async def test_unserved_and_unknown_methods_are_unimplemented(stage: Stage) -> None:
    for path in ("/louyu.ticket.v1.RequestsService/Nothing", "/no.such.Service/Get"):
        refusal = await stage.refused(stage.call(stage.channel.unary_unary(path), b""))
        assert refusal.http_status == 501


async def test_a_revoked_session_is_refused_although_its_token_lives_on(stage: Stage) -> None:
    await stage.call(stage.stub.GetTicket, get())
    stage.grants.apply(Changes(1, sessions=["s1"]))
    refusal = await stage.refused(stage.call(stage.stub.GetTicket, get()))
    assert (refusal.http_status, refusal.reason) == (401, "SESSION_ENDED")
    await stage.call(stage.stub.GetTicket, get(), authorization=stage.authorization("s2"))


async def test_grants_of_many_tenants_do_not_mix(stage: Stage) -> None:
    stage.effective = replace(
        stage.effective,
        tenants={
            TENANT: Held({"requests.read": (Scope("B"),)}),
            OTHER: Held({"requests.handle": BOTH["requests.handle"]}),
        },
    )
    assert (await stage.call(stage.stub.GetTicket, get())).id == TICKET
    assert (await stage.refused(stage.call(stage.stub.GetTicket, get(OTHER)))).reason == "PERMISSION_DENIED"
