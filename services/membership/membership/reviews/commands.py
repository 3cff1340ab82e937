"""What is done with a review: one function a verb, each in the caller's unit of work. A grade comes from
`decide` and from nothing else."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis import days
from chassis.errors import Conflict, Stale
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from membership.members import queries as members
from membership.orgs import queries as orgs
from membership.reviews import events, queries, rules
from membership.reviews.rules import Ballots, Basis, Grade, State, Tally
from membership.reviews.tables import reviews
from membership.texts import clean


async def open_year(unit: UnitOfWork, org_id: str, year: int, *, synthetic: bool) -> tuple[int, int]:
    """Open the year's review of everybody whose relation is with an organisation; how many were opened, and
    how many were there already. NOBODY_ON_ROSTER, YEAR_TO_COME."""
    rules.check_year(year, days.day_of(unit.now))
    org = await orgs.active(unit, org_id, lock=True)
    # Somebody of a home organisation elsewhere is reviewed there.
    roster = await members.party_roster(unit, org.id, own=True)
    if not roster:
        raise Conflict("NOBODY_ON_ROSTER")
    known = await queries.reviewed(unit, year)
    opened = 0
    for member in roster:
        if member.person_id in known:
            continue
        row = await unit.first(
            upsert(reviews)
            .values(_review(unit, org.id, member, year, synthetic=synthetic))
            .on_conflict_do_nothing(constraint="reviews_once")
            .returning(reviews)
        )
        if row is not None:
            opened += 1
            events.opened(unit, row)
    unit.audit("reviews.open", org.id, year=year, opened=opened)
    return opened, len(roster) - opened


def _review(unit: UnitOfWork, org_id: str, member: Row, year: int, *, synthetic: bool) -> dict[str, Any]:
    return {
        "tenant_id": unit.tenant_id,
        "id": new_id(),
        "created_at": unit.now,
        "updated_at": unit.now,
        "created_by": unit.context.caller.actor,
        "synthetic": synthetic,
        "org_id": org_id,
        "person_id": member.person_id,
        "account": member.account,
        "display": member.display,
        "year": year,
        "state": State.OPEN,
        "self_grade": "",
        "peers_reference": "",
        "poll_reference": "",
        "grade": "",
        "bases": [],
    }


async def rate(unit: UnitOfWork, review_id: str, grade: Grade) -> Row:
    """The member's own rating."""
    row = await _take(unit, queries.own(unit), review_id)
    row = unit.change(reviews, row, {"self_grade": grade})
    unit.audit("reviews.rate", row.id)
    events.gathered(unit, row, Basis.SELF)
    return row


async def tally(
    unit: UnitOfWork, review_id: str, etag: str, kind: Tally, ballots: Ballots, reference: str
) -> Row:
    """The ballots of a meeting, counted. REVIEW_IS_OWN, NO_BALLOTS."""
    rules.check_ballots(ballots)
    row = await _of_another(unit, review_id, etag)
    number = clean(reference=reference)["reference"]
    row = unit.change(reviews, row, {str(kind): list(ballots.counts), f"{kind}_reference": number})
    unit.audit("reviews.tally", row.id, kind=str(kind))
    events.gathered(unit, row, Basis(kind))
    return row


async def decide(unit: UnitOfWork, review_id: str, etag: str, grade: Grade, named: Collection[Basis]) -> Row:
    """Somebody decides the grade and says what it rests on. REVIEW_IS_OWN, BASES_TOO_FEW, BASIS_NOT_THERE."""
    row = await _of_another(unit, review_id, etag)
    there = {one.kind: one for one in (await queries.bases(unit, [row]))[row.id]}
    found = rules.check_bases(named, there.keys())
    row = unit.change(
        reviews,
        row,
        {
            "state": State.DECIDED,
            "grade": grade,
            "bases": [str(basis) for basis in found],
            "appraisal_id": there[Basis.APPRAISAL].record_id if Basis.APPRAISAL in found else None,
            "honour_id": there[Basis.HONOUR].record_id if Basis.HONOUR in found else None,
            "decider": unit.context.caller.person_id,
            "decided_at": unit.now,
        },
    )
    unit.audit("reviews.decide", row.id, bases=len(found))
    events.decided(unit, row)
    return row


async def _of_another(unit: UnitOfWork, review_id: str, etag: str) -> Row:
    row = await _take(unit, queries.here(unit), review_id)
    rules.check_other(row.person_id, unit.context.caller.person_id)
    if etag != str(row.version):
        raise Stale
    return row


async def _take(unit: UnitOfWork, where: ColumnElement[bool], review_id: str) -> Row:
    """Lock one that is open. What is decided cannot be locked, hence the look before: it says why."""
    for lock in (False, True):
        row = await queries.one(unit, where, review_id, lock=lock)
        rules.check_open(State(row.state))
    return row
