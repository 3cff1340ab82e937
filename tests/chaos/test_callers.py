"""Promise 6 between services: what is for other services is for those alone that have reason to call it.

Generated: every RPC of scope SERVICE, in the name of nobody, of a person and of each service in turn.
"""

from __future__ import annotations

import base64
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message_factory import GetMessageClass

from chassis.plans import Plan, compile_plan
from chassis.refusals import decode
from chassis.tokens import PublishedKeys, SigningKey, Tokens
from deploy.local.services import SERVICES
from deploy.local.stack import Stack
from tests.chaos.conftest import Proof
from tests.chaos.crowd import Crowd
from tests.contract import contracts

SEVERAL = "operations"
"""What every service hosts; one stands for all here."""


def between_services() -> list[tuple[ServiceDescriptor, MethodDescriptor, Plan]]:
    """Every RPC that no person calls."""
    found = ((service, method, compile_plan(service, method)) for service, method in contracts.methods())
    return [each for each in found if each[2].mode == "service"]


def proof_of(stack: Stack, name: str, target: str) -> str:
    """What proves a service to another."""
    seed = base64.b64decode(stack.environment(name)["LOUYU_SERVICE_KEY"])

    async def nobody_published() -> dict[str, bytes]:
        return {}

    return Tokens(name, PublishedKeys(nobody_published), {}, SigningKey(name, seed)).for_service(target)


async def refused(channel: grpc.aio.Channel, method: MethodDescriptor, path: str, **metadata: str) -> str:
    """The reason of the refusal of an empty request; empty where it was answered."""
    call: Any = channel.unary_unary(path, response_deserializer=bytes)
    empty = GetMessageClass(method.input_type)().SerializeToString()
    try:
        await call(
            empty, metadata=[(key.replace("_", "-"), each) for key, each in metadata.items()], timeout=10
        )
    except grpc.aio.AioRpcError as error:
        return decode(error).reason
    return ""


async def test_services_call_only_what_is_theirs(proof: Proof, crowd: Crowd) -> None:
    rpcs = between_services()
    proof.of(6, "services call only what is theirs", load=f"{len(rpcs)} RPCs x {len(SERVICES) + 2} callers")
    wrong: list[str] = []
    cases = turned_away = 0
    person = await crowd.token("admin")
    for service, method, plan in rpcs:
        package = service.full_name.split(".")[1]
        host = "ticket" if package == SEVERAL else package
        address = f"127.0.0.1:{crowd.stack.around.ports[f'{host}-grpc']}"
        async with grpc.aio.insecure_channel(address) as channel:
            for who in ({}, {"authorization": person}):
                cases += 1
                if await refused(channel, method, plan.path, **who) != "SERVICE_TOKEN_REQUIRED":
                    wrong.append(f"{plan.path} is not refused to {'a person' if who else 'nobody'}")
            for name in SERVICES:
                cases += 1
                shown = proof_of(crowd.stack, name, host)
                reason = await refused(channel, method, plan.path, x_service_authorization=shown)
                if plan.callers and name not in plan.callers:
                    turned_away += 1
                    if reason != "PERMISSION_DENIED":
                        wrong.append(f"{plan.path} is not refused to {name}: {reason or 'answered'}")
                elif reason in ("SERVICE_TOKEN_REQUIRED", "TOKEN_INVALID", "PERMISSION_DENIED", "INTERNAL"):
                    wrong.append(f"{plan.path} is refused to {name}: {reason}")
    assert wrong == []
    proof.found(cases=cases, figure=f"{turned_away} services turned away, every other one let in")


@pytest.mark.parametrize(("service", "method", "plan"), between_services())
def test_callers_are_services_that_there_are(
    service: ServiceDescriptor, method: MethodDescriptor, plan: Plan
) -> None:
    assert plan.callers <= set(SERVICES)
