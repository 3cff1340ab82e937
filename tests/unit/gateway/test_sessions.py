from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from chassis.errors import Unauthenticated, Unavailable
from gateway.settings import GatewaySettings
from louyu.identity.v1 import clients_pb2, sessions_pb2
from tests.unit.gateway.door import ACCOUNT, Door, opened

SESSIONS = "/louyu.identity.v1.SessionsService/"
TOKEN = "/louyu.identity.v1.ClientsService/IssueClientToken"
SIGN_IN = "/v1/session:sign-in"
OURS = {"origin": "http://louyu.test"}
REFRESH = "r" * 43


@pytest_asyncio.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    """A gateway whose identity knows one login."""
    async with opened(tmp_path, GatewaySettings(sign_in_pair=3, sign_in_address=5)) as found:
        identity(found)
        yield found


def identity(door: Door) -> None:
    pair = sessions_pb2.TokenPair(
        access_token="access",
        expires_in=600,
        refresh_token=REFRESH,
        refresh_expires_in=86400,
        account_id=ACCOUNT,
    )

    def sign_in(request: Any, _: dict[str, str]) -> Any:
        if request.password != "right":
            raise Unauthenticated("CREDENTIALS_INVALID")
        if request.login == "staff" and not request.totp_code:
            raise Unauthenticated("TOTP_REQUIRED")
        return pair

    def refresh(request: Any, _: dict[str, str]) -> Any:
        if request.refresh_token != REFRESH:
            raise Unauthenticated("SESSION_ENDED")
        return pair

    def client(request: Any, _: dict[str, str]) -> Any:
        if (request.client_id, request.client_secret) != ("c 1", "s:1"):
            raise Unauthenticated("CLIENT_INVALID")
        return clients_pb2.ClientToken(access_token="machine", expires_in=900)

    key = sessions_pb2.PublicKey(kid="k1", x="abc")
    door.backend.answers |= {
        SESSIONS + "SignIn": sign_in,
        SESSIONS + "RefreshSession": refresh,
        SESSIONS + "SignOut": lambda *_: sessions_pb2.SignOutResponse(),
        SESSIONS + "ListKeys": lambda *_: sessions_pb2.ListKeysResponse(keys=[key]),
        TOKEN: client,
    }


async def sign_in(door: Door, login: str = "zhang", password: str = "right", **more: Any) -> Any:
    return await door.client.post(SIGN_IN, json={"login": login, "password": password}, headers=OURS, **more)


async def test_sign_in_gives_an_access_token_and_hides_the_refresh_token(door: Door) -> None:
    reply = await sign_in(door)
    assert reply.status_code == 200
    assert (reply.json()["access_token"], reply.json()["expires_in"]) == ("access", 600)
    assert REFRESH not in reply.text
    cookie = next(c for c in reply.headers.get_list("set-cookie") if c.startswith("louyu_refresh="))
    assert {"HttpOnly", "SameSite=strict", "Path=/v1", "Max-Age=86400"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert reply.headers["cache-control"] == "no-store"
    request = door.backend.calls[0][2]
    assert request.remote_address == "203.0.113.9"


async def test_the_cookie_is_secure_where_people_come_by_https(tmp_path: Path) -> None:
    async with opened(tmp_path, GatewaySettings(public_url="https://louyu.test/")) as door:
        identity(door)
        reply = await door.client.post(
            SIGN_IN, json={"login": "zhang", "password": "right"}, headers={"x-louyu-client": "test"}
        )
        assert all("Secure" in cookie for cookie in reply.headers.get_list("set-cookie"))


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"origin": "http://louyu.test"}, True),
        ({"sec-fetch-site": "same-origin", "origin": "http://louyu.test"}, True),
        ({"x-louyu-client": "demo-loader"}, True),
        ({}, False),
        ({"origin": "http://evil.test"}, False),
        ({"origin": "null"}, False),
        ({"sec-fetch-site": "cross-site", "x-louyu-client": "x"}, False),
        ({"sec-fetch-site": "same-site", "origin": "http://louyu.test"}, False),
    ],
)
@pytest.mark.parametrize("path", [SIGN_IN, "/v1/session:refresh", "/v1/session:sign-out"])
async def test_other_sites_cannot_make_a_browser_do_it(
    door: Door, headers: dict[str, str], allowed: bool, path: str
) -> None:
    reply = await door.client.post(path, json={"login": "zhang", "password": "right"}, headers=headers)
    assert (reply.status_code == 403) == (not allowed)
    if not allowed:
        assert reply.json()["reason"] == "NOT_SAME_ORIGIN"
        assert door.backend.calls == []


async def test_refresh_takes_the_cookie_and_rotates_it(door: Door) -> None:
    await sign_in(door)
    reply = await door.client.post("/v1/session:refresh", headers=OURS)
    assert (reply.status_code, reply.json()["access_token"]) == (200, "access")
    assert "louyu_refresh=" in reply.headers["set-cookie"]


async def test_refresh_without_a_session_is_401(door: Door) -> None:
    reply = await door.client.post("/v1/session:refresh", headers=OURS)
    assert (reply.status_code, reply.json()["reason"]) == (401, "NO_SESSION")
    door.client.cookies.set("louyu_refresh", "x" * 43)
    reply = await door.client.post("/v1/session:refresh", headers=OURS)
    assert (reply.status_code, reply.json()["reason"]) == (401, "SESSION_ENDED")


async def test_sign_out_clears_the_cookie_and_may_be_repeated(door: Door) -> None:
    await sign_in(door)
    for _ in range(2):
        reply = await door.client.post("/v1/session:sign-out", json={}, headers=OURS)
        assert reply.status_code == 204
        assert "Max-Age=0" in reply.headers["set-cookie"]


async def test_the_second_factor_is_asked_for_without_counting_as_a_failure(door: Door) -> None:
    for _ in range(6):
        reply = await sign_in(door, "staff")
        assert (reply.status_code, reply.json()["reason"]) == (401, "TOTP_REQUIRED")


async def test_guessing_is_paused_where_it_happens_and_nowhere_else(door: Door) -> None:
    for _ in range(3):
        assert (await sign_in(door, password="wrong")).status_code == 401
    paused = await sign_in(door)
    assert (paused.status_code, paused.json()["reason"]) == (429, "SIGN_IN_PAUSED")
    assert int(paused.headers["retry-after"]) > 60
    assert len(door.backend.calls) == 3
    # The owner, elsewhere, is not affected; neither is another login from here.
    assert (await sign_in(door, "li")).status_code == 200
    door.client._transport.client = ("198.51.100.7", 1)  # type: ignore[attr-defined]
    assert (await sign_in(door)).status_code == 200


async def test_an_address_that_tries_many_logins_is_paused(door: Door) -> None:
    for number in range(5):
        assert (await sign_in(door, f"user{number}", "wrong")).status_code == 401
    reply = await sign_in(door)
    assert (reply.status_code, reply.json()["reason"]) == (429, "SIGN_IN_PAUSED_ADDRESS")


async def test_a_known_browser_shares_no_count_with_its_neighbours(door: Door) -> None:
    assert (await sign_in(door)).status_code == 200
    owner = dict(door.client.cookies)
    door.client.cookies.clear()
    for _ in range(3):
        await sign_in(door, password="wrong")
    assert (await sign_in(door)).status_code == 429
    door.client.cookies.update(owner)
    assert (await sign_in(door)).status_code == 200
    assert (await sign_in(door, "li")).status_code == 200


async def test_identity_being_away_costs_nobody_an_attempt(door: Door) -> None:
    def away(*_: Any) -> Any:
        raise Unavailable("DEPENDENCY_UNAVAILABLE")

    door.backend.answers[SESSIONS + "SignIn"] = away
    for _ in range(6):
        assert (await sign_in(door)).status_code == 503


@pytest.mark.parametrize(
    ("body", "field", "reason"),
    [
        ({"login": "a"}, "password", "FIELD_MISSING"),
        ({"login": "a", "password": "b", "x": 1}, "x", "FIELD_UNKNOWN"),
        ({"login": "a" * 101, "password": "b"}, "login", "FIELD_STRING_MAX_LEN"),
        ({"login": 1, "password": "b"}, "login", "FIELD_WRONG_TYPE"),
        ({"login": "a", "password": "b", "totp": "12"}, "totp", "FIELD_STRING_PATTERN"),
    ],
)
async def test_wrong_fields_of_a_sign_in_are_named(
    door: Door, body: dict[str, Any], field: str, reason: str
) -> None:
    reply = await door.client.post(SIGN_IN, json=body, headers=OURS)
    assert reply.status_code == 400
    assert [(one["field"], one["reason"]) for one in reply.json()["fields"]] == [(field, reason)]


async def test_a_program_gets_a_token_by_basic_or_form(door: Door) -> None:
    form = {"grant_type": "client_credentials"}
    by_form = await door.client.post(
        "/v1/oauth/token", data={**form, "client_id": "c 1", "client_secret": "s:1"}
    )
    by_basic = await door.client.post("/v1/oauth/token", data=form, auth=("c%201", "s%3A1"))
    for reply in (by_form, by_basic):
        assert (reply.status_code, reply.json()) == (
            200,
            {"access_token": "machine", "token_type": "Bearer", "expires_in": 900},
        )


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, 401, "invalid_client"),
        (
            {"grant_type": "client_credentials", "client_id": "c", "client_secret": "no"},
            401,
            "invalid_client",
        ),
    ],
)
async def test_a_refused_program_reads_both_kinds_of_error(
    door: Door, form: dict[str, str], status: int, error: str
) -> None:
    reply = await door.client.post("/v1/oauth/token", data=form)
    assert (reply.status_code, reply.json()["error"]) == (status, error)
    assert reply.json()["reason"]


async def test_the_published_keys_are_a_jwk_set(door: Door) -> None:
    reply = await door.client.get("/.well-known/jwks.json")
    key = {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "k1", "x": "abc"}
    assert reply.json() == {"keys": [key]}
