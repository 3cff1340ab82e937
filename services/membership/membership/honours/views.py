"""Honours in the contract's words."""

from collections.abc import Sequence
from itertools import groupby

from chassis import days
from chassis.clocks import timestamp
from chassis.context import Context
from chassis.statements import Row
from chassis.units import Reader
from louyu.membership.v1 import honours_pb2 as pb
from membership.honours import rules
from membership.honours.events import ENDING, KIND, STATE
from membership.honours.queries import ONESELF
from membership.honours.rules import Actor, Settings, State


def actor(context: Context) -> Actor:
    """Which side the caller stands on: the letter B is the branch's, unless they came for their own."""
    branch = context.permission != ONESELF and context.has("B")
    return Actor(context.caller.person_id, manages=branch, decides=branch)


def honour(reader: Reader, row: Row) -> pb.Honour:
    """An honour; its grounds and code are the branch's."""
    caller = actor(reader.context)
    state = State(row.state)
    return pb.Honour(
        id=row.id,
        etag=str(row.version),
        kind=KIND.number(row.kind),
        person_id=row.person_id,
        display=row.display,
        state=STATE.number(state),
        shown_as=row.shown_as,
        floor=row.floor,
        place=row.place,
        stars=row.stars,
        citation=row.citation,
        from_date=days.written(row.from_on),
        until_date=days.written(row.until_on),
        number=row.number,
        grounds="" if reader.context.permission == ONESELF else row.grounds,
        reason=row.reason,
        end_date=days.written(row.ended_on),
        ending=ENDING.number(row.ending),
        code=row.code if caller.manages and state is State.DISPLAYED else "",
        verbs=[str(verb) for verb in rules.allowed(state, row.person_id, row.nominator, caller)],
        create_time=row.created_at,
        consent_time=row.consented_at,
        synthetic=row.synthetic,
    )


def wall(rows: Sequence[Row]) -> pb.HonourWall:
    """What is on display, floor by floor; `rows` come in that order."""
    floors = [
        pb.HonourFloor(floor=floor, honours=[_on_wall(row) for row in shown])
        for floor, shown in groupby(rows, key=lambda row: row.floor)
    ]
    return pb.HonourWall(floors=floors)


def _on_wall(row: Row) -> pb.WallHonour:
    return pb.WallHonour(
        id=row.id,
        kind=KIND.number(row.kind),
        shown_as=row.shown_as,
        place=row.place,
        stars=row.stars,
        citation=row.citation,
        from_date=days.written(row.from_on),
        until_date=days.written(row.until_on),
    )


def plaque(row: Row, building: Row) -> pb.HonourPlaque:
    """What a plaque says."""
    return pb.HonourPlaque(
        kind=KIND.number(row.kind),
        shown_as=row.shown_as,
        floor=row.floor,
        place=row.place,
        stars=row.stars,
        citation=row.citation,
        from_date=days.written(row.from_on),
        until_date=days.written(row.until_on),
        number=row.number,
        building_zh=building.name_zh,
        building_en=building.name_en,
    )


def settings(held: Settings) -> pb.HonourSettings:
    """The settings that hold, and where they come from."""
    return pb.HonourSettings(
        etag=str(held.version),
        term_days=held.term_days,
        source="tenant" if held.version else "default",
        set_time=timestamp(held.created_at) if held.created_at else None,
    )
