"""The monolith: POST /tickets inserts a ticket and an audit entry, GET /tickets lists the newest 25."""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import DateTime, ForeignKey, Index, String, Text, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_async_engine(os.environ["CONTROL_DATABASE_URL"], pool_size=40, max_overflow=0)
sessions = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI(title="Tickets")


class Base(DeclarativeBase):
    """Declarative base."""


class Ticket(Base):
    """A service request."""

    __tablename__ = "tickets"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    tenant_id: Mapped[uuid.UUID]
    number: Mapped[str] = mapped_column(String(40))
    service_item_id: Mapped[uuid.UUID]
    requester: Mapped[uuid.UUID]
    state: Mapped[str] = mapped_column(String(20), default="submitted")
    urgency: Mapped[str] = mapped_column(String(20), default="normal")
    summary: Mapped[str] = mapped_column(Text)
    form: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=lambda: datetime.now(UTC))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=lambda: datetime.now(UTC))

    __table_args__ = (Index("tickets_newest", "tenant_id", "created_at"),)


class AuditEntry(Base):
    """Who did what."""

    __tablename__ = "audit_entries"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    tenant_id: Mapped[uuid.UUID]
    ticket_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tickets.id"))
    actor: Mapped[uuid.UUID]
    action: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=lambda: datetime.now(UTC))


class NewTicket(BaseModel):
    """What somebody orders."""

    tenant_id: uuid.UUID
    service_item_id: uuid.UUID
    requester: uuid.UUID
    summary: Annotated[str, Field(min_length=2, max_length=1000)]
    form: dict[str, Any] = {}


class TicketOut(BaseModel):
    """A ticket as the API shows it."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    tenant_id: uuid.UUID
    number: str
    service_item_id: uuid.UUID
    requester: uuid.UUID
    state: str
    urgency: str
    summary: str
    form: dict[str, Any]
    created_at: datetime
    updated_at: datetime


async def session() -> AsyncIterator[AsyncSession]:
    """One session per request."""
    async with sessions() as opened:
        yield opened


Session = Annotated[AsyncSession, Depends(session)]


@app.post("/tickets", status_code=201, response_model=TicketOut)
async def create_ticket(order: NewTicket, db: Session) -> Ticket:
    """Orders something."""
    ticket = Ticket(id=uuid.uuid4(), number=f"T-{uuid.uuid4().hex[:12]}", **order.model_dump())
    db.add(ticket)
    await db.flush()
    db.add(
        AuditEntry(
            tenant_id=ticket.tenant_id, ticket_id=ticket.id, actor=order.requester, action="ticket.create"
        )
    )
    await db.commit()
    return ticket


@app.get("/tickets", response_model=list[TicketOut])
async def list_tickets(tenant_id: uuid.UUID, db: Session, limit: int = 25) -> list[Ticket]:
    """The newest tickets of a tenant."""
    newest = select(Ticket).where(Ticket.tenant_id == tenant_id).order_by(Ticket.created_at.desc())
    return list((await db.scalars(newest.limit(limit))).all())
