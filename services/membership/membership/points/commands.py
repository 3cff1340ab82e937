"""What is done with points: one function per verb. None of them edits an entry."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from asyncpg import UniqueViolationError
from sqlalchemy import insert, update

from chassis.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from membership.points import events, ledger, queries, rules
from membership.points.ledger import Entry, Movement
from membership.points.rules import Award, Fact, Given, Happened, Kind, Period, ProposalState, RuleVersion
from membership.points.settings import SETTINGS
from membership.points.tables import proposals
from membership.points.tables import rules as rule_rows

SYSTEM: Final = "system:membership/points"

_SEEN: Final = """
INSERT INTO points_facts (tenant_id, source, id, person_id, subject_id, activity_kind, brand, occurred_at)
SELECT $1::uuid, f.* FROM unnest($2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[],
                                 $8::timestamptz[]) AS f
ON CONFLICT DO NOTHING
RETURNING source, id
"""


async def answer(unit: UnitOfWork, happened: Sequence[Happened]) -> list[Entry]:
    """Post what the rules give for facts. A fact that was seen before gives nothing, whatever the rules
    say by now."""
    new = await _unseen(unit, {(one.fact.source, one.fact.id): one for one in happened})
    if not new:
        return []
    versions = [queries.version_of(row) for row in await queries.rule_rows_of(unit)]
    people = {one.fact.person_id: one.account for one in new if _earns(versions, one.fact)}
    if not people:
        return []
    accounts = await ledger.open_accounts(unit, people)
    given = await _given(unit, versions, accounts, [one.fact for one in new])
    titles = {one.fact.id: one.title for one in new}
    awards = rules.awards(versions, [one.fact for one in new], given)
    entries = await ledger.post(unit, [_movement(award, accounts, titles) for award in awards])
    for entry in entries:
        events.posted(unit, entry)
    return entries


async def _unseen(unit: UnitOfWork, happened: Mapping[tuple[str, str], Happened]) -> list[Happened]:
    rows = [
        (f.source, f.id, f.person_id, one.subject_id, f.activity_kind, f.brand, f.at)
        for one in happened.values()
        for f in [one.fact]
    ]
    if not rows:
        return []
    columns = [list(column) for column in zip(*rows, strict=True)]
    written = await unit.connection.fetch(_SEEN, unit.tenant_id, *columns)
    seen = {(row.source, row.id) for row in written}
    return [one for key, one in happened.items() if key in seen]


def _earns(versions: Sequence[RuleVersion], fact: Fact) -> bool:
    return any(rules.answers(rule, fact) for rule in rules.in_force(versions, fact.at))


async def _given(
    unit: UnitOfWork, versions: Sequence[RuleVersion], accounts: Mapping[str, Row], facts: Sequence[Fact]
) -> Given:
    given = Given()
    capped = {one.id: Period(one.cap_period) for one in sorted(versions, key=_age) if one.cap}
    if not capped:
        return given
    since = min(rules.period_start(period, fact.at) for period in capped.values() for fact in facts)
    people = {row.id: person for person, row in accounts.items()}
    for row in await queries.given(unit, list(capped), list(people), since):
        given.note(row.rule_id, capped[row.rule_id], people[row.member], row.occurred_at, row.delta)
    return given


def _age(version: RuleVersion) -> int:
    return version.version


def _movement(award: Award, accounts: Mapping[str, Row], titles: Mapping[str, str]) -> Movement:
    return Movement(
        account=accounts[award.fact.person_id],
        kind=Kind.RULE,
        delta=award.delta,
        title=titles[award.fact.id],
        posted_by=SYSTEM,
        occurred_at=award.fact.at,
        brand=award.fact.brand,
        rule_id=award.rule.id,
        rule_version=award.rule.version,
        source_id=award.fact.id,
    )


async def open_mine(unit: UnitOfWork) -> Row:
    """The caller's account, opened where there is none."""
    caller = unit.context.caller
    if not caller.person_id:
        raise Forbidden("POINTS_NEED_A_PERSON")
    opened = await ledger.open_accounts(unit, {caller.person_id: caller.account_id})
    return opened[caller.person_id]


async def post_by_hand(unit: UnitOfWork, account_id: str, delta: int, reason: str) -> Entry:
    """Post points with a reason, or deduct what is there. Refused for oneself."""
    account = await queries.account(unit, account_id, lock=True)
    return await _post_by_hand(unit, account, delta, reason, Kind.MANUAL)


async def _post_by_hand(unit: UnitOfWork, account: Row, delta: int, reason: str, kind: Kind) -> Entry:
    caller = unit.context.caller
    rules.check_not_oneself(account.person_id, caller.person_id)
    if delta < 0:
        rules.check_spendable(account.balance, -delta)
    movement = Movement(account, kind, delta, reason, caller.actor, unit.now)
    (entry,) = await ledger.post(unit, [movement])
    unit.audit("points.post", account.id, delta=delta, kind=kind)
    events.posted(unit, entry)
    return entry


async def reverse(unit: UnitOfWork, entry_id: str, reason: str) -> Entry:
    """Post the opposite of an entry, once. Points that are spent already leave the balance below zero."""
    original = await queries.entry(unit, entry_id)
    account = await queries.account(unit, original.member, lock=True)
    rules.check_not_oneself(account.person_id, unit.context.caller.person_id)
    delta = rules.reversal(original)
    if original.reversed_by is not None:
        raise Conflict("ENTRY_REVERSED_ALREADY")
    movement = Movement(
        account,
        Kind.REVERSAL,
        delta,
        reason,
        unit.context.caller.actor,
        original.occurred_at,
        brand=original.brand,
        reverses=original.id,
    )
    try:
        (entry,) = await ledger.post(unit, [movement])
    except UniqueViolationError as error:  # someone reversed it while this waited for the account
        raise Conflict("ENTRY_REVERSED_ALREADY") from error
    unit.audit("points.reverse", original.id, delta=delta)
    events.reversed_(unit, entry)
    return entry


async def set_rule(unit: UnitOfWork, rule: RuleVersion) -> Row:
    """Begin a new version of a rule, or a new rule. `rule.version` is the version the caller has seen."""
    rule.check()
    if rule.from_at < unit.now:
        raise Invalid("RULE_FROM_PAST")
    known = [row for row in await queries.rule_rows_of(unit) if row.id == rule.id]
    if rule.version and not known:
        raise NotFound("POINTS_RULE_NOT_FOUND")
    if max((row.version for row in known), default=0) != rule.version:
        raise Stale
    values: dict[str, Any] = {name: getattr(rule, name) for name in RuleVersion.__dataclass_fields__}
    values |= {"version": rule.version + 1, "set_by": unit.context.caller.actor, "created_at": unit.now}
    try:
        row = await unit.one(
            insert(rule_rows).values(tenant_id=unit.tenant_id, **values).returning(rule_rows)
        )
    except UniqueViolationError as error:  # two began the same version at the same moment
        raise Stale from error
    unit.audit("points.rule", row.id, version=row.version, delta=row.delta)
    events.rule_changed(unit, row)
    return row


async def propose(unit: UnitOfWork, number: str, delta: int, reason: str) -> str:
    """Propose points for the member with this number; the id of the proposal."""
    account = await queries.account_by_number(unit, number)
    caller = unit.context.caller
    rules.check_not_oneself(account.person_id, caller.person_id)
    proposal_id = new_id()
    await unit.execute(
        insert(proposals).values(
            tenant_id=unit.tenant_id,
            id=proposal_id,
            created_at=unit.now,
            updated_at=unit.now,
            created_by=caller.actor,
            points_account=account.id,
            delta=delta,
            reason=reason,
            state=ProposalState.PROPOSED,
            proposer_person=caller.person_id,
        )
    )
    unit.audit("points.propose", proposal_id, delta=delta)
    events.proposed(unit, proposal_id)
    return proposal_id


async def accept(unit: UnitOfWork, proposal_id: str) -> None:
    """Post what was proposed. Refused to the proposer and to the member."""
    row = await _decide(unit, proposal_id, ProposalState.ACCEPTED)
    account = await queries.account(unit, row.points_account, lock=True)
    await _post_by_hand(unit, account, row.delta, row.reason, Kind.PROPOSAL)


async def decline(unit: UnitOfWork, proposal_id: str) -> None:
    """Decline a proposal. Refused to the proposer and to the member."""
    await _decide(unit, proposal_id, ProposalState.DECLINED)


async def _decide(unit: UnitOfWork, proposal_id: str, state: ProposalState) -> Row:
    row = await queries.proposal(unit, proposal_id, lock=True)
    caller = unit.context.caller
    rules.check_not_oneself(row.proposer_person, caller.person_id)
    rules.check_not_oneself(row.person_id, caller.person_id)
    rules.decide(row.state)
    p = proposals.c
    await unit.execute(
        update(proposals)
        .where(p.tenant_id == unit.tenant_id, p.id == row.id)
        .values(
            state=state,
            decided_by=caller.actor,
            decided_at=unit.now,
            version=p.version + 1,
            updated_at=unit.now,
        )
    )
    unit.audit(f"points.proposal-{state}", row.id)
    events.proposal_decided(unit, row.id, state)
    return row


async def change_settings(unit: UnitOfWork, etag: str, figures: Mapping[str, int]) -> rules.Settings:
    """Begin a new version of the building's figures. Figures that are not named stay as they were."""
    present = await SETTINGS.current(unit)
    values: dict[str, int] = {name: figures.get(name) or getattr(present, name) for name in rules.FIGURES}
    rules.check_bands(values["band_middle"], values["band_high"])
    return await SETTINGS.begin(unit, etag, **values)


async def spend(unit: UnitOfWork, price: int, title: str) -> Row:
    """Take the price of a reward from the caller's account; the account. For the shop."""
    mine = await queries.mine(unit)
    rules.check_spendable(mine.balance if mine else 0, price)
    assert mine is not None
    account = await queries.account(unit, mine.id, lock=True)
    rules.check_spendable(account.balance, price)
    await _move(unit, account, Kind.REDEMPTION, -price, title)
    return account


async def give_back(unit: UnitOfWork, account_id: str, price: int, title: str) -> None:
    """Give the price of a reward back. For the shop."""
    account = await queries.account(unit, account_id, lock=True)
    await _move(unit, account, Kind.REFUND, price, title)


async def _move(unit: UnitOfWork, account: Row, kind: Kind, delta: int, title: str) -> None:
    movement = Movement(account, kind, delta, title, unit.context.caller.actor, unit.now)
    (entry,) = await ledger.post(unit, [movement])
    events.posted(unit, entry)
