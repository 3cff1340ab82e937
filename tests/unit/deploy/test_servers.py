"""The servers that the rest of the suite stands on."""

from __future__ import annotations

import asyncpg
import nats

from tests.fixtures.servers import Databases, OwnNats


async def test_each_fresh_database_is_its_own(databases: Databases) -> None:
    first = await databases.fresh("sample", migrate=False)
    second = await databases.fresh("sample", migrate=False)
    one = await asyncpg.connect(first.superuser_url)
    other = await asyncpg.connect(second.superuser_url)
    await one.execute("CREATE TABLE only_here ()")
    assert await other.fetchval("SELECT to_regclass('only_here')") is None
    await one.close()
    await other.close()


async def test_the_app_login_can_do_nothing_before_it_puts_on_a_role(databases: Databases) -> None:
    database = await databases.fresh("sample", migrate=False)
    owner = await asyncpg.connect(database.owner_url.replace("+asyncpg", ""))
    await owner.execute("CREATE TABLE notes (body text); GRANT SELECT ON notes TO sample_tenant")
    app = await asyncpg.connect(database.app_url.replace("+asyncpg", ""))
    refused = await app.fetchval("SELECT has_table_privilege('notes', 'SELECT')")
    async with app.transaction():
        await app.execute("SELECT set_config('role', 'sample_tenant', true)")
        rows = await app.fetch("SELECT * FROM notes")
    await owner.close()
    await app.close()
    assert refused is False
    assert rows == []


async def test_nats_keeps_its_streams_over_a_restart(own_nats: OwnNats) -> None:
    client = await nats.connect(own_nats.url)
    stream = client.jetstream(timeout=20)
    await stream.add_stream(name="kept", subjects=["kept.>"])
    await stream.publish("kept.one", b"1")
    await client.close()
    await own_nats.running.restart()
    client = await nats.connect(own_nats.url)
    info = await client.jetstream(timeout=20).stream_info("kept")
    await client.close()
    assert info.state.messages == 1
