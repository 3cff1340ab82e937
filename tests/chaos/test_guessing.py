"""Promise 17: guessing a password gets nowhere, tells nothing, and locks nobody out."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import Counter

import httpx

from chassis.ids import new_id
from tests.chaos.conftest import Proof
from tests.chaos.crowd import BUSY, Crowd
from tests.chaos.visitors import Browser, newcomers
from tests.fixtures.waiting import eventually

PAIR, ADDRESS = 10, 60
"""So many failures of one login from one address, and of one address, are let through to the password."""
GAP = 0.05
AT_ONCE = 40


async def guesses(browser: Browser, logins: list[str]) -> Counter[str]:
    """Wrong passwords for these logins, many at a time; what was said, by status and reason."""
    said: Counter[str] = Counter()
    todo = iter(logins)

    async def guess() -> None:
        for login in todo:
            reply = await browser.sign_in(login, new_id())
            while reply.status_code in BUSY and "PAUSED" not in reply.text:
                await asyncio.sleep(0.3)
                reply = await browser.sign_in(login, new_id())
            if reply.status_code == 429:
                assert int(reply.headers["retry-after"]) > 0
            said[f"{reply.status_code} {reply.json()['reason']}"] += 1

    await asyncio.gather(*(guess() for _ in range(AT_ONCE)))
    return said


async def test_guessing_is_blocked_where_it_happens(proof: Proof, crowd: Crowd) -> None:
    """Both ways of guessing, all at once: many passwords for one login, one password for many logins. A
    login is never locked as such: whoever commands many addresses gets ten guesses at each of them."""
    each, addresses = proof.size(100, 1000), proof.size(2, 10)
    proof.of(
        17,
        "sign-in resists guessing: guesses",
        load=f"{addresses} addresses x {each} guesses, {AT_ONCE} at a time; {each} logins from one more",
    )
    (victim,) = await newcomers(crowd, 1)
    reached = 0
    async with Browser(crowd.stack) as at_home:
        await at_home.must_sign_in(victim)
        for _ in range(addresses):
            async with Browser(crowd.stack) as guesser:
                said = await guesses(guesser, [victim] * each)
                assert said == {
                    "401 SIGN_IN_FAILED": PAIR,
                    "429 SIGN_IN_PAUSED": each - PAIR,
                }, said
                reached += PAIR
                right = await guesser.sign_in(victim)
                assert (right.status_code, right.json()["reason"]) == (429, "SIGN_IN_PAUSED")
        async with Browser(crowd.stack) as sprayer:
            said = await guesses(sprayer, [f"nobody-{number}" for number in range(each)])
            assert said == {
                "401 SIGN_IN_FAILED": ADDRESS,
                "429 SIGN_IN_PAUSED_ADDRESS": each - ADDRESS,
            }, said
            reached += ADDRESS
        async with Browser(crowd.stack) as elsewhere:
            assert (await elsewhere.sign_in(victim)).status_code == 200, "the victim signs in elsewhere"
        async with Browser(crowd.stack, guesser.address) as neighbour:
            # Behind the guesser's own address, but in a browser that has signed in before.
            neighbour.http.cookies.update(at_home.http.cookies)
            assert (await neighbour.sign_in(victim)).status_code == 200
    total = each * (addresses + 1)
    proof.found(cases=total, figure=f"{total - reached} of {total} blocked; the victim signed in elsewhere")


async def test_timing_tells_no_login(proof: Proof, crowd: Crowd) -> None:
    """Wrong passwords for logins that exist and that do not, in turns; the promise's 5 % is asserted in full
    runs, where there are enough of them to tell."""
    pairs = proof.size(30, 600)
    proof.of(
        17, "sign-in resists guessing: timing", load=f"{pairs} known and {pairs} unknown logins in turns"
    )
    (known,) = await newcomers(crowd, 1)
    took: dict[str, list[float]] = {"known": [], "unknown": []}
    browser: Browser | None = None
    for number in range(pairs):
        if number % (PAIR - 1) == 0:  # the next address, before this one is stopped
            if browser is not None:
                await browser.http.aclose()
            browser = Browser(crowd.stack)
            await browser.sign_in(f"warm-{number}", new_id())
        assert browser is not None
        order = ("known", "unknown") if number % 2 else ("unknown", "known")
        for kind in order:
            login = known if kind == "known" else f"{known[:-4]}{number:04}"
            began = time.perf_counter()
            reply = await browser.sign_in(login, new_id())
            took[kind].append(time.perf_counter() - began)
            assert (reply.status_code, reply.json()["reason"]) == (401, "SIGN_IN_FAILED"), reply.text
    if browser is not None:
        await browser.http.aclose()
    medians = {kind: statistics.median(times) for kind, times in took.items()}
    gap = abs(medians["known"] - medians["unknown"]) / max(medians.values())
    if proof.full:
        assert gap < GAP, medians
    proof.found(
        cases=pairs * 2,
        figure=f"known {medians['known'] * 1000:.1f} ms, "
        f"unknown {medians['unknown'] * 1000:.1f} ms: {gap:.1%}",
    )


async def test_a_refresh_token_used_twice_ends_the_family(proof: Proof, crowd: Crowd) -> None:
    rounds = proof.size(2, 20)
    proof.of(
        17, "sign-in resists guessing: refresh reuse", load=f"{rounds} sessions", faults="old token again"
    )
    people = await newcomers(crowd, rounds)
    slowest = 0.0
    for login in people:
        async with Browser(crowd.stack) as owner, Browser(crowd.stack) as thief:
            await owner.must_sign_in(login)
            thief.http.cookies.update(owner.http.cookies)
            fresh = await renewed(owner)
            owner.http.headers["authorization"] = f"Bearer {fresh.json()['access_token']}"
            assert (await owner.http.get("/v1/me")).status_code == 200
            assert ended(await thief.http.post("/v1/session:refresh"))
            assert ended(await owner.http.post("/v1/session:refresh")), "the newest token is dead as well"
            began = time.monotonic()

            async def access_ended(owner: Browser = owner) -> bool:
                return (await owner.http.get("/v1/me")).status_code == 401

            await eventually(access_ended, 30)
            slowest = max(slowest, time.monotonic() - began)
            async with Browser(crowd.stack) as again:
                assert (await again.sign_in(login)).status_code == 200
    proof.found(cases=rounds * 5, figure=f"{rounds} families ended; access tokens dead after {slowest:.1f} s")


async def renewed(browser: Browser) -> httpx.Response:
    reply = await browser.http.post("/v1/session:refresh")
    return reply.raise_for_status()


def ended(reply: httpx.Response) -> bool:
    """Whether this is how the end of a session is said."""
    return (reply.status_code, reply.json()["reason"]) == (401, "SESSION_ENDED")
