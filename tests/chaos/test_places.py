"""Promise 11: no more places are given away than there are."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import datetime, timedelta

from chassis.ids import new_id
from tests.chaos.conftest import Proof
from tests.chaos.crowd import Crowd, Json
from tests.chaos.streams import database
from tests.chaos.visitors import newcomers

PLANNER = "planner"
SEATS = 30
OFFICE = "clerk"
LAST = 3
PRICE = 30
KEPT = "SELECT account::text, state, no FROM calendar_enrolments WHERE activity_id = $1 ORDER BY no"


async def activity(crowd: Crowd, tenant: str) -> str:
    """A published activity of thirty seats."""
    path = f"/v1/tenants/{tenant}/calendar"
    listed = await crowd.call(PLANNER, "GET", f"{path}?latest_first=true&page_size=1")
    latest = listed.raise_for_status().json()["activities"][0]["end_time"]
    starts = datetime.fromisoformat(latest) + timedelta(days=2)
    body = {
        "title": "抢座",
        "kind": "SALON",
        "affairs": "SOCIAL",
        "hosts": ["UNION"],
        "audience": ["WORKERS"],
        "place": "路演厅",
        "start_time": starts.isoformat(),
        "end_time": (starts + timedelta(hours=2)).isoformat(),
        "capacity": SEATS,
        "synthetic": True,
    }
    made = (await crowd.call(PLANNER, "POST", path, body)).raise_for_status().json()
    one = f"{path}/{made['id']}:publish"
    (await crowd.call(PLANNER, "POST", one, {}, if_match=f'"{made["etag"]}"')).raise_for_status()
    return str(made["id"])


async def test_no_place_is_given_twice(proof: Proof, crowd: Crowd) -> None:
    """Seats of a calendar activity. The promise also speaks of venue bookings and of queue numbers: these do
    not exist yet, and nothing is said about them here."""
    clients, leaving = proof.size(38, 500), proof.size(4, 20)
    proof.of(
        11,
        "no oversell",
        load=f"{clients} clients for {SEATS} seats, each asking twice",
        faults=f"{leaving} of those with a seat leave at once",
    )
    tenant = await crowd.tenant(PLANNER)
    people = await newcomers(crowd, clients)
    random.Random(11).shuffle(people)
    await asyncio.gather(*(crowd.token(login) for login in people))
    path = f"/v1/tenants/{tenant}/calendar/{await activity(crowd, tenant)}"

    async def enrol(login: str) -> Json:
        reply = await crowd.call(login, "POST", f"{path}:enrol", {}, idempotency_key=new_id())
        answer: Json = reply.raise_for_status().json()
        return answer | {"login": login}

    answers = await asyncio.gather(*(enrol(login) for login in people * 2))
    states = Counter(answer["state"] for answer in answers)
    assert states == {"ENROLLED": SEATS * 2, "WAITING": (clients - SEATS) * 2}, states
    assert len({answer["id"] for answer in answers}) == clients
    rows = await stored(crowd, path)
    assert [row[1] for row in rows] == ["enrolled"] * SEATS + ["waiting"] * (clients - SEATS)
    assert [row[2] for row in rows] == list(range(1, clients + 1)), "numbers have no gap and no twin"
    waiting = {answer["account"]: answer["position"] for answer in answers if answer["state"] == "WAITING"}
    assert [waiting[row[0]] for row in rows[SEATS:]] == list(range(1, clients - SEATS + 1))

    seated = sorted({answer["login"] for answer in answers if answer["state"] == "ENROLLED"})
    gone = [crowd.call(login, "POST", f"{path}:leave", {}) for login in seated[:leaving]]
    assert {reply.status_code for reply in await asyncio.gather(*gone)} == {200}
    after = await stored(crowd, path)
    assert Counter(row[1] for row in after) == {
        "cancelled": leaving,
        "enrolled": SEATS,
        "waiting": clients - SEATS - leaving,
    }
    assert [row[1] for row in after[SEATS:]] == ["enrolled"] * leaving + ["waiting"] * (
        clients - SEATS - leaving
    ), "the wait list moves up in its order"
    shown = (await crowd.call(PLANNER, "GET", path)).json()
    assert (shown["enrolled"], shown["waiting"]) == (SEATS, clients - SEATS - leaving)
    proof.found(
        cases=clients * 2 + leaving,
        figure=f"exactly {SEATS} seats, {clients - SEATS} waiting in order without gap; {leaving} moved up",
    )


async def test_the_last_rewards_have_one_owner_each(proof: Proof, crowd: Crowd) -> None:
    """Everybody could pay for one and asks for two at once."""
    clients = proof.size(16, 200)
    proof.of(11, "no oversell: rewards", load=f"{clients} clients for {LAST} rewards, each asking twice")
    root = f"/v1/tenants/{await crowd.tenant(OFFICE)}"

    async def done(login: str, path: str, body: Json) -> Json:
        reply = await crowd.call(login, "POST", f"{root}/{path}", body, idempotency_key=new_id())
        answer: Json = reply.raise_for_status().json()
        return answer

    async def paid(login: str) -> str:
        account = await done(login, "points:open", {})
        await done(
            OFFICE, f"points/accounts/{account['id']}:post", {"delta": 2 * PRICE - 1, "reason": "值守"}
        )
        return login

    people = [await paid(login) for login in await newcomers(crowd, clients)]
    await asyncio.gather(*(crowd.token(login) for login in people))
    wanted = {"title": "最后几件", "kind": "CULTURAL", "price": PRICE, "stock": LAST, "synthetic": True}
    reward = await done(OFFICE, "rewards", wanted)

    async def redeem(login: str) -> tuple[str, str]:
        path = f"{root}/rewards/{reward['id']}:redeem"
        reply = await crowd.call(login, "POST", path, {}, idempotency_key=new_id())
        return login, "" if reply.status_code == 200 else reply.json()["reason"]

    outcomes = await asyncio.gather(*(redeem(login) for login in people * 2))
    winners = [login for login, refusal in outcomes if not refusal]
    assert len(winners) == len(set(winners)) == LAST
    assert {refusal for _, refusal in outcomes} <= {"", "REWARD_SOLD_OUT", "POINTS_TOO_FEW"}
    for login in winners:
        kept = (await crowd.call(login, "GET", f"{root}/points:mine")).raise_for_status().json()
        assert kept["balance"] == PRICE - 1, "paid once"
    async with database(crowd.stack, "membership") as connection:
        books = await connection.fetchval("SELECT sum(balance) FROM points_accounts")
        stock = await connection.fetchval("SELECT stock FROM rewards_rewards WHERE id = $1", reward["id"])
    assert (stock, books) == (0, 0), "what one account has another has given"
    proof.found(cases=len(outcomes), figure=f"{LAST} of {LAST} gone, to one person each; the ledger balances")


async def stored(crowd: Crowd, path: str) -> list[tuple[str, str, int]]:
    """Account, state and number of every enrolment, as the database has them."""
    async with database(crowd.stack, "activity") as connection:
        found = await connection.fetch(KEPT, path.rpartition("/")[2])
    return [(row["account"], row["state"], row["no"]) for row in found]
