"""The gateway in front of real identity and ticket processes."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from tests.fixtures.waiting import eventually
from tests.integration.gateway.house import OURS, PASSWORD, House

JPEG = b"\xff\xd8\xff\xe0" + b"x" * 5000 + b"\xff\xd9"


def one(house: House, rest: str) -> str:
    return f"/v1/tenants/{house.tenants['one']}/{rest}"


async def test_a_request_travels_with_its_versions(house: House) -> None:
    ticket = await house.ticket()
    assert ticket["state"] == "SUBMITTED"
    assert ticket["item_name_zh"] == "代理记账"
    read = await house.call("worker", "GET", one(house, f"requests/{ticket['id']}"))
    assert (read.status_code, read.json()["id"], read.headers["etag"]) == (
        200,
        ticket["id"],
        f'"{ticket["etag"]}"',
    )
    triage = one(house, f"requests/{ticket['id']}:triage")
    missing = await house.call("secretary", "POST", triage, {"urgency": "URGENT"})
    assert (missing.status_code, missing.json()["reason"]) == (428, "ETAG_REQUIRED")
    stale = await house.call("secretary", "POST", triage, {"urgency": "URGENT"}, headers={"if-match": '"99"'})
    assert (stale.status_code, stale.json()["reason"]) == (412, "ETAG_MISMATCH")
    headers = {"if-match": read.headers["etag"]}
    done = await house.call("secretary", "POST", triage, {"urgency": "URGENT"}, headers=headers)
    assert (done.status_code, done.json()["state"], done.json()["urgency"]) == (200, "TRIAGED", "URGENT")


async def test_a_wrong_state_names_the_verbs_that_are_allowed(house: House) -> None:
    ticket = await house.ticket()
    reply = await house.call(
        "secretary", "POST", one(house, f"requests/{ticket['id']}:resolve"), {"result": "好了"}
    )
    body = reply.json()
    assert (reply.status_code, body["status"]) == (409, 409)
    assert body["allowed"]
    assert body["messages"]["zh"]
    assert body["messages"]["en"]


async def test_a_field_that_breaks_a_rule_is_named_in_both_languages(house: House) -> None:
    body = {"service_item_id": house.item, "summary": "x", "enterprise_id": "no"}
    reply = await house.call("worker", "POST", one(house, "requests"), body)
    assert reply.status_code == 400
    fields = {field["field"]: field for field in reply.json()["fields"]}
    assert {"summary", "enterprise_id"} <= fields.keys()
    assert fields["summary"]["messages"]["zh"]


async def test_a_repeated_key_has_one_effect(house: House) -> None:
    body = {"service_item_id": house.item, "summary": "同一件事"}
    headers = {"idempotency-key": "only-once-0001"}
    replies = await asyncio.gather(
        *(house.call("worker", "POST", one(house, "requests"), body, headers=headers) for _ in range(6))
    )
    assert {reply.status_code for reply in replies} <= {200, 409}
    again = await house.call("worker", "POST", one(house, "requests"), body, headers=headers)
    assert {reply.json()["id"] for reply in (*replies, again) if reply.status_code == 200} == {
        again.json()["id"]
    }
    other = await house.call(
        "worker", "POST", one(house, "requests"), {**body, "summary": "另一件"}, headers=headers
    )
    assert (other.status_code, other.json()["reason"]) == (422, "IDEMPOTENCY_KEY_REUSED")


async def test_pages_follow_each_other(house: House) -> None:
    made = [(await house.ticket())["id"] for _ in range(5)]
    seen: list[str] = []
    token = ""
    while True:
        query = f"page_size=2&mine=true{f'&page_token={token}' if token else ''}"
        page = (await house.call("worker", "GET", one(house, f"requests?{query}"))).json()
        seen += [ticket["id"] for ticket in page["tickets"]]
        token = page["next_page_token"]
        if not token:
            break
    assert set(made) <= set(seen)
    assert len(seen) == len(set(seen))


async def test_another_tenants_door_does_not_exist(house: House) -> None:
    ticket = await house.ticket()
    two = house.tenants["two"]
    for who, path in (
        ("secretary", f"/v1/tenants/{two}/requests"),
        ("neighbour", one(house, f"requests/{ticket['id']}")),
        ("neighbour", f"/v1/tenants/{two}/requests/{ticket['id']}"),
        ("worker", "/v1/tenants/0192f0c1-0000-7000-8000-0000000000aa/requests"),
    ):
        reply = await house.call(who, "GET", path)
        assert reply.status_code == 404, (who, path, reply.text)
    assert (await house.call("", "GET", one(house, "requests"))).status_code == 401


async def test_a_photo_goes_with_a_ticket_and_is_read_by_whom_the_ticket_allows(house: House) -> None:
    sent = await house.client.post(
        one(house, "files"),
        files={"file": ("漏水.jpg", JPEG, "image/jpeg")},
        headers={"authorization": f"Bearer {house.tokens['worker']}"},
    )
    assert sent.status_code == 201, sent.text
    stolen = await house.call(
        "secretary",
        "POST",
        one(house, "requests"),
        {"service_item_id": house.item, "summary": "别人的文件", "attachments": [sent.json()["reference"]]},
    )
    assert stolen.status_code == 400
    ticket = await house.ticket(attachments=[sent.json()["reference"]])
    seen = (await house.call("secretary", "GET", one(house, f"requests/{ticket['id']}"))).json()
    (attachment,) = seen["attachments"]
    assert (attachment["name"], attachment["media_type"], attachment["size"]) == (
        "漏水.jpg",
        "image/jpeg",
        str(len(JPEG)),
    )
    read = await house.call("secretary", "GET", f"/v1/files/{attachment['id']}")
    assert (read.status_code, read.content) == (200, JPEG)
    for who in ("neighbour", "worker"):
        assert (await house.call(who, "GET", f"/v1/files/{attachment['id']}")).status_code == 404


class Channel:
    """Reads `/v1/live`."""

    def __init__(self, house: House, who: str, query: str = "") -> None:
        headers = {"authorization": f"Bearer {house.tokens[who]}"}
        self._stream = house.client.stream("GET", f"/v1/live{query}", headers=headers)
        self.hints: list[dict[str, Any]] = []
        self.begun = asyncio.Event()
        """Set by the first line: from then on nothing is missed."""
        self.ended = asyncio.Event()

    async def __aenter__(self) -> Channel:
        self._response: httpx.Response = await self._stream.__aenter__()
        assert self._response.status_code == 200
        self._reading = asyncio.create_task(self._read())
        async with asyncio.timeout(60):
            await self.begun.wait()
        return self

    async def __aexit__(self, *error: Any) -> None:
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        await self._stream.__aexit__(*error)

    async def _read(self) -> None:
        async for line in self._response.aiter_lines():
            self.begun.set()
            if line.startswith("data: "):
                self.hints.append(json.loads(line[6:]))
        self.ended.set()

    async def until(self, found: Any, seconds: float = 60) -> bool:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            if any(found(hint) for hint in self.hints):
                return True
            await asyncio.sleep(0.05)
        return False


async def test_changes_are_seen_live_by_who_may_see_them(house: House) -> None:
    async with (
        Channel(house, "secretary", f"?tenant={house.tenants['one']}") as secretary,
        Channel(house, "neighbour") as neighbour,
    ):
        ticket = await house.ticket()
        assert await secretary.until(lambda hint: hint["aggregate_id"] == ticket["id"])
        hint = next(hint for hint in secretary.hints if hint["aggregate_id"] == ticket["id"])
        assert (hint["aggregate"], hint["tenant"], hint["seq"]) == ("ticket", house.tenants["one"], 1)
        assert hint["type"] == "louyu.ticket.v1.TicketOpened"
        assert not [hint for hint in neighbour.hints if hint["tenant"] == house.tenants["one"]]


async def refused_in_time(read: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    """What a read is refused with after a revocation: one that begins 5 s later is not let in any more.
    A process that could not ask for so long says 503 to everybody; then it learns why."""
    ends = time.monotonic() + 5
    async with asyncio.timeout(60):
        while True:
            asked = time.monotonic()
            reply = await read()
            if reply.status_code == 200:
                assert asked < ends, "let in more than 5 s after the revocation"
            elif reply.status_code != 503:
                return reply
            await asyncio.sleep(0.1)


async def test_a_session_lives_by_its_cookie_and_dies_at_sign_out(house: House) -> None:
    async with httpx.AsyncClient(base_url=house.stack.url, trust_env=False) as browser:
        body = {"login": "worker", "password": PASSWORD}
        signed = await browser.post("/v1/session:sign-in", json=body, headers=OURS)
        assert signed.status_code == 200
        old = browser.cookies["louyu_refresh"]
        renewed = await browser.post("/v1/session:refresh", headers=OURS)
        assert renewed.status_code == 200
        assert browser.cookies["louyu_refresh"] != old
        headers = {"authorization": f"Bearer {renewed.json()['access_token']}"}
        assert (await browser.get("/v1/me", headers=headers)).status_code == 200
        assert (await browser.post("/v1/session:sign-out", json={}, headers=OURS)).status_code == 204
        reply = await refused_in_time(lambda: browser.get("/v1/me", headers=headers))
        assert (reply.status_code, reply.json()["reason"]) == (401, "SESSION_ENDED")
        assert (await browser.post("/v1/session:refresh", headers=OURS)).status_code == 401


async def test_a_reused_refresh_token_ends_its_family(house: House) -> None:
    async with httpx.AsyncClient(base_url=house.stack.url, trust_env=False) as browser:
        await browser.post(
            "/v1/session:sign-in", json={"login": "worker", "password": PASSWORD}, headers=OURS
        )
        stolen = {"cookie": f"louyu_refresh={browser.cookies['louyu_refresh']}", **OURS}
        assert (await browser.post("/v1/session:refresh", headers=OURS)).status_code == 200
        current = {"cookie": f"louyu_refresh={browser.cookies['louyu_refresh']}", **OURS}
        browser.cookies.clear()
        assert (await browser.post("/v1/session:refresh", headers=stolen)).status_code == 401
        assert (await browser.post("/v1/session:refresh", headers=current)).status_code == 401


async def test_guessing_is_paused_for_the_guesser(house: House) -> None:
    replies = [await house.sign_in("neighbour", f"wrong-{number}") for number in range(5)]
    assert [reply.status_code for reply in replies] == [401] * 4 + [429]
    assert replies[-1].json()["reason"] == "SIGN_IN_PAUSED"


async def test_the_gateway_publishes_the_keys_that_verify_its_tokens(house: House) -> None:
    keys = (await house.client.get("/.well-known/jwks.json")).json()["keys"]
    assert {key["crv"] for key in keys} == {"Ed25519"}


async def test_a_suspended_tenant_is_refused_at_the_gateway(house: House) -> None:
    two = house.tenants["two"]
    held = f"/v1/tenants/{two}/requests"
    assert (await house.call("neighbour", "GET", held)).status_code == 200
    path = f"/v1/tenants/{house.district}/tenants/{two}"
    etag = (await house.call("officer", "GET", path)).headers["etag"]
    done = await house.call(
        "officer", "POST", f"{path}:suspend", {"reason": "演练"}, headers={"if-match": etag}
    )
    assert done.status_code == 200, done.text
    reply = await refused_in_time(lambda: house.call("neighbour", "GET", held))
    assert (reply.status_code, reply.json()["reason"]) == (403, "TENANT_SUSPENDED")
    etag = (await house.call("officer", "GET", path)).headers["etag"]
    again = await house.call("officer", "POST", f"{path}:activate", {}, headers={"if-match": etag})
    assert again.status_code == 200, again.text


async def test_a_service_that_is_down_is_503_and_comes_back(house: House) -> None:
    house.stack["ticket"].kill()
    reply = await house.call("worker", "GET", one(house, "requests"))
    assert reply.status_code in (200, 503)
    if reply.status_code == 503:
        assert reply.headers["retry-after"]
        assert reply.json()["messages"]["zh"]

    async def back() -> bool:
        return (await house.call("worker", "GET", one(house, "requests"))).status_code == 200

    await eventually(back, 120)
