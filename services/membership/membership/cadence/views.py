"""Rules, the board and obligations as the contract shows them."""

from collections.abc import Mapping, Sequence
from typing import Any

from chassis import days
from chassis.clocks import timestamp
from chassis.statements import Row
from chassis.units import Reader
from louyu.membership.v1 import cadence_pb2 as pb
from membership.cadence import queries, rules
from membership.cadence.events import ACTIVITY, EVIDENCE, PERIOD, SCOPE, STATE
from membership.cadence.rules import BY_HAND, UNMET, Evidence, Rule, Settings, State
from membership.cadence.starters import Starter, starters


async def rule(reader: Reader, row: Row) -> pb.ObligationRule:
    """A rule with its newest version."""
    newest = (await queries.versions_of(reader, [row.id]))[row.id][-1]
    if row.next_on is None and row.code in starters():
        return _proposed(starters()[row.code], str(row.version))
    standing = pb.CADENCE_STANDING_NOT_CONFIGURED if row.next_on is None else pb.CADENCE_STANDING_RUNNING
    return _rule(row, newest, standing)


def _rule(row: Row, version: Row, standing: pb.CadenceStanding.ValueType) -> pb.ObligationRule:
    said = queries.rule_of(version)
    starter = starters().get(row.code)
    return pb.ObligationRule(
        code=row.code,
        etag=str(row.version),
        standing=standing,
        **_said(said),
        period=PERIOD.number(said.period),
        from_date=days.written(version.from_on),
        source=starter.source if starter else "",
        designed=starter.designed if starter else (),
        as_source=starter is not None and starter.is_followed_by(said),
        synthetic=row.synthetic,
    )


def _proposed(starter: Starter, etag: str) -> pb.ObligationRule:
    return pb.ObligationRule(
        code=starter.code,
        etag=etag,
        standing=pb.CADENCE_STANDING_NOT_CONFIGURED,
        **_said(starter),
        period=PERIOD.number(starter.period or ""),
        source=starter.source,
        designed=starter.designed,
    )


def _said(said: Rule | Starter) -> dict[str, Any]:
    return {
        "title_zh": said.title_zh,
        "title_en": said.title_en,
        "scope": SCOPE.number(said.scope),
        "evidence": EVIDENCE.number(said.evidence),
        "activity_kind": ACTIVITY.number(said.activity_kind),
        "due_days": said.due_days,
        "grace_days": said.grace_days,
        "unannounced": said.unannounced,
    }


async def board(reader: Reader) -> pb.CadenceBoard:
    """What the building has configured with its last periods, then what it has not."""
    known = await queries.every(reader)
    versions = await queries.versions_of(reader, [row.id for row in known])
    recent = await queries.recent(reader)
    rows = [_row(row, versions[row.id], recent.get(row.id, ())) for row in known if row.next_on is not None]
    order = list(starters())
    rows.sort(key=lambda one: order.index(one.rule.code) if one.rule.code in order else len(order))
    at_work = {one.rule.code for one in rows}
    etags = {row.code: str(row.version) for row in known}
    missing = [one for one in starters().values() if one.code not in at_work]
    rows += [pb.CadenceRow(rule=_proposed(one, etags.get(one.code, "0"))) for one in missing]
    return pb.CadenceBoard(rows=rows, as_of_date=days.written(days.day_of(reader.now)))


def _row(row: Row, versions: Sequence[Row], periods: Sequence[Row]) -> pb.CadenceRow:
    counts = {state: sum(period[state] for period in periods) for state in State}
    standing = pb.CADENCE_STANDING_RUNNING if periods else pb.CADENCE_STANDING_NOBODY_BOUND
    return pb.CadenceRow(
        rule=_rule(row, versions[-1], standing),
        periods=[_period(period) for period in periods],
        percent=rules.percent(counts),
        overdue=sum(period.overdue for period in periods),
    )


def _period(row: Row) -> pb.CadencePeriod:
    return pb.CadencePeriod(
        start_date=days.written(row.start_on),
        end_date=days.written(row.until_on),
        due_date=days.written(row.due_on),
        total=row.total,
        **{str(state): row[state] for state in State},
        attested=row.attested,
    )


def obligation(reader: Reader, row: Row, places: Mapping[str, str] | None = None) -> pb.Obligation:
    """An obligation, with what the caller may do with it; `places` names tenants below."""
    state, today = State(row.state), days.day_of(reader.now)
    return pb.Obligation(
        id=row.id,
        etag=str(row.version),
        place_id=row.tenant_id,
        place_name=(places or {}).get(row.tenant_id, ""),
        code=row.code,
        title_zh=row.title_zh,
        title_en=row.title_en,
        scope=SCOPE.number(row.scope),
        subject_id=row.subject_id,
        subject_name=row.subject_name,
        start_date=days.written(row.start_on),
        end_date=days.written(row.until_on),
        due_date=days.written(row.due_on),
        close_date=days.written(row.closes_on),
        evidence=EVIDENCE.number(row.evidence),
        state=STATE.number(state),
        overdue=rules.is_overdue(state, row.due_on, today),
        evidence_id="" if row.attested else row.evidence_id or "",
        filed_date=days.written(row.filed_on),
        attested=row.attested,
        reference=row.reference,
        reason=row.reason,
        level=pb.ObligationLevel.ValueType(row.level),
        verbs=_verbs(reader, row, state),
        synthetic=row.synthetic,
    )


def _verbs(reader: Reader, row: Row, state: State) -> list[str]:
    if reader.context.mode == "party":
        return ["waive"] if state in UNMET else []
    open_still = state is State.OPEN and days.day_of(reader.now) <= row.closes_on
    if not reader.context.has("BF"):
        return []
    if row.evidence == Evidence.REPORT:
        # A report that comes too late to count is better than none.
        return ["report"] if state in UNMET else []
    return ["attest"] if open_still and Evidence(row.evidence) in BY_HAND else []


def settings(held: Settings) -> pb.CadenceSettings:
    """The settings that hold, and where they come from."""
    return pb.CadenceSettings(
        etag=str(held.version),
        remind_days=held.remind_days,
        group_days=held.group_days,
        secretary_days=held.secretary_days,
        superior_days=held.superior_days,
        desk=held.desk,
        days_off=[days.written(day) for day in held.days_off],
        days_worked=[days.written(day) for day in held.days_worked],
        source="tenant" if held.version else "default",
        set_time=timestamp(held.created_at) if held.created_at else None,
    )
