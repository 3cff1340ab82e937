"""Who is to hear of what is not fulfilled: who is responsible, the leader, the secretary, the superior."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, update

from chassis import days
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork
from membership.cadence import events, queries, rules
from membership.cadence.periods import OF_ONE_DAY, Length
from membership.cadence.rules import Level, Scope, State
from membership.cadence.settings import SETTINGS
from membership.cadence.tables import obligations
from membership.cadres import queries as cadres
from membership.network import queries as network
from membership.orgs import queries as orgs

_RAISED: Final = (
    update(obligations)
    .where(
        obligations.c.tenant_id == bindparam("own_tenant"),
        obligations.c.id == bindparam("own_id"),
        obligations.c.level < bindparam("to_level"),
    )
    .values(level=bindparam("to_level"), version=obligations.c.version + 1, updated_at=bindparam("at"))
)


@dataclass(frozen=True, slots=True)
class Step:
    """An obligation that comes before one more; `person_id` is empty where nobody is known, or it is a duty
    group's or the superior's to hear."""

    row: Row
    level: Level
    person_id: str


@dataclass(frozen=True, slots=True)
class Posts:
    """Who is responsible for what in the building, as persons."""

    liaisons: Mapping[str, str]
    """By area."""
    secretaries: Mapping[str, str]
    """By organisation: of a floor group, its leader."""
    groups: Mapping[str, str]
    """The floor group of each floor."""
    branch: str
    """The building's own branch; of several, the oldest."""

    def of(self, row: Row, level: Level) -> str:
        """The person who hears of an obligation at a level; empty where nobody is known."""
        match level:
            case Level.RESPONSIBLE:
                return self._responsible(row)
            case Level.GROUP:
                return self.secretaries.get(self.groups.get(row.floor, ""), "")
            case Level.SECRETARY:
                own = row.subject_id if row.scope in (Scope.BRANCH, Scope.SECRETARY) else self.branch
                return self.secretaries.get(own, "")
            case _:
                return ""

    def _responsible(self, row: Row) -> str:
        if row.scope == Scope.AREA:
            return self.liaisons.get(row.subject_id, "")
        return self.secretaries.get(row.subject_id, "")


async def steps(unit: UnitOfWork) -> Sequence[Step]:
    """The steps that are due in the building now, the lower ones first."""
    held, today = await SETTINGS.current(unit), days.day_of(unit.now)
    found: list[Step] = []
    rows = await queries.unmet(unit, today + timedelta(days=held.remind_days))
    if not rows:
        return found
    posts = await _posts(unit)
    for row in rows:
        period = Length(row.period)
        now = rules.level(row.due_on, today, period, held, unannounced=row.unannounced)
        if row.goes_on and period in OF_ONE_DAY:
            # Days that are missed one after the other come before those above once.
            now = min(now, Level.GROUP)
        for number in range(row.level + 1, now + 1):
            level = Level(number)
            if level is not Level.SUPERIOR or row.superior_id:
                found.append(Step(row, level, posts.of(row, level)))
    return found


async def _posts(reader: Reader) -> Posts:
    known = await orgs.in_force(reader)
    held = await cadres.current(reader)
    return Posts(
        liaisons=await network.liaisons_by_area(reader),
        secretaries={row.org_id: row.person_id for row in held if row.post == "secretary"},
        groups={org.floor: org.id for org in known if org.floor},
        branch=next((org.id for org in known if network.is_branch(org)), ""),
    )


def people_in(found: Sequence[Step]) -> set[str]:
    """The people whose accounts are asked for."""
    return {step.person_id for step in found if step.person_id}


async def tell(unit: UnitOfWork, found: Sequence[Step], accounts: Mapping[str, str]) -> int:
    """Tell everybody once, and note up to whom each obligation was brought; how many steps it went."""
    held, today = await SETTINGS.current(unit), days.day_of(unit.now)
    unmet = await queries.still_unmet(unit, [step.row.id for step in found])
    found = [step for step in found if step.row.id in unmet]
    told: set[tuple[str, str]] = set()
    for step in found:
        overdue = rules.is_overdue(State(step.row.state), step.row.due_on, today)
        account = accounts.get(step.person_id, "")
        if step.level is Level.SUPERIOR:
            events.escalated(unit, step.row, held.desk)
        elif (step.row.id, account) not in told:
            events.reminded(unit, step.row, step.level, account, held.desk, overdue=overdue)
        told.add((step.row.id, account))
    raised = [
        {"own_tenant": unit.tenant_id, "own_id": step.row.id, "to_level": step.level, "at": unit.now}
        for step in found
    ]
    await unit.execute_many(_RAISED, raised)
    return len(found)
