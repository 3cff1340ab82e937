"""Safe retries: a request that comes twice with one Idempotency-Key has one effect and one answer."""

import hashlib
from typing import Final

from google.protobuf.message import Message

from chassis.context import Context
from chassis.database import Connection
from chassis.errors import InProgress, KeyReused
from chassis.ids import NIL

# The lock comes first and does not wait: a second INSERT … ON CONFLICT would block until the first
# transaction ends instead of answering "in progress".
_CLAIM: Final = """
SELECT pg_try_advisory_xact_lock(hashtextextended($1 || '|' || $2 || '|' || $3 || '|' || $4, 0)) AS free
"""
_FIND: Final = """
SELECT request_hash, reply FROM idempotency_keys
WHERE tenant_id = $1::text::uuid AND actor = $2 AND method = $3 AND key = $4
"""
_STORE: Final = """
INSERT INTO idempotency_keys (tenant_id, actor, method, key, request_hash, reply, created_at)
VALUES ($1::text::uuid, $2, $3, $4, $5, $6, clock_timestamp())
"""


def _key(context: Context) -> tuple[str, str, str, str]:
    return (
        context.tenant_id or NIL,
        context.caller.actor,
        context.method,
        context.idempotency_key,
    )


def _hash(request: Message) -> bytes:
    return hashlib.sha256(request.SerializeToString(deterministic=True)).digest()


async def claim(connection: Connection, context: Context, request: Message) -> bytes | None:
    """Take the key for this transaction; the stored reply when the request was answered before.

    Raises `InProgress` while another transaction works on it, `KeyReused` for another payload.
    """
    key = _key(context)
    if not await connection.fetchval(_CLAIM, *key):
        raise InProgress
    found = await connection.fetchrow(_FIND, *key)
    if found is None:
        return None
    if found["request_hash"] != _hash(request):
        raise KeyReused
    return bytes(found["reply"])


async def store(connection: Connection, context: Context, request: Message, reply: Message) -> None:
    """Keep the reply, in the transaction that made it true."""
    await connection.execute(_STORE, *_key(context), _hash(request), reply.SerializeToString())
