"""The audit log over gRPC: parse, call, convert."""

from collections.abc import Callable
from typing import Any

from grpc.aio import ServicerContext

from chassis import audit
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, Units
from identity.audit import queries
from identity.moments import asked
from louyu.identity.v1 import audit_pb2 as pb
from louyu.identity.v1.audit_pb2_grpc import AuditServiceServicer


class Audit(AuditServiceServicer):
    """Serves louyu.identity.v1.AuditService."""

    def __init__(self, units: Units, pages: PageTokens, check: Callable[[bytes, bytes], bool]) -> None:
        self._units = units
        self._pages = pages
        self._check = check

    async def SearchAudit(
        self, request: pb.SearchAuditRequest, context: ServicerContext[Any, Any]
    ) -> pb.SearchAuditResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.SearchAuditResponse:
            rows = await queries.page(
                reader,
                actor=request.actor,
                action=request.action,
                object_id=request.object_id,
                starts_at=asked(request, "start_time"),
                ends_at=asked(request, "end_time"),
                after=self._pages.decode(request),
                size=size,
            )
            return pb.SearchAuditResponse(
                entries=[to_entry(row) for row in rows[:size]],
                next_page_token=self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else "",
            )

        return await self._units.query(work)

    async def VerifyAudit(
        self, request: pb.VerifyAuditRequest, context: ServicerContext[Any, Any]
    ) -> pb.VerifyAuditResponse:
        verdict = await self._units.query(lambda reader: audit.verify(reader, request.tenant, self._check))
        return pb.VerifyAuditResponse(
            intact=verdict.intact,
            entries=verdict.entries,
            checkpoints=verdict.checkpoints,
            broken_at=verdict.broken_at,
        )


def to_entry(row: Row) -> pb.AuditEntry:
    """A row as its message."""
    return pb.AuditEntry(
        id=row.id,
        chain_seq=row.chain_seq or 0,
        actor=row.actor,
        action=row.action,
        object_id=row.object_id,
        reason=row.reason or str(row.detail.get("reason", "")),
        detail={name: str(value) for name, value in row.detail.items()},
        record_time=row.at,
    )
