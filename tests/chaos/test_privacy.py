"""Promise 23: a person's copy is complete, the erased are gone, what a legal hold keeps is only stored."""

from __future__ import annotations

import asyncio
import io
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import orjson
import pytest

from demo.client import People, Refused
from demo.settings import OPERATOR, PASSWORD
from deploy.local.services import WITH_DATABASE
from deploy.local.stack import Stack
from tests.chaos import streams
from tests.chaos.conftest import Proof
from tests.chaos.crowd import Crowd
from tests.chaos.test_events import settled
from tests.chaos.test_records import dump, files
from tests.fixtures.canaries import id_number, phone, shapes
from tests.fixtures.waiting import eventually

Reply = dict[str, Any]
OFFICER, REGISTRAR, CLERK, HANDLER, PLANNER = "privacy", "secretary", "clerk", "clerk2", "planner"
WINDOW = "tax"
LEFT_OUT = {"idempotency_keys", "privacy_tasks", "dead_letters"}
"""Tables that repeat what others hold, and are in no copy."""
STORED_ONLY = "privacy_held"
DOWN = "window"
"""The service that is away while people are erased."""


def picture(words: str) -> bytes:
    """A small PNG that says something where nobody looks."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    said = chunk(b"tEXt", b"Comment\0" + words.encode())
    return b"\x89PNG\r\n\x1a\n" + head + said + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


@dataclass
class Seeded:
    """A person, and the map of what was said about them: (service, collection, column) → the words."""

    mark: str
    login: str
    person: str = ""
    account: str = ""
    ticket: str = ""
    photo: bytes = b""
    map: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def says(self, service: str, collection: str, column: str) -> str:
        """Words that nobody else uses, for one place of the map."""
        words = f"{self.mark}{collection}之{column}"
        self.map[service, collection, column] = words
        return words

    @property
    def canaries(self) -> list[str]:
        """Everything that must not be found any more: what is this person's alone."""
        numbers = [self.map["identity", "people_persons", name] for name in ("id_number", "phone")]
        own = [words for words in self.map.values() if self.mark in words or self.login in words]
        return sorted({self.mark, self.login, *numbers, *own})


class Places:
    """华融国际大厦, its tax counter, and those who work there."""

    def __init__(self, people: People, tenants: dict[str, str]) -> None:
        self.people = people
        self.district = f"/v1/tenants/{tenants['district']}"
        self.tower = f"/v1/tenants/{tenants['tower']}"
        self.tower_id = tenants["tower"]
        self.tax = f"/v1/tenants/{tenants['tax']}"
        self.item: Reply = {}
        self.matter: Reply = {}

    async def open(self) -> None:
        """Find something to order and something to file."""
        listed = await self.people.get("worker", f"{self.tower}/catalogue", page_size=100)
        for row in listed["service_items"]:
            whole = await self.people.get("worker", f"{self.tower}/catalogue/{row['id']}")
            if row["live"] and not (whole.get("form") or {}).get("required"):
                self.item = row
                break
        offers = await self.people.get("worker", f"{self.tower}/building-matters", page_size=100)
        self.matter = next(
            row for row in offers["matters"] if row["matter"]["department_name_zh"] == "税务局"
        )
        for who in (HANDLER, CLERK):
            await self.people.sign_in(who)

    async def seed(self, number: int, dice: random.Random) -> Seeded:
        """A person with something in every service, by the public API alone."""
        tag = f"{dice.randrange(10**8):08}"
        one = Seeded(mark=f"金丝雀{tag}", login=f"canary{tag}")
        await self._identity(one, dice)
        await asyncio.gather(
            self._ticket(one), self._activity(one, number), self._case(one), self._firm(one, number)
        )
        return one

    async def _identity(self, one: Seeded, dice: random.Random) -> None:
        people = self.people
        identity, mobile = id_number(dice), phone(dice)
        one.map["identity", "people_persons", "id_number"] = identity
        one.map["identity", "people_persons", "phone"] = mobile
        body = {
            "name": one.says("identity", "people_persons", "name"),
            "id_number": identity,
            "phone": mobile,
        }
        known = await people.post(REGISTRAR, f"{self.tower}/people", {**body, "synthetic": True})
        one.person = known["id"]
        one.map["identity", "accounts_accounts", "email"] = email = f"{one.login}@canary.example"
        one.map["identity", "accounts_accounts", "login"] = one.login
        wanted = {"person_id": one.person, "login": one.login, "email": email, "synthetic": True}
        invited = await people.post(OPERATOR, f"{self.tower}/accounts", wanted)
        one.account = invited["account"]["id"]
        await people.open("/v1/invitations:accept", {"code": invited["code"], "password": PASSWORD})
        grant = {"account": one.account, "role": "worker"}
        await people.post(OPERATOR, f"{self.tower}/grants", grant)
        await people.sign_in(one.login)
        purpose = "points_to_employer"
        one.map["identity", "consents_consents", "purpose"] = purpose
        await people.post(one.login, "/v1/me/consents", {"purpose": purpose, "recipient": self.tower_id})
        settings = {"language": "en"}
        one.map["notification", "inbox_preferences", "language"] = "en"
        await people.patch(one.login, "/v1/me/message-preferences", settings, etag="")

    async def _ticket(self, one: Seeded) -> None:
        people, base = self.people, f"{self.tower}/requests"

        def says(collection: str, column: str) -> str:
            return one.says("ticket", collection, column)

        one.photo = picture(f"{one.mark}照片")
        photo = await people.upload(
            one.login, f"{self.tower}/files", f"{one.mark}.png", one.photo, "image/png"
        )
        one.map["ticket", "requests_tickets", "attachments"] = f"{one.mark}.png"
        order = {
            "service_item_id": self.item["id"],
            "summary": says("requests_tickets", "summary"),
            "attachments": [photo],
            "synthetic": True,
        }
        ticket = await people.post(one.login, base, order)
        one.ticket = ticket["id"]
        path = f"{base}/{one.ticket}"
        await people.post(one.login, f"{path}:comment", {"text": says("requests_timeline", "text")})
        with pytest.raises(Refused) as refused:
            await people.post(one.login, "/v1/me/privacy:erase", {"current_password": PASSWORD})
        assert refused.value.reason == "ERASURE_BLOCKED", "a matter of theirs is open"
        handler = {"assignee": people.accounts[HANDLER]}
        seen = await people.get(CLERK, path)
        await people.post(CLERK, f"{path}:assign", handler, etag=seen["etag"])
        await people.post(HANDLER, f"{path}:accept")
        part = {"title": says("requests_subtasks", "title"), "assignee": people.accounts[HANDLER]}
        made = await people.post(HANDLER, f"{path}/subtasks", part)
        await people.post(HANDLER, f"{path}/subtasks/{made['subtasks'][-1]['id']}:complete")
        await people.post(HANDLER, f"{path}:resolve", {"result": says("requests_tickets", "last_word")})
        rated = {"rating": 5, "remark": says("requests_tickets", "remark")}
        await people.post(one.login, f"{path}:confirm", rated)

    async def _activity(self, one: Seeded, number: int) -> None:
        people, base = self.people, f"{self.tower}/calendar"
        starts = datetime.now(UTC) + timedelta(minutes=30)
        body = {
            "title": f"读书会{number}",
            "kind": "CIRCLE",
            "affairs": "SOCIAL",
            "station": "WORKERS",
            "hosts": ["CLUB"],
            "audience": ["WORKERS"],
            "place": "五层书吧",
            "start_time": starts.isoformat(),
            "end_time": (starts + timedelta(hours=1)).isoformat(),
            "enrol_until_time": (starts - timedelta(minutes=5)).isoformat(),
            "capacity": 5,
            "synthetic": True,
        }
        made = await people.post(CLERK, base, body, key=one.login)
        made = await people.post(CLERK, f"{base}/{made['id']}:publish", etag=made["etag"])
        await people.post(one.login, f"{base}/{made['id']}:enrol")
        shown = await people.get(one.login, f"{base}/{made['id']}/pass")
        seat = await people.post(CLERK, f"{base}/{made['id']}:check-in", {"token": shown["token"]})
        one.map["activity", "calendar_enrolments", "id"] = seat["id"]

    async def _case(self, one: Seeded) -> None:
        people = self.people

        def says(collection: str, column: str) -> str:
            return one.says("window", collection, column)

        paper = await people.upload(
            one.login, f"{self.tower}/files", f"{one.mark}材料.png", picture(one.mark), "image/png"
        )
        one.map["window", "cases_cases", "materials"] = f"{one.mark}材料.png"
        offer = await people.get(one.login, f"{self.tower}/building-matters/{self.matter['id']}")
        given = [{"code": m["code"], "files": [paper]} for m in offer["matter"]["materials"]]
        body = {
            "building_matter_id": self.matter["id"],
            "summary": says("cases_cases", "summary"),
            "materials": given,
            "synthetic": True,
        }
        case = await people.post(one.login, f"{self.tower}/cases", body)
        mine, theirs = f"{self.tower}/cases/{case['id']}", f"{self.tax}/received-cases/{case['id']}"
        case = await people.post(one.login, f"{mine}:submit", etag=case["etag"])
        for verb, said in (
            ("accept", {}),
            ("start", {}),
            ("decide", {"decision": "GRANTED", "text": says("cases_steps", "text")}),
            ("deliver", {"delivery": "COUNTER", "trips": 1}),
        ):
            case = await people.post(WINDOW, f"{theirs}:{verb}", said, etag=case["etag"])
        rated = {"grade": "VERY_GOOD", "remark": says("cases_cases", "remark")}
        await people.post(one.login, f"{mine}:rate", rated, etag=case["etag"])

    async def _firm(self, one: Seeded, number: int) -> None:
        """The person becomes the contact of a firm."""
        people, base = self.people, f"{self.tower}/enterprises"
        firms = (await people.get(REGISTRAR, base, page_size=100))["enterprises"]
        firm = await people.get(REGISTRAR, f"{base}/{firms[40 + number]['id']}")
        change = {"contact_account": one.account, "contact_display": one.mark}
        kept = await people.patch(REGISTRAR, f"{base}/{firm['id']}", change, etag=firm["etag"])
        one.map["membership", "enterprises_enterprises", "contact_display"] = kept["contact_display"]

    async def privacy(self, one: Seeded) -> Reply:
        """What the person sees."""
        return await self.people.get(one.login, "/v1/me/privacy")

    async def request(self, one: Seeded) -> Reply:
        """The person's erasure, as the officer sees it."""
        listed = await self.people.get(
            OFFICER, f"{self.district}/privacy-requests", kind="ERASURE", page_size=100
        )
        found: Reply = next(row for row in listed["requests"] if row["person"] == one.person)
        return found

    async def reached(self, one: Seeded, *states: str) -> bool:
        """Whether the erasure got this far."""
        return (await self.request(one))["state"] in states


async def places(people: People) -> Places:
    """The demo's tenants, as those who are in them know them."""
    mine = (await people.get(OPERATOR, "/v1/me"))["memberships"]
    named = {row["name_zh"]: row["tenant"] for row in mine}
    district = (await people.get(OFFICER, "/v1/me"))["memberships"][0]["tenant"]
    where = {"tower": named["华融国际大厦"], "tax": named["税务局"], "district": district}
    found = Places(people, where)
    await found.open()
    return found


def strings(value: Any) -> Iterator[str]:
    """Every text in a row."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    else:
        yield str(value)


def tables(service: str, dumped: bytes) -> Iterator[tuple[str, bytes]]:
    """The rows of a dump, by "service/table"."""
    for block in re.finditer(rb"^COPY public\.(\w+) .*?\n(.*?)^\\\.$", dumped, re.MULTILINE | re.DOTALL):
        yield f"{service}/{block[1].decode()}", block[2]


async def everywhere(stack: Stack, people: list[Seeded]) -> list[set[str]]:
    """Where something of each of these people is, in the clear or merely encoded: tables and files."""
    dumps = await asyncio.gather(*(dump(stack, service) for service in WITH_DATABASE))
    kept = files(stack.home / "nats", stack.home / "files", stack.home / "log")
    places = dict(kept)
    for service, dumped in zip(WITH_DATABASE, dumps, strict=True):
        places |= dict(tables(service, dumped))
    found = []
    for one in people:
        needles = [needle for canary in one.canaries for needle in shapes(canary).values()]
        found.append({name for name, text in places.items() if any(needle in text for needle in needles)})
    return found


async def check_copy(crowd: Crowd, at: Places, one: Seeded, known: set[str]) -> int:
    """The person's copy has every field of the map, and everything else that the databases know; how many."""
    people = at.people
    asked = await people.post(one.login, "/v1/me/privacy:copy", {"current_password": PASSWORD})
    again = await people.post(one.login, "/v1/me/privacy:copy", {"current_password": PASSWORD}, key="again")
    assert again["id"] == asked["id"], "a copy that is being made is not begun twice"

    async def ready() -> bool:
        return bool((await at.privacy(one))["requests"][0]["state"] == "READY")

    await eventually(ready, 60)
    whole = (await at.privacy(one))["requests"][0]
    headers = {"authorization": await crowd.token(one.login)}
    fetched = await crowd.http.get(f"/v1/files/{whole['download']}", headers=headers)
    stolen = {"authorization": await crowd.token("worker")}
    assert (await crowd.http.get(f"/v1/files/{whole['download']}", headers=stolen)).status_code == 404
    with zipfile.ZipFile(io.BytesIO(fetched.raise_for_status().content)) as archive:
        copy = orjson.loads(archive.read("copy.json"))
        packed = {name: archive.read(name) for name in archive.namelist()}
    services: dict[str, dict[str, list[Reply]]] = copy["services"]
    for (service, collection, column), words in one.map.items():
        said = [text for row in services[service].get(collection, ()) for text in strings(row[column])]
        assert words in said, f"{service}/{collection}.{column} is not in the copy"
    assert one.photo in packed.values(), "the photo is in the copy"
    assert len(copy["files"]) == 2
    assert not {"password_hash", "token_hash", "totp_secret"} & set(
        re.findall(r'"(\w+)":', orjson.dumps(copy).decode())
    )
    for table in known:
        service, _, name = table.partition("/")
        if service in WITH_DATABASE and name not in LEFT_OUT:
            assert name in services[service], f"{table} knows something that is not in the copy"
    assert services["notification"]["inbox_messages"]
    assert services["identity"]["sessions_sessions"]
    return sum(len(rows) for part in services.values() for rows in part.values())


async def settle(at: Places, days: int) -> None:
    """How long an erasure can be undone from now on."""
    path = f"{at.district}/privacy-settings"
    seen = await at.people.get(OFFICER, path)
    await at.people.patch(OFFICER, path, {"grace_days": days, "copy_days": 7}, etag=seen["etag"])


async def figures(at: Places) -> Reply:
    """What the building's overview says."""
    shown = await at.people.get(CLERK, f"{at.tower}/overview")
    return {"scope": shown["scope"], "indicators": shown["indicators"]}


async def unreadable(at: Places, one: Seeded) -> None:
    """Nobody reads it: not who signs in, not the desk, not the register; the work that was done stays."""
    with pytest.raises(Refused) as refused:
        await at.people.open("/v1/session:sign-in", {"login": one.login, "password": PASSWORD})
    assert refused.value.status == 401
    seen = await at.people.get(CLERK, f"{at.tower}/requests/{one.ticket}")
    assert (seen["state"], seen["rating"], seen["summary"], seen.get("attachments", [])) == (
        "CLOSED",
        5,
        "",
        [],
    )
    timeline = await at.people.get(CLERK, f"{at.tower}/requests/{one.ticket}/timeline")
    assert {entry["text"] for entry in timeline["entries"]} == {""}
    named = await at.people.post(CLERK, f"{at.tower}/accounts:lookup", {"ids": [one.account]}, key=one.mark)
    assert [row["display_name"] for row in named["accounts"]] == ["已注销用户"]
    listed = await at.people.get(REGISTRAR, f"{at.tower}/people", q=one.mark)
    assert listed["people"] == []


async def test_a_person_leaves_with_a_copy_and_without_a_trace(proof: Proof, crowd: Crowd) -> None:
    """Backups, the write-ahead log and mails that were sent keep what they had (docs/adr/0018 says for how
    long); everything that serves does not."""
    count = proof.size(1, 6)
    proof.of(
        23,
        "export and erase",
        load=f"{2 * count} people with something in every service, {count} under a legal hold",
        faults=f"{DOWN} away while they are erased; every wish twice",
    )
    dice = random.Random()
    async with People(crowd.stack.url) as people:
        at = await places(people)
        seeded = await asyncio.gather(*(at.seed(number, dice) for number in range(2 * count)))
        gone, held = seeded[:count], seeded[count:]

        async def told() -> bool:
            return all([(await people.get(one.login, "/v1/me/messages"))["messages"] for one in seeded])

        await eventually(told, 60)
        # Figures follow events: until all are applied, they still move.
        await settled(crowd, await streams.followers(crowd.stack))
        known = await everywhere(crowd.stack, seeded)
        copies = zip(seeded, known, strict=True)
        rows = sum(await asyncio.gather(*(check_copy(crowd, at, one, where) for one, where in copies)))
        before = await figures(at)

        # It can be undone until it is due.
        first = gone[0]
        asked = await people.post(first.login, "/v1/me/privacy:erase", {"current_password": PASSWORD})
        assert (asked["state"], asked["kind"]) == ("WAITING", "ERASURE")
        assert (await people.post(first.login, "/v1/me/privacy:undo"))["state"] == "UNDONE"

        holds = {}
        for one in held:
            body = {"login": one.login, "ground": "行政复议", "reason": "案件审理期间保全"}
            holds[one.login] = await people.post(OFFICER, f"{at.district}/holds", body)
        await settle(at, 0)
        with pytest.raises(Refused) as refused:
            await people.post(held[0].login, "/v1/me/privacy:erase", {"current_password": "wrong"})
        assert refused.value.reason == "PASSWORD_WRONG"
        # All begin together, and nobody before the wish was said twice.
        async with streams.held_up(crowd.stack, "identity", "privacy"):
            for one in seeded:
                await people.post(one.login, "/v1/me/privacy:erase", {"current_password": PASSWORD}, key="a")
                await people.post(one.login, "/v1/me/privacy:erase", {"current_password": PASSWORD}, key="b")

        async def begun() -> bool:
            return all([await at.reached(one, "RUNNING", "HELD", "DONE") for one in seeded])

        await eventually(begun, 60)
        # The services are asked six seconds after an erasure began, and not while this one is about to go.
        async with streams.held_up(crowd.stack, "identity", "privacy"):
            await crowd.stack[DOWN].stop()

        async def the_others_are_done() -> bool:
            waiting = [
                {t["service"] for t in (await at.request(one))["tasks"] if not t["done"]} for one in seeded
            ]
            return all(services == {DOWN, "gateway", "identity"} for services in waiting)

        await eventually(the_others_are_done, 60)
        assert (await at.request(first))["state"] == "RUNNING", "not done while one has not answered"
        await crowd.stack[DOWN].start()
        for one in seeded:
            await eventually(partial(at.reached, one, "DONE", "HELD"), 90)

        for one, found in zip(seeded, await everywhere(crowd.stack, seeded), strict=True):
            stored = {name for name in found if name.rpartition("/")[2] == STORED_ONLY or "kept/" in name}
            assert found - stored == set()
            if one in gone:
                assert stored == set()
            else:
                assert {f"{service}/{STORED_ONLY}" for service in ("identity", "ticket", "window")} <= stored
        for one in seeded:
            assert (await at.request(one))["state"] == ("HELD" if one in held else "DONE")
            await unreadable(at, one)
        assert await figures(at) == before, "figures do not change"
        assert (await people.get("auditor", f"{at.tower}/audit:verify"))["intact"]
        with pytest.raises(Refused) as late:
            await people.post(
                OFFICER,
                f"{at.district}/holds",
                {"login": f"erased-{first.account}", "ground": "x1", "reason": "x1"},
            )
        assert late.value.status in (404, 409)

        for one in held:
            lift = f"{at.district}/holds/{holds[one.login]['id']}:lift"
            await people.post(OFFICER, lift, {"reason": "案件已结"})
        for one in held:
            await eventually(partial(at.reached, one, "DONE"), 60)
        assert await everywhere(crowd.stack, seeded) == [set() for _ in seeded]
    fields = sum(len(one.map) for one in seeded)
    proof.found(
        cases=fields,
        figure=f"{fields} of {fields} fields in copies of {rows} rows; 0 left in {len(WITH_DATABASE)} "
        f"databases, bus, files, logs; held ones in {STORED_ONLY} alone until lifted",
    )
