"""Promises 21 and 22: what is kept about people stays unreadable, what was done stays written."""

from __future__ import annotations

import asyncio
import base64
import gzip
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg
import orjson
import pytest
from ahocorasick_rs import BytesAhoCorasick
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis import audit
from chassis.encryption import Kek, Undecipherable, WrappedKey, key_number
from chassis.ids import new_id
from deploy.local import backup, postgres
from deploy.local.services import WITH_DATABASE
from deploy.local.stack import Stack
from tests.chaos.conftest import Proof
from tests.chaos.crowd import Crowd, Json
from tests.chaos.streams import database, held_up
from tests.fixtures.canaries import id_number, phone, shapes
from tests.fixtures.waiting import eventually

AUDITOR, REGISTRAR = "auditor", "secretary"
CHECKS = 5
PAUSE_S = 0.2
"""Between one person and the next: the processes that are replaced need the machine as well."""
"""Nobody may look up more numbers than a few in a while."""
LOOKS = 20
"""At folders in which files come and go."""
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


async def dump(stack: Stack, service: str) -> bytes:
    """What pg_dump writes of a database."""
    process = await asyncio.create_subprocess_exec(
        postgres.binary("pg_dump"), "--no-password", "--dbname", stack.superuser_url(service),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out


def files(*folders: Path) -> dict[str, bytes]:
    """Every file below these folders, unpacked. They are in use: what was moved before it could be read is
    looked for again."""
    found: dict[str, bytes] = {}
    for folder in folders:
        for _ in range(LOOKS):
            if _read(folder, found):
                break
    return found


def _read(folder: Path, found: dict[str, bytes]) -> bool:
    """Adds what is not known yet; False where something was gone before it was read."""
    whole = True
    for place, _, names in os.walk(folder):
        for path in sorted(Path(place) / name for name in names):
            name = f"{folder.name}/{path.relative_to(folder)}"
            if name not in found:
                try:
                    content = path.read_bytes()
                except FileNotFoundError:
                    whole = False
                else:
                    found[name] = gzip.decompress(content) if path.suffix == ".gz" else content
    return whole


def hits(canaries: list[tuple[str, str]], places: dict[str, bytes]) -> list[str]:
    """Which number lies where in which shape. All are looked for at once: one after the other, the full
    form would take hours."""
    known = {
        needle: f"{kind} of number {number}"
        for number, pair in enumerate(canaries)
        for value in pair
        for kind, needle in shapes(value).items()
    }
    needles = [*known]
    search = BytesAhoCorasick(needles)
    return [
        f"{known[needles[found]]} in {name}"
        for name, content in places.items()
        for found, _, _ in search.find_matches_as_indexes(content, overlapping=True)
    ]


async def seed(crowd: Crowd, tenant: str, canaries: list[tuple[str, str]], mark: str) -> None:
    """People with these numbers, in every way the API takes them, and where they do not belong."""
    base = f"/v1/tenants/{tenant}/people"
    for number, (identity, mobile) in enumerate(canaries):
        body: Json = {"name": f"{mark}{number}", "id_number": identity, "phone": mobile, "synthetic": True}
        made = await crowd.call(REGISTRAR, "POST", base, body, idempotency_key=new_id())
        person = made.raise_for_status().json()
        for field, value in (("ID_NUMBER", identity), ("PHONE", mobile)):
            asked = {"field": field, "reason": "核对本人身份"}
            shown = await crowd.call(REGISTRAR, "POST", f"{base}/{person['id']}:unmask", asked)
            assert shown.raise_for_status().json()["value"] == value
        # Known already: refused or merged, and logged.
        again = await crowd.call(REGISTRAR, "POST", base, body)
        assert again.status_code < 500
        wrong = await crowd.call(REGISTRAR, "POST", base, {"name": mark, "id_number": f"x{identity}"})
        assert wrong.status_code == 400, wrong.text
        if number < CHECKS:
            twice = await crowd.call(REGISTRAR, "POST", f"{base}:check", {"id_number": identity})
            assert twice.is_success, twice.text
            broken = await crowd.call(
                REGISTRAR, "POST", f"{base}:check", {"phone": mobile, "no_such": mobile}
            )
            assert broken.status_code == 400, broken.text


async def test_nothing_stored_reveals_a_number(proof: Proof, crowd: Crowd) -> None:
    """The numbers of people's records, which are the only ones the district stores in fields of their own, in
    dumps, write-ahead log, backup, bus, files, mail and logs; tests/integration/observability looks for them
    in traces. Words that people write freely are kept as written."""
    count = proof.size(5, 200)
    proof.of(
        21,
        "a dump reveals no ID number or phone",
        load=f"{count} people with canary numbers",
        faults="pg_dump of every database, WAL, backup, NATS store, files, mail and logs searched",
    )
    dice = random.Random()
    mark = f"金丝雀{dice.randrange(10**6):06}"
    canaries = [(id_number(dice), phone(dice)) for _ in range(count)]
    tenant, home = await crowd.tenant(REGISTRAR), crowd.stack.home
    await backup.take(home)  # from here on the log is archived
    await seed(crowd, tenant, canaries, mark)
    async with database(crowd.stack, "identity") as connection:
        await connection.execute("SELECT pg_switch_wal()")
    taken = await backup.take(home)
    places = {f"pg_dump {service}": await dump(crowd.stack, service) for service in WITH_DATABASE}
    places |= files(taken.base, taken.place.wal, taken.place.files)
    places |= files(home / "postgres" / "pg_wal", home / "nats", home / "log", home / "mail", home / "files")
    assert hits(canaries, places) == []
    planted = {kind: b"<" + needle + b">" for kind, needle in shapes(canaries[0][0]).items()}
    assert {hit.partition(" of ")[0] for hit in hits(canaries, planted)} == planted.keys()
    seen = [name for name, content in places.items() if mark.encode() in content]
    assert "pg_dump identity" in seen, "the search finds what is stored in the clear"
    for part in ("wal/", f"{taken.base.name}/base.tar"):
        assert any(name.startswith(part) for name in seen), part
    for folder, known in (("nats/", tenant.encode()), ("log/", b"started")):
        assert any(known in text for name, text in places.items() if name.startswith(folder)), folder
    searched = sum(len(content) for content in places.values()) // 2**20
    cases = len(places) * count * 2 * len(shapes(""))
    proof.found(
        cases=cases,
        figure=f"0 hits in {len(places)} dumps and files, {searched} MiB; the name found in {len(seen)}",
    )


class Registry:
    """Registers people and looks their numbers up, whatever else goes on."""

    def __init__(self, crowd: Crowd, tenant: str) -> None:
        self._crowd = crowd
        self._base = f"/v1/tenants/{tenant}/people"
        self._dice = random.Random()
        self.numbers: dict[str, str] = {}
        self.calls = 0
        self.failures: list[str] = []

    async def work(self, done: asyncio.Event) -> None:
        """One person after another: registered, and somebody registered before is looked up."""
        while not done.is_set():
            await self.register()
            person = self._dice.choice([*self.numbers])
            await self.check(person)
            await asyncio.sleep(PAUSE_S)

    async def register(self) -> None:
        number = id_number(self._dice)
        body = {"name": "演示换钥", "id_number": number, "synthetic": True}
        if made := await self._call(self._base, body, idempotency_key=new_id()):
            self.numbers[made["id"]] = number

    async def check(self, person: str) -> None:
        """The number that was registered comes back."""
        asked = {"field": "ID_NUMBER", "reason": "核对本人身份"}
        shown = await self._call(f"{self._base}/{person}:unmask", asked)
        if shown and shown["value"] != self.numbers[person]:
            self.failures.append(f"{person} has another number")

    async def _call(self, path: str, body: Json, **headers: str) -> Json:
        """Not tried again: what fails has failed."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent["authorization"] = await self._crowd.token(REGISTRAR)
        self.calls += 1
        reply = await self._crowd.http.post(path, json=body, headers=sent)
        if not reply.is_success:
            self.failures.append(f"{path}: {reply.status_code} {reply.text[:200]}")
            return {}
        answer: Json = reply.json()
        return answer


async def test_keys_are_replaced_while_people_work(proof: Proof, crowd: Crowd) -> None:
    """The key-encryption key is replaced and every tenant gets a new data key; nobody's call fails, whatever
    was sealed before opens, and the old key opens nothing that is stored."""
    rounds, callers = proof.size(1, 3), 4
    proof.of(
        21,
        "a dump reveals no ID number or phone: keys replaced",
        load=f"{callers} callers who register people and look numbers up",
        faults=f"make rekey under load, {rounds}x",
    )
    registry = Registry(crowd, await crowd.tenant(REGISTRAR))
    await registry.register()
    done = asyncio.Event()
    retired = []
    async with asyncio.TaskGroup() as group:
        for _ in range(callers):
            group.create_task(registry.work(done))
        try:
            for _ in range(rounds):
                retired.append(Kek(base64.b64decode(crowd.stack.around.secrets.kek)))
                await crowd.stack.rekey()
                await registry.register()
        finally:
            done.set()
    for person in registry.numbers:
        await registry.check(person)
    assert registry.failures == []
    async with database(crowd.stack, "identity") as connection:
        keys = [
            WrappedKey(str(row["tenant_id"]), row["number"], row["wrapped"])
            for row in await connection.fetch("SELECT * FROM people_keys")
        ]
        used = await connection.fetchval(
            "SELECT id_number FROM people_persons WHERE id_number IS NOT NULL ORDER BY id DESC LIMIT 1"
        )
    assert key_number(used) == max(key.number for key in keys) == rounds + 1
    for old in retired:
        for key in keys:
            with pytest.raises(Undecipherable):
                old.unwrap(key)
    proof.found(
        cases=registry.calls,
        figure=f"0 of {registry.calls} calls failed; {len(registry.numbers)} numbers open; {len(keys)} data "
        f"keys wrapped anew, {rounds} old keys open none",
    )


# Promise 22

Tamper = Callable[[Connection, str, random.Random], Awaitable[None]]
_ENTRIES = "SELECT * FROM audit_entries WHERE tenant_id = $1 AND chain_seq IS NOT NULL ORDER BY chain_seq"


async def _change(connection: Connection, tenant: str, number: int, **values: Any) -> None:
    names = ", ".join(f"{name} = ${place}" for place, name in enumerate(values, start=3))
    where = "WHERE tenant_id = $1 AND chain_seq = $2"
    done = await connection.execute(
        f"UPDATE audit_entries SET {names} {where}", tenant, number, *values.values()
    )
    assert done == "UPDATE 1"


async def _length(connection: Connection, tenant: str) -> int:
    found: int = await connection.fetchval(
        "SELECT max(chain_seq) FROM audit_entries WHERE tenant_id = $1", tenant
    )
    return found


async def _any(connection: Connection, tenant: str, dice: random.Random) -> int:
    return dice.randint(1, await _length(connection, tenant) - 1)


async def edit(connection: Connection, tenant: str, dice: random.Random) -> None:
    """One entry says something else."""
    number = await _any(connection, tenant, dice)
    what = dice.choice(("actor", "action", "object_id", "reason", "purpose", "request_id"))
    await _change(connection, tenant, number, **{what: "somebody-else"})


async def backdate(connection: Connection, tenant: str, dice: random.Random) -> None:
    """One entry moves in time."""
    where = "WHERE tenant_id = $1 AND chain_seq = $2"
    number = await _any(connection, tenant, dice)
    await connection.execute(
        f"UPDATE audit_entries SET at = at - interval '1 microsecond' {where}", tenant, number
    )


async def delete(connection: Connection, tenant: str, dice: random.Random) -> None:
    """One entry is gone."""
    number = await _any(connection, tenant, dice)
    await connection.execute(
        "DELETE FROM audit_entries WHERE tenant_id = $1 AND chain_seq = $2", tenant, number
    )


async def close_up(connection: Connection, tenant: str, dice: random.Random) -> None:
    """One entry is gone and those after it move up."""
    number = await _any(connection, tenant, dice)
    await delete_from(connection, tenant, "chain_seq = $2", number)
    for at in range(number + 1, await _length(connection, tenant) + 1):
        await _change(connection, tenant, at, chain_seq=at - 1)


async def reorder(connection: Connection, tenant: str, dice: random.Random) -> None:
    """Two neighbours change places, with their hashes."""
    number = await _any(connection, tenant, dice)
    for before, after in ((number, -1), (number + 1, number), (-1, number + 1)):
        await _change(connection, tenant, before, chain_seq=after)


async def truncate(connection: Connection, tenant: str, dice: random.Random) -> None:
    """The last entries are gone."""
    last = await _length(connection, tenant)
    await delete_from(connection, tenant, "chain_seq > $2", last - dice.randint(1, 3))


async def empty(connection: Connection, tenant: str, _: random.Random) -> None:
    """Every entry is gone."""
    await delete_from(connection, tenant, "chain_seq > $2", 0)


async def delete_from(connection: Connection, tenant: str, which: str, number: int) -> None:
    await connection.execute(f"DELETE FROM audit_entries WHERE tenant_id = $1 AND {which}", tenant, number)


async def rewrite(connection: Connection, tenant: str, dice: random.Random) -> list[tuple[int, bytes]]:
    """One entry says something else, and every hash from there on is computed anew. The new hashes."""
    number = await _any(connection, tenant, dice)
    await _change(connection, tenant, number, actor="somebody-else")
    previous, links = audit.START, []
    for row in await connection.fetch(_ENTRIES, tenant):
        entry = {**row, "detail": orjson.loads(row["detail"])}
        previous = audit.link(previous, row["chain_seq"], entry)
        links.append((row["chain_seq"], previous))
    await connection.executemany(
        "UPDATE audit_entries SET hash = $3 WHERE tenant_id = $1 AND chain_seq = $2",
        [(tenant, at, hashed) for at, hashed in links],
    )
    return links


async def rewrite_entries(connection: Connection, tenant: str, dice: random.Random) -> None:
    """The chain is computed anew; the checkpoints stay."""
    await rewrite(connection, tenant, dice)


async def rewrite_checkpoints(connection: Connection, tenant: str, dice: random.Random) -> None:
    """The checkpoints get the new hashes under their old signatures."""
    for at, hashed in await rewrite(connection, tenant, dice):
        await _checkpoint(connection, tenant, at, hashed)


async def rewrite_and_sign(connection: Connection, tenant: str, dice: random.Random) -> None:
    """The checkpoints are signed anew, with a key that is not the service's."""
    key = Ed25519PrivateKey.generate()
    for at, hashed in await rewrite(connection, tenant, dice):
        signature = key.sign(tenant.encode() + at.to_bytes(8, "big") + hashed)
        await _checkpoint(connection, tenant, at, hashed, signature)


async def rewrite_without_checkpoints(connection: Connection, tenant: str, dice: random.Random) -> None:
    """The chain is computed anew and the checkpoints that would tell are removed."""
    await rewrite(connection, tenant, dice)
    await connection.execute("DELETE FROM audit_checkpoints WHERE tenant_id = $1", tenant)


async def _checkpoint(
    connection: Connection, tenant: str, at: int, hashed: bytes, signature: bytes = b""
) -> None:
    await connection.execute(
        "UPDATE audit_checkpoints SET hash = $3, "
        "signature = CASE WHEN $4 = ''::bytea THEN signature ELSE $4 END "
        "WHERE tenant_id = $1 AND chain_seq = $2",
        tenant,
        at,
        hashed,
        signature,
    )


TAMPERINGS: tuple[Tamper, ...] = (
    edit,
    backdate,
    delete,
    close_up,
    reorder,
    truncate,
    empty,
    rewrite_entries,
    rewrite_checkpoints,
    rewrite_and_sign,
    rewrite_without_checkpoints,
)


@asynccontextmanager
async def put_back(connection: Connection, tenant: str) -> AsyncIterator[None]:
    """A tenant's log is afterwards what it was."""
    tables = ("audit_entries", "audit_checkpoints")
    for table in tables:
        await connection.execute(
            f"CREATE TEMP TABLE kept_{table} AS SELECT * FROM {table} WHERE tenant_id = '{tenant}'"
        )
    try:
        yield
    finally:
        async with connection.transaction():
            for table in tables:
                await connection.execute(f"DELETE FROM {table} WHERE tenant_id = $1", tenant)
                await connection.execute(f"INSERT INTO {table} SELECT * FROM kept_{table}")
                await connection.execute(f"DROP TABLE kept_{table}")


async def test_every_edit_of_the_audit_log_is_detected(proof: Proof, crowd: Crowd) -> None:
    """Somebody who may do anything in identity's database, but has no service's key, changes the log in every
    way there is; the auditor asks whether it is whole. Two things this cannot show, since everything that
    is known lies in that one database: an entry removed before it was sealed, within ten seconds of being
    written, and the whole database set back, log and checkpoints together, to an earlier moment. The other
    services seal their logs alike, but there is no way yet to ask them."""
    rounds = proof.size(1, 25)
    proof.of(
        22,
        "audit edits are detected",
        load=f"{len(TAMPERINGS)} kinds of tampering x {rounds}",
        faults="superuser in identity's database",
    )
    tenant = await crowd.tenant(AUDITOR)
    await crowd.token(AUDITOR)
    path = f"/v1/tenants/{tenant}/audit:verify"
    dice = random.Random(22)
    found = 0
    async with AsyncExitStack() as held:
        connection = await held.enter_async_context(database(crowd.stack, "identity"))
        unsealed = "SELECT count(*) FROM audit_entries WHERE tenant_id = $1 AND chain_seq IS NULL"

        async def all_sealed() -> bool:
            return not await connection.fetchval(unsealed, tenant)

        await eventually(all_sealed, 60)
        # What is written from now on is sealed afterwards, and not onto a chain that was tampered with.
        await held.enter_async_context(held_up(crowd.stack, "identity", "audit-sealer"))
        length = await _length(connection, tenant)
        assert length > 10
        for _ in range(rounds):
            for tamper in TAMPERINGS:
                whole = (await crowd.call(AUDITOR, "GET", path)).raise_for_status().json()
                assert whole["intact"], whole
                async with put_back(connection, tenant):
                    async with connection.transaction():
                        await tamper(connection, tenant, dice)
                    verdict = (await crowd.call(AUDITOR, "GET", path)).raise_for_status().json()
                    assert not verdict["intact"], f"{tamper.__name__} went unnoticed: {verdict}"
                    assert int(verdict["broken_at"]) > 0
                found += 1
        whole = (await crowd.call(AUDITOR, "GET", path)).raise_for_status().json()
        assert whole["intact"]
    proof.found(cases=found * 2 + 1, figure=f"{found} of {found} detected in a chain of {length}")
