"""The events of cadres, and how their words are written in the contract."""

from typing import Final

from chassis import days
from chassis.statements import Row
from chassis.words import Words
from louyu.membership.v1 import cadres_pb2 as pb

POST: Final = Words(pb.CadrePost)
POST_TYPE: Final = Words(pb.CadrePostType)
ENDING: Final = Words(pb.CadreEnding)


def appointed(row: Row) -> pb.CadreAppointed:
    """Somebody was put in a post."""
    return pb.CadreAppointed(
        cadre_id=row.id,
        org_unit_id=row.org_id,
        person_id=row.person_id,
        post=POST.number(row.post),
        term_from=days.written(row.term_from),
        term_until=days.written(row.term_until),
    )


def ended(row: Row) -> pb.CadreEnded:
    """A post ended."""
    return pb.CadreEnded(
        cadre_id=row.id,
        org_unit_id=row.org_id,
        person_id=row.person_id,
        post=POST.number(row.post),
        ending=ENDING.number(row.ending),
        ended_on=days.written(row.ended_on),
    )
