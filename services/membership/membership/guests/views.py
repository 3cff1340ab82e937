"""Guests in the contract's words."""

from chassis import days
from chassis.clocks import timestamp
from chassis.context import Context
from chassis.statements import Row
from chassis.units import Reader
from louyu.membership.v1 import guests_pb2 as pb
from membership.guests import queries, rules
from membership.guests.events import ENDING, STATE
from membership.guests.rules import Quarter, Settings, Side, State
from membership.members.queries import ONESELF


def sides(row: Row, context: Context) -> frozenset[Side]:
    """On which side the caller stands, by what the caller came to do."""
    own = row.person_id == context.caller.person_id
    if context.permission == ONESELF:
        return frozenset({Side.PERSON} if own else ())
    return frozenset({Side.OFFICE} if context.has("B") and not own else ())


def guest(reader: Reader, row: Row) -> pb.Guest:
    """A guest as the office or the person sees it."""
    return pb.Guest(
        id=row.id,
        etag=str(row.version),
        state=STATE.number(row.state),
        person_id=row.person_id,
        display=row.display,
        enterprise_name=row.enterprise_name,
        from_on=days.written(row.from_on),
        until_on=days.written(row.until_on),
        ended_on=days.written(row.ended_on),
        ending=ENDING.number(row.ending),
        verbs=[str(verb) for verb in rules.allowed(State(row.state), sides(row, reader.context))],
        synthetic=row.synthetic,
        create_time=row.created_at,
    )


async def summary(reader: Reader, asked_for: str) -> pb.GuestSummary:
    """Guests in figures, with the attendances of a quarter: the present one where none is asked for."""
    quarter = Quarter.parse(asked_for) if asked_for else Quarter.of(days.day_of(reader.now))
    now, attended, asked = await queries.counted(reader, quarter)
    return pb.GuestSummary(
        people=now.people,
        enterprises=now.enterprises,
        quarter=str(quarter),
        attendances=attended,
        asked=asked,
    )


def settings(held: Settings) -> pb.GuestSettings:
    """The settings that hold, and where they come from."""
    return pb.GuestSettings(
        etag=str(held.version),
        term_days=held.term_days,
        source="tenant" if held.version else "default",
        set_time=timestamp(held.created_at) if held.created_at else None,
    )
