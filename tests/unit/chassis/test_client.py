"""Outgoing calls: what travels along, how long they may take, what is tried again."""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import Any

import grpc
import pytest

from chassis import tracing
from chassis.client import (
    CALL_S,
    Channels,
    Deadline,
    act_for,
    forwarded,
    remaining_s,
    service_config,
    target_of,
)
from chassis.context import Context, bind
from chassis.errors import Invalid
from chassis.plans import compile_plan, compile_service
from chassis.tokens import PublishedKeys, SigningKey, Tokens
from chassis.validation import check
from louyu.identity.v1 import grants_pb2
from louyu.identity.v1.grants_pb2_grpc import GrantsServiceStub
from louyu.ticket.v1 import requests_pb2
from tests.unit.chassis.stage import TENANT


async def keys() -> dict[str, bytes]:
    return {}


def tokens() -> Tokens:
    return Tokens("ticket", PublishedKeys(keys), {}, SigningKey("ticket", b"3" * 32))


async def test_calls_carry_credentials_context_and_deadline() -> None:
    seen: dict[str, Any] = {}

    async def answer(request: bytes, call: Any) -> bytes:
        seen.update(call.invocation_metadata())
        seen["left"] = call.time_remaining()
        return b""

    class Everything(grpc.GenericRpcHandler):
        def service(self, handler_call_details: Any) -> Any:
            return grpc.unary_unary_rpc_method_handler(answer)

    server = grpc.aio.server()
    server.add_generic_rpc_handlers((Everything(),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    channels = Channels({"identity": f"127.0.0.1:{port}"}, tokens())
    stub = GrantsServiceStub(channels.to("identity"))
    assert channels.to("identity") is channels.to("identity")
    context = Context(
        request_id="r", correlation_id="c", traceparent="tp", locale="en", idempotency_key="k", reason="复核"
    )
    try:
        with bind(context):
            act_for("Bearer user")
            async with Deadline(4.5):
                await stub.ListGrantChanges(grants_pb2.ListGrantChangesRequest())
        assert seen["x-service-authorization"].startswith("Bearer ")
        assert (seen["authorization"], seen["x-request-id"], seen["x-correlation-id"]) == (
            "Bearer user",
            "r",
            "c",
        )
        assert (seen["traceparent"], seen["accept-language"], seen["idempotency-key"]) == ("tp", "en", "k")
        assert seen["x-reason"] == "%E5%A4%8D%E6%A0%B8"
        assert seen["left"] < 4.5 < CALL_S
    finally:
        await channels.close()
        await server.stop(0)
    with pytest.raises(LookupError, match="window"):
        channels.to("window")


async def test_time_that_is_left() -> None:
    assert remaining_s() == CALL_S
    async with Deadline(100.0):
        assert 80.0 < remaining_s(1000.0) < 100.0
        assert remaining_s(0.2) == 0.2
    assert remaining_s() == CALL_S
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        async with Deadline(0.05):
            await asyncio.sleep(60)
    assert time.monotonic() - started < 20


def test_nothing_empty_is_forwarded() -> None:
    assert forwarded("Bearer s") == [("x-service-authorization", "Bearer s"), ("accept-language", "zh-CN")]


def test_only_reads_are_tried_again() -> None:
    config = json.loads(service_config("ticket"))
    assert config["loadBalancingConfig"] == [{"round_robin": {}}]
    names = {name["method"] for name in config["methodConfig"][0]["name"]}
    assert {"GetTicket", "ListTickets"} <= names
    assert not names & {"CreateTicket", "AssignTicket"}
    assert "methodConfig" not in json.loads(service_config("nowhere"))


@pytest.mark.parametrize(
    ("address", "target", "replicas"),
    [
        ("127.0.0.1:1", "127.0.0.1:1", False),
        ("ticket:1", "ticket:1", False),
        ("dns:///ticket:1", "dns:///ticket:1", True),
        ("127.0.0.1:1,127.0.0.1:2", "ipv4:127.0.0.1:1,127.0.0.1:2", True),
        ("[::1]:1,[::1]:2", "ipv6:[::1]:1,[::1]:2", True),
    ],
)
def test_replicas_are_asked_whether_they_drain(address: str, target: str, replicas: bool) -> None:
    assert target_of(address) == (target, replicas)
    config = json.loads(service_config("ticket", replicas=replicas))
    assert ("healthCheckConfig" in config) == replicas


def test_a_plan_says_what_the_contract_says() -> None:
    service = requests_pb2.DESCRIPTOR.services_by_name["RequestsService"]
    plan = compile_service(service)["/louyu.ticket.v1.RequestsService/AssignTicket"]
    assert (plan.permission, plan.mode, plan.reads) == ("requests.handle", "tenant", False)
    assert plan.etag_required
    assert plan.fills_etag
    assert compile_plan(service, service.methods_by_name["GetTicket"]).reads


@pytest.mark.parametrize(
    ("wrong", "path", "reason", "limit"),
    [
        ({"summary": "x"}, "summary", "FIELD_STRING_MIN_LEN", "2"),
        ({"summary": "x" * 1001}, "summary", "FIELD_STRING_MAX_LEN", "1000"),
        ({"attachments": ["ok", ""]}, "attachments[1]", "FIELD_STRING_MIN_LEN", "1"),
        ({"attachments": ["a"] * 10}, "attachments", "FIELD_REPEATED_MAX_ITEMS", "9"),
        ({"urgency": 77}, "urgency", "FIELD_ENUM_DEFINED_ONLY", ""),
    ],
)
def test_broken_rules_are_named(wrong: dict[str, Any], path: str, reason: str, limit: str) -> None:
    good: dict[str, Any] = {"tenant": TENANT, "service_item_id": TENANT, "summary": "代理记账"}
    check(requests_pb2.CreateTicketRequest(**good))
    with pytest.raises(Invalid) as refused:
        check(requests_pb2.CreateTicketRequest(**(good | wrong)))
    assert [(error.field, error.reason) for error in refused.value.fields] == [(path, reason)]
    assert refused.value.fields[0].params["limit"] == limit


def test_a_number_out_of_range_names_both_ends() -> None:
    with pytest.raises(Invalid) as refused:
        check(requests_pb2.ListTicketsRequest(tenant=TENANT, page_size=500))
    assert refused.value.fields[0].reason == "FIELD_NUMBER_GTE_LTE"
    assert refused.value.fields[0].params["limit"] == "0–100"


def test_trace_context_goes_on_and_malformed_ones_are_replaced() -> None:
    known = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert tracing.start("x", known).traceparent == known
    for bad in ("", "00-" + "0" * 32 + "-b7ad6b7169203331-01", known.upper(), known + "x"):
        fresh = tracing.start("x", bad).traceparent
        assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-00", fresh)
        assert fresh != bad
