"""Reviews in the contract's words."""

from collections.abc import Sequence

from chassis.context import Context
from chassis.statements import Row
from chassis.units import Reader
from louyu.membership.v1 import reviews_pb2 as pb
from membership.orgs import queries as orgs
from membership.reviews import queries, rules
from membership.reviews.events import BASIS, GRADE, STATE
from membership.reviews.queries import ONESELF, There
from membership.reviews.rules import Actor, State


def actor(context: Context) -> Actor:
    """Who the caller is to other people's reviews, by what the caller came to do."""
    branch = context.permission != ONESELF and context.has("B")
    return Actor(context.caller.person_id, records=branch, decides=branch)


async def shown(reader: Reader, rows: Sequence[Row]) -> list[pb.Review]:
    """Reviews with what their grades may rest on."""
    bases = await queries.bases(reader, rows)
    names = await orgs.names(reader, (row.org_id for row in rows))
    caller = actor(reader.context)
    return [
        pb.Review(
            id=row.id,
            etag=str(row.version),
            org_id=row.org_id,
            org_name=names.get(row.org_id, ""),
            person_id=row.person_id,
            display=row.display,
            year=row.year,
            state=STATE.number(row.state),
            bases=[_basis(one) for one in bases[row.id]],
            grade=GRADE.number(row.grade),
            verbs=[str(verb) for verb in rules.allowed(State(row.state), row.person_id, caller)],
            decide_time=row.decided_at,
            synthetic=row.synthetic,
        )
        for row in rows
    ]


def _basis(there: There) -> pb.ReviewBasis:
    return pb.ReviewBasis(
        kind=BASIS.number(there.kind),
        record_id=there.record_id,
        grade=GRADE.number(there.grade),
        tally=_tally(there.counts) if there.counts else None,
        reference=there.reference,
        stars=there.stars,
    )


def _tally(counts: Sequence[int]) -> pb.ReviewTally:
    excellent, qualified, barely_qualified, unqualified = counts
    return pb.ReviewTally(
        excellent=excellent,
        qualified=qualified,
        barely_qualified=barely_qualified,
        unqualified=unqualified,
    )
