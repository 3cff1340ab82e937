"""From HTTP to gRPC and back, over real routes, tokens and grants."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from urllib.parse import quote

import pytest
from google.api.httpbody_pb2 import HttpBody

from chassis.errors import (
    Conflict,
    EtagRequired,
    FieldError,
    Invalid,
    KeyReused,
    Stale,
    Unavailable,
    WrongState,
)
from chassis.grants import Changes, Effective
from gateway import http
from gateway.settings import GatewaySettings
from gateway.transcoding.calls import Backends
from gateway.transcoding.contracts import rpcs
from louyu.identity.v1 import accounts_pb2
from louyu.operations.v1 import dead_letters_pb2
from louyu.ticket.v1 import requests_pb2
from tests.unit.gateway.door import ACCOUNT, LIAISON, OTHER, SUSPENDED, TENANT, TICKET, Door, opened

SERVICE = "/louyu.ticket.v1.RequestsService/"
LIST = f"/v1/tenants/{TENANT}/requests"
ASSIGN = f"{LIST}/{TICKET}:assign"


def serve_ticket(door: Door) -> None:
    ticket = requests_pb2.Ticket(id=TICKET, etag="3", state=requests_pb2.TICKET_STATE_ASSIGNED)
    for method in ("GetTicket", "AssignTicket", "CreateTicket"):
        door.backend.answers[SERVICE + method] = lambda request, headers: ticket
    page = requests_pb2.ListTicketsResponse(tickets=[ticket], next_page_token="next")
    door.backend.answers[SERVICE + "ListTickets"] = lambda request, headers: page


async def test_a_get_becomes_a_call_and_a_message_json(door: Door) -> None:
    serve_ticket(door)
    reply = await door.client.get(f"{LIST}/{TICKET}", headers={"authorization": door.token()})
    assert reply.status_code == 200
    assert reply.headers["etag"] == '"3"'
    body = reply.json()
    assert (body["state"], body["rating"], body["attachments"], body["affairs"]) == (
        "ASSIGNED",
        0,
        [],
        "UNSPECIFIED",
    )
    assert "create_time" not in body
    service, path, request, _ = door.backend.calls[0]
    assert (service, path) == ("ticket", SERVICE + "GetTicket")
    assert (request.tenant, request.id) == (TENANT, TICKET)


async def test_an_unchanged_resource_is_not_sent_again(door: Door) -> None:
    serve_ticket(door)
    headers = {"authorization": door.token(), "if-none-match": '"3"'}
    reply = await door.client.get(f"{LIST}/{TICKET}", headers=headers)
    assert (reply.status_code, reply.content) == (304, b"")


async def test_headers_travel_and_pretended_identities_do_not(door: Door) -> None:
    serve_ticket(door)
    token = door.token()
    reply = await door.client.post(
        ASSIGN,
        json={"assignee": ACCOUNT},
        headers={
            "authorization": token,
            "if-match": 'W/"7"',
            "idempotency-key": "key-1",
            "x-purpose": quote("走访"),
            "x-reason": quote("复核"),
            "accept-language": "en-GB",
            "x-request-id": "0192f0c1-0000-7000-8000-0000000000ff",
            "traceparent": "00-" + "a" * 32 + "-" + "b" * 16 + "-01",
            "x-service-authorization": "Bearer forged",
            "x-correlation-id": "forged",
            "grpc-timeout": "1n",
            "louyu-tenant": OTHER,
        },
    )
    assert reply.status_code == 200
    assert reply.headers["x-request-id"] == "0192f0c1-0000-7000-8000-0000000000ff"
    assert door.backend.calls[0][3] == {
        "authorization": token,
        "if-match": "7",
        "idempotency-key": "key-1",
        "x-purpose": quote("走访"),
        "x-reason": quote("复核"),
        "accept-language": "en",
        "x-request-id": "0192f0c1-0000-7000-8000-0000000000ff",
        "traceparent": "00-" + "a" * 32 + "-" + "b" * 16 + "-01",
    }


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("idempotency-key", "with space"),
        ("idempotency-key", "k" * 201),
        ("if-match", '"a", "b"'),
        ("x-reason", "%ff"),
        ("x-reason", "a%00b"),
        ("x-reason", quote("理" * 301)),
    ],
)
async def test_a_header_that_cannot_be_is_refused(door: Door, header: str, value: str) -> None:
    serve_ticket(door)
    headers = {"authorization": door.token(), header: value}
    reply = await door.client.post(ASSIGN, json={}, headers=headers)
    assert reply.status_code == 400
    assert door.backend.calls == []


@pytest.mark.parametrize(
    ("path", "authorization", "status", "reason"),
    [
        (LIST, "", 401, "TOKEN_REQUIRED"),
        (LIST, "Bearer nonsense", 401, "TOKEN_INVALID"),
        (LIST, "Basic dTpw", 401, "TOKEN_INVALID"),
        (f"/v1/tenants/{OTHER}/requests", "mine", 404, "TENANT_NOT_FOUND"),
        ("/v1/tenants/nonsense/requests", "mine", 404, "TENANT_NOT_FOUND"),
        (f"/v1/tenants/{SUSPENDED}/requests", "mine", 403, "TENANT_SUSPENDED"),
        (f"/v1/tenants/{TENANT}/accounts", "mine", 403, "PERMISSION_DENIED"),
        (f"/v1/tenants/{TENANT}/nothing", "mine", 404, "ROUTE_NOT_FOUND"),
        ("/v1/internal/accounts:resolve", "mine", 404, "ROUTE_NOT_FOUND"),
        ("/internal/sessions:signIn", "mine", 404, "ROUTE_NOT_FOUND"),
    ],
)
async def test_who_is_not_let_in_reaches_no_service(
    door: Door, path: str, authorization: str, status: int, reason: str
) -> None:
    headers = {"authorization": door.token() if authorization == "mine" else authorization}
    reply = await door.client.get(path, headers=headers if authorization else {})
    assert (reply.status_code, reply.json()["reason"]) == (status, reason)
    assert reply.headers["content-type"] == "application/problem+json"
    assert door.backend.calls == []
    if status == 401:
        assert reply.headers["www-authenticate"].startswith("Bearer")


async def test_an_expired_token_and_an_ended_session_are_401(door: Door) -> None:
    reply = await door.client.get(LIST, headers={"authorization": door.token(seconds=-60)})
    assert (reply.status_code, reply.json()["reason"]) == (401, "TOKEN_EXPIRED")
    door.grants.apply(Changes(position=2, sessions=["s9"]))
    reply = await door.client.get(LIST, headers={"authorization": door.token(session_id="s9")})
    assert (reply.status_code, reply.json()["reason"]) == (401, "SESSION_ENDED")


async def test_a_locked_account_is_401_at_once(door: Door) -> None:
    serve_ticket(door)
    headers = {"authorization": door.token()}
    assert (await door.client.get(LIST, headers=headers)).status_code == 200
    door.held[ACCOUNT] = Effective(False)
    door.grants.apply(Changes(position=2, accounts=[ACCOUNT]))
    reply = await door.client.get(LIST, headers=headers)
    assert (reply.status_code, reply.json()["reason"]) == (401, "ACCOUNT_NOT_ACTIVE")


async def test_a_wrong_method_names_the_right_ones(door: Door) -> None:
    reply = await door.client.delete(LIST, headers={"authorization": door.token()})
    assert (reply.status_code, reply.json()["reason"]) == (405, "METHOD_NOT_ALLOWED")
    assert reply.headers["allow"] == "GET, POST"


@pytest.mark.parametrize(
    ("method", "path", "status", "reason"),
    [
        ("GET", "/v1/session:sign-in", 405, "METHOD_NOT_ALLOWED"),
        ("DELETE", "/v1/live", 405, "METHOD_NOT_ALLOWED"),
        ("POST", "/openapi.json", 405, "METHOD_NOT_ALLOWED"),
        ("GET", f"/v1/tenants/{TENANT}/files", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/v1/live?tenant=" + "x" * 40, 400, "INVALID_REQUEST"),
    ],
)
async def test_hand_written_routes_refuse_in_the_same_words(
    door: Door, method: str, path: str, status: int, reason: str
) -> None:
    reply = await door.client.request(method, path, headers={"authorization": door.token()})
    assert (reply.status_code, reply.json()["reason"]) == (status, reason)
    assert reply.headers["content-type"] == "application/problem+json"
    if status == 405:
        assert reply.headers["allow"]


@pytest.mark.parametrize(
    ("error", "status", "more"),
    [
        (
            WrongState("TICKET_WRONG_STATE", state="closed", allowed=["reopen", "rate"]),
            409,
            {"state": "closed", "allowed": ["reopen", "rate"]},
        ),
        (Conflict("TAKEN"), 409, {}),
        (Stale(), 412, {"reason": "ETAG_MISMATCH"}),
        (EtagRequired(), 428, {"reason": "ETAG_REQUIRED"}),
        (KeyReused(), 422, {"reason": "IDEMPOTENCY_KEY_REUSED"}),
        (Unavailable("GRANTS_UNAVAILABLE", retry_after_s=2.2), 503, {}),
    ],
)
async def test_a_services_refusal_arrives_as_a_problem(
    door: Door, error: Exception, status: int, more: dict[str, Any]
) -> None:
    def refuse(*_: Any) -> Any:
        raise error

    door.backend.answers[SERVICE + "AssignTicket"] = refuse
    reply = await door.client.post(
        ASSIGN, json={"assignee": ACCOUNT}, headers={"authorization": door.token()}
    )
    body = reply.json()
    assert (reply.status_code, body["status"]) == (status, status)
    assert {key: body[key] for key in more} == more
    assert body["messages"]["zh"] == body["detail"]
    assert body["messages"]["en"]
    assert body["request_id"] == reply.headers["x-request-id"]
    assert ("retry-after" in reply.headers) == (status == 503)
    if status == 503:
        assert reply.headers["retry-after"] == "3"


async def test_wrong_fields_come_with_sentences_in_the_language_asked_for(door: Door) -> None:
    def refuse(*_: Any) -> Any:
        raise Invalid(
            "INVALID_REQUEST", fields=[FieldError("summary", "FIELD_STRING_MIN_LEN", {"limit": "2"})]
        )

    door.backend.answers[SERVICE + "CreateTicket"] = refuse
    headers = {"authorization": door.token(), "accept-language": "en"}
    body = (await door.client.post(LIST, json={"summary": "x"}, headers=headers)).json()
    assert body["detail"] == body["messages"]["en"]
    (field,) = body["fields"]
    assert (field["field"], field["reason"]) == ("summary", "FIELD_STRING_MIN_LEN")
    assert field["detail"] == field["messages"]["en"] == "Write at least 2 characters."
    assert field["messages"]["zh"] == "至少要写 2 个字。"


async def test_the_gateways_own_refusal_of_a_body_looks_the_same(door: Door) -> None:
    reply = await door.client.post(LIST, json={"sumary": "x"}, headers={"authorization": door.token()})
    assert (reply.status_code, reply.json()["reason"]) == (400, "INVALID_REQUEST")
    assert [(field["field"], field["reason"]) for field in reply.json()["fields"]] == [
        ("sumary", "FIELD_UNKNOWN")
    ]


@pytest.mark.parametrize(
    ("content", "kind", "status", "reason"),
    [
        (b"{}", "text/plain", 415, "MEDIA_TYPE_NOT_JSON"),
        (b"{}", "", 415, "MEDIA_TYPE_NOT_JSON"),
        (b"{", "application/json", 400, "MALFORMED_JSON"),
        (b'{"summary":"' + b"x" * 1_100_000 + b'"}', "application/json", 413, "BODY_TOO_LARGE"),
    ],
)
async def test_bodies_that_are_not_taken(
    door: Door, content: bytes, kind: str, status: int, reason: str
) -> None:
    headers = {"authorization": door.token(), **({"content-type": kind} if kind else {})}
    reply = await door.client.post(LIST, content=content, headers=headers)
    assert (reply.status_code, reply.json()["reason"]) == (status, reason)


async def test_an_endless_body_is_cut_off(door: Door) -> None:
    async def endless() -> Any:
        while True:
            yield b" " * 65536

    headers = {"authorization": door.token(), "content-type": "application/json"}
    reply = await door.client.post(LIST, content=endless(), headers=headers)
    assert reply.status_code == 413


async def test_a_body_that_does_not_arrive_is_not_waited_for(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "_BODY_S", 0.05)

    async def stalled() -> Any:
        yield b"{"
        await asyncio.sleep(5)

    headers = {"authorization": door.token(), "content-type": "application/json"}
    reply = await door.client.post(LIST, content=stalled(), headers=headers)
    assert (reply.status_code, reply.json()["reason"]) == (408, "BODY_TOO_SLOW")


async def test_a_service_that_is_away_is_503_with_a_sentence(door: Door) -> None:
    reply = await door.client.get(LIST, headers={"authorization": door.token()})
    assert (reply.status_code, reply.json()["reason"]) == (503, "DEPENDENCY_UNAVAILABLE")
    assert reply.json()["messages"]["zh"]
    assert reply.headers["retry-after"] == "1"


async def test_a_failure_of_ours_says_nothing_but_its_number(door: Door) -> None:
    def break_down(*_: Any) -> Any:
        raise RuntimeError("password=secret")

    door.backend.answers[SERVICE + "ListTickets"] = break_down
    reply = await door.client.get(LIST, headers={"authorization": door.token()})
    assert (reply.status_code, reply.json()["reason"]) == (500, "INTERNAL")
    assert "secret" not in reply.text


async def test_public_calls_need_no_token_and_pass_none_on(door: Door) -> None:
    path = "/louyu.identity.v1.AccountsService/OpenInvitation"
    door.backend.answers[path] = lambda request, headers: accounts_pb2.InvitationDetails()
    reply = await door.client.post("/v1/invitations:open", json={}, headers={"authorization": "Bearer stale"})
    assert reply.status_code == 200
    assert "authorization" not in door.backend.calls[0][3]


async def test_the_request_chooses_the_service_where_every_service_hosts_it(door: Door) -> None:
    path = "/louyu.operations.v1.DeadLettersService/ListDeadLetters"
    door.backend.answers[path] = lambda request, headers: dead_letters_pb2.ListDeadLettersResponse()
    headers = {"authorization": door.token()}
    address = f"/v1/tenants/{TENANT}/services/notification/dead-letters"
    assert (await door.client.get(address, headers=headers)).status_code == 200
    assert door.backend.calls[0][0] == "notification"
    reply = await door.client.get(address.replace("notification", "nobody"), headers=headers)
    assert (reply.status_code, reply.json()["reason"]) == (404, "SERVICE_NOT_FOUND")


async def test_a_document_is_for_saving(door: Door) -> None:
    path = "/louyu.membership.v1.ImportsService/ExportTemplate"
    html = HttpBody(content_type="text/html", data=b"<script>")
    door.backend.answers[path] = lambda request, headers: html
    rpc = next(rpc for rpc in rpcs() if rpc.plan.path == path)
    door.allow(rpc.plan.permission)
    address = rpc.bindings[0].template.replace("{tenant}", TENANT)
    reply = await door.client.get(address, headers={"authorization": door.token()})
    assert (reply.status_code, reply.content) == (200, b"<script>")
    assert reply.headers["content-disposition"] == 'attachment; filename="imports-template.html"'
    assert reply.headers["content-security-policy"].startswith("sandbox")
    assert reply.headers["x-content-type-options"] == "nosniff"


async def test_every_answer_is_framed(door: Door) -> None:
    for path in ("/v1/nothing", "/healthz", "/openapi.json", LIST):
        headers = (await door.client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "default-src" in headers["content-security-policy"]
        assert len(headers["x-request-id"]) == 36
        assert "strict-transport-security" not in headers


async def test_https_behind_a_trusted_proxy_turns_on_hsts(tmp_path: Path) -> None:
    async with opened(tmp_path, GatewaySettings(trusted_proxies=1)) as door:
        reply = await door.client.get("/healthz", headers={"x-forwarded-proto": "https"})
        assert "strict-transport-security" in reply.headers
    async with opened(tmp_path) as door:
        reply = await door.client.get("/healthz", headers={"x-forwarded-proto": "https"})
        assert "strict-transport-security" not in reply.headers


async def test_an_account_and_a_tenant_have_their_rates(tmp_path: Path) -> None:
    async with opened(
        # So slow that a busy machine is not given one more meanwhile.
        tmp_path,
        GatewaySettings(account_rate=0.01, account_burst=3, tenant_rate=0.01, tenant_burst=5),
    ) as door:
        serve_ticket(door)

        async def statuses(account_id: str, times: int) -> list[int]:
            headers = {"authorization": door.token(account_id)}
            return [(await door.client.get(LIST, headers=headers)).status_code for _ in range(times)]

        assert await statuses(ACCOUNT, 5) == [200, 200, 200, 429, 429]
        assert await statuses(LIAISON, 3) == [200, 200, 429]
        reply = await door.client.get(LIST, headers={"authorization": door.token()})
        assert reply.json()["reason"] == "RATE_LIMITED_ACCOUNT"
        assert int(reply.headers["retry-after"]) >= 1


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (GatewaySettings(in_flight_all=2), "OVERLOADED"),
        (GatewaySettings(in_flight=2), "OVERLOADED"),
        (GatewaySettings(in_flight=3, in_flight_tenant=2), "TENANT_OVERLOADED"),
    ],
)
async def test_who_is_too_busy_sheds_load_and_a_busy_tenant_leaves_room(
    tmp_path: Path, settings: GatewaySettings, reason: str
) -> None:
    async with opened(tmp_path, settings) as door:
        go, both_arrived = asyncio.Event(), asyncio.Event()

        async def slow(*_: Any) -> Any:
            if len(door.backend.calls) == 2:
                both_arrived.set()
            await go.wait()
            return requests_pb2.ListTicketsResponse()

        door.backend.answers[SERVICE + "ListTickets"] = slow
        headers = {"authorization": door.token()}
        calls = [asyncio.create_task(door.client.get(LIST, headers=headers)) for _ in range(2)]
        await asyncio.wait_for(both_arrived.wait(), 20)
        refused = await door.client.get(LIST, headers=headers)
        assert (refused.status_code, refused.json()["reason"]) == (503, reason)
        assert refused.headers["retry-after"] == "1"
        go.set()
        assert [(await call).status_code for call in calls] == [200, 200]
        assert (await door.client.get(LIST, headers=headers)).status_code == 200


def test_a_tenant_is_counted_over_all_services() -> None:
    backends = Backends(Mock(), GatewaySettings(in_flight_all=5, in_flight=2, in_flight_tenant=3))
    for service in ("ticket", "ticket", "window"):
        backends.enter(service, TENANT)
    with pytest.raises(Unavailable, match="TENANT_OVERLOADED"):
        backends.enter("window", TENANT)
    with pytest.raises(Unavailable, match="OVERLOADED"):
        backends.enter("ticket", OTHER)
    backends.enter("window", OTHER)
    backends.leave("ticket", TENANT)
    backends.enter("ticket", OTHER)


async def test_metrics_are_for_the_inside_only(door: Door) -> None:
    assert (await door.client.get("/metrics")).status_code == 404
