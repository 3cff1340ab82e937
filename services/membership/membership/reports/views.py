"""Reports in the contract's words."""

from collections.abc import Mapping, Sequence

from chassis import days
from chassis.clocks import timestamp
from chassis.statements import Row
from chassis.units import Reader
from louyu.membership.v1 import reports_pb2 as pb
from membership.cadence import queries as cadence
from membership.reports import queries, rules
from membership.reports.events import OUTCOME, SCOPE, STATE
from membership.reports.rules import Actor, Settings, State


def _actor(reader: Reader, row: Row) -> Actor:
    """Which sides the caller stands on: B and F write · B accepts what stays in the building, a party what
    came up to it."""
    context, person = reader.context, reader.context.caller.person_id
    if context.mode == "party":
        return Actor(person, receives=True)
    return Actor(person, writes=context.has("BF"), receives=context.has("B") and not row.superior_id)


async def listed(reader: Reader, rows: Sequence[Row]) -> list[pb.Report]:
    """Reports without their words."""
    places = await _places(reader, rows)
    return [_report(reader, row, places) for row in rows]


async def whole(reader: Reader, row: Row) -> pb.Report:
    """A report with its versions."""
    found = _report(reader, row, await _places(reader, [row]))
    found.versions.extend([_version(one) for one in await queries.history(reader, row)])
    return found


async def _places(reader: Reader, rows: Sequence[Row]) -> Mapping[str, str]:
    """The names of tenants below, for those above."""
    return await cadence.places(reader, rows) if reader.context.mode == "party" else {}


def _report(reader: Reader, row: Row, places: Mapping[str, str]) -> pb.Report:
    state, actor = State(row.state), _actor(reader, row)
    return pb.Report(
        id=row.id,
        etag=str(row.version),
        obligation_id=row.obligation_id,
        title_zh=row.title_zh,
        title_en=row.title_en,
        scope=SCOPE.number(row.scope),
        org_id=row.org_id,
        org_name=row.org_name,
        place_id=row.tenant_id,
        place_name=places.get(row.tenant_id, ""),
        receiver_name=row.receiver_name,
        above=row.superior_id is not None,
        start_date=days.written(row.start_on),
        end_date=days.written(row.until_on),
        due_date=days.written(row.due_on),
        state=STATE.number(state),
        mine=bool(actor.person_id) and actor.person_id == row.author,
        sentence=row.sentence,
        verbs=[str(verb) for verb in rules.allowed(state, row.author, row.writers, actor)],
        submit_time=row.submitted_at,
        decide_time=row.decided_at,
        synthetic=row.synthetic,
    )


def _version(row: Row) -> pb.ReportVersion:
    return pb.ReportVersion(
        number=row.number,
        done=row.done,
        problems=row.problems,
        plans=row.plans,
        figures=pb.ReportFigures(**row.figures),
        submit_time=row.submitted_at,
        outcome=OUTCOME.number(row.outcome),
        sentence=row.sentence,
        decide_time=row.decided_at,
    )


def settings(held: Settings) -> pb.ReportSettings:
    """The settings that hold, and where they come from."""
    return pb.ReportSettings(
        etag=str(held.version),
        early_days=held.early_days,
        source="tenant" if held.version else "default",
        set_time=timestamp(held.created_at) if held.created_at else None,
    )
