"""Suggestions, campaigns, themes and satisfaction waves on a real database, through commands and queries."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest
import pytest_asyncio

from chassis.context import Caller, Context, Scope
from chassis.database import Database
from chassis.days import day_of
from chassis.errors import Conflict, Forbidden, Invalid, NotFound, Stale, WrongState
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import Units
from tests.fixtures.clocks import at_noon
from tests.fixtures.servers import Databases, ServiceDatabase
from ticket.opinions import access, campaigns, commands, queries
from ticket.opinions.commands import Words
from ticket.opinions.replies import to_suggestion
from ticket.opinions.rules import Kind, LinkKind, Respondent, Source, State
from ticket.opinions.settings import SETTINGS
from ticket.opinions.themes import Theme, month_of
from ticket.satisfaction import commands as satisfaction
from ticket.satisfaction import queries as surveys
from ticket.satisfaction import rules as waves

TENANT, OTHER = new_id(), new_id()
CLERK, DELEGATE, WORKER = new_id(), new_id(), new_id()
KEY = b"k" * 32


@pytest_asyncio.fixture
async def ticket_database(databases: Databases) -> ServiceDatabase:
    return await databases.fresh("ticket")


@pytest_asyncio.fixture
async def units(ticket_database: ServiceDatabase) -> AsyncIterator[Units]:
    database = Database("ticket", ticket_database.app_url)
    yield Units(database, at_noon(40))
    await database.close()


def caller(account: str, letter: str = "O", tenant: str = TENANT) -> Context:
    return Context(
        mode="tenant",
        tenant_id=tenant,
        caller=Caller("account", account, person_id=account),
        scopes=(Scope(letter),),
        method="test",
    )


DESK, HOST, AUTHOR = caller(CLERK, "B"), caller(DELEGATE, "C"), caller(WORKER)


async def handlers(tenant_id: str, account_id: str) -> bool:
    return account_id in (CLERK, DELEGATE)


def words(campaign_id: str = "", respondent: Respondent = Respondent.WORKER) -> Words:
    return Words(respondent, "食堂增加夜宵窗口", campaign_id, synthetic=True)


async def suggest(
    units: Units,
    context: Context = AUTHOR,
    *,
    campaign_id: str = "",
    anonymous: bool = False,
    theme: Theme | None = None,
) -> Row:
    return await units.run(
        context,
        lambda u: commands.create(u, words(campaign_id), anonymous=anonymous, theme=theme, key=KEY),
    )


async def session(units: Units) -> Row:
    draft = campaigns.Draft(
        Kind.SESSION, "党代表接待日", "", (), None, None, DELEGATE, "一楼", units.clock.now(), True
    )
    made = await units.run(HOST, lambda u: campaigns.create(u, draft, handlers))
    return await units.run(HOST, lambda u: campaigns.begin(u, made.id, "1"))


async def stored(database: ServiceDatabase, query: str, *args: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(database.superuser_url)
    try:
        return list(await connection.fetch(query, *args))
    finally:
        await connection.close()


async def test_what_is_adopted_is_linked_and_then_replied_to(
    units: Units, ticket_database: ServiceDatabase
) -> None:
    made = await suggest(units)
    assert (made.state, made.source, made.number[:1]) == (State.RECEIVED, Source.DIRECT, "Y")
    await units.run(DESK, lambda u: commands.adopt(u, made.id, "1", "下月开窗口"))
    with pytest.raises(WrongState) as refused:
        await units.run(DESK, lambda u: commands.reply(u, made.id, "", "好"))
    assert refused.value.allowed == ("assign", "link")
    await units.run(DESK, lambda u: commands.link(u, made.id, "", "", "夜宵窗口试营业"))
    done = await units.run(DESK, lambda u: commands.reply(u, made.id, "", "十二月一日起试营业"))
    assert (done.state, done.link_kind, done.reply) == (State.REPLIED, LinkKind.ACTION, "十二月一日起试营业")
    history = await units.run(AUTHOR, lambda u: queries.history(u, done, None, 10))
    assert [row.kind for row in history] == ["received", "adopted", "linked", "replied"]
    told = await stored(ticket_database, "SELECT type, payload FROM outbox WHERE aggregate_id = $1", made.id)
    assert {row["type"].rsplit(".", 1)[-1] for row in told} == {
        "SuggestionReceived",
        "SuggestionAdopted",
        "SuggestionLinked",
        "SuggestionReplied",
    }
    for row in told:
        for written in ("夜宵", "试营业", "下月"):
            assert written.encode() not in row["payload"]


async def test_a_link_names_a_ticket_that_is_there(units: Units) -> None:
    made = await suggest(units)
    await units.run(DESK, lambda u: commands.adopt(u, made.id, "", ""))
    with pytest.raises(NotFound, match="TICKET_NOT_FOUND"):
        await units.run(DESK, lambda u: commands.link(u, made.id, "", new_id(), ""))


async def test_nobody_sees_who_wrote_an_anonymous_suggestion(units: Units) -> None:
    made = await suggest(units, anonymous=True)
    seen = to_suggestion(await units.run(DESK, lambda u: queries.suggestion(u, made.id)), access.actor(DESK))
    assert (seen.author, seen.mine, seen.anonymous) == ("", False, True)
    own = to_suggestion(
        await units.run(AUTHOR, lambda u: queries.suggestion(u, made.id)), access.actor(AUTHOR)
    )
    assert (own.author, own.mine) == (WORKER, True)
    # Giving it to its own author is not refused: the refusal would tell. Deciding is.
    both = caller(WORKER, "B")

    async def anyone(tenant_id: str, account_id: str) -> bool:
        return True

    await units.run(DESK, lambda u: commands.assign(u, made.id, "1", WORKER, anyone))
    with pytest.raises(Forbidden, match="OWN_SUGGESTION"):
        await units.run(both, lambda u: commands.adopt(u, made.id, "", ""))
    await units.run(AUTHOR, lambda u: commands.withdraw(u, made.id, ""))
    history = await units.run(DESK, lambda u: queries.history(u, made, None, 10))
    assert [(row.kind, row.actor) for row in history] == [
        ("received", None),
        ("assigned", CLERK),
        ("withdrawn", None),
    ]


async def test_each_caller_sees_only_what_the_scope_reaches(units: Units) -> None:
    own, given = await suggest(units), await suggest(units, campaign_id=(await session(units)).id)
    assert (given.source, given.assignee) == (Source.SESSION, DELEGATE)

    async def seen(context: Context) -> set[str]:
        rows = await units.run(context, lambda u: queries.page(u, queries.Filter(), None, 100))
        return {row.id for row in rows}

    assert await seen(DESK) == {own.id, given.id}
    assert await seen(AUTHOR) == {own.id, given.id}
    assert await seen(HOST) == {given.id}
    for letter in "OEF":
        assert await seen(caller(new_id(), letter)) == set()
    assert await seen(caller(CLERK, "B", OTHER)) == set()
    with pytest.raises(NotFound):
        await units.run(HOST, lambda u: commands.adopt(u, own.id, "", ""))
    await units.run(HOST, lambda u: commands.explain(u, given.id, "", "今年预算已定"))


async def test_what_came_on_paper_has_no_author_and_is_taken_back_by_nobody(units: Units) -> None:
    made = await units.run(DESK, lambda u: commands.record(u, words(), "演示物业公司"))
    seen = to_suggestion(made, access.actor(DESK))
    assert (seen.on_paper, seen.author, seen.respondent) == (True, "", "演示物业公司")
    with pytest.raises(Forbidden, match="NOT_THE_AUTHOR"):
        await units.run(DESK, lambda u: commands.withdraw(u, made.id, ""))


async def test_a_campaign_counts_class_by_class_and_takes_nothing_after_its_end(units: Units) -> None:
    today = day_of(units.clock.now())
    classes = (Respondent.WORKER, Respondent.CADRE)
    draft = campaigns.Draft(
        Kind.SURVEY, "征集", "", classes, today, today + timedelta(days=3), "", "", None, True
    )
    with pytest.raises(Forbidden, match="NOT_THE_HOST"):
        await units.run(HOST, lambda u: campaigns.create(u, draft, handlers))
    made = await units.run(DESK, lambda u: campaigns.create(u, draft, handlers))
    with pytest.raises(NotFound, match="CAMPAIGN_NOT_FOUND"):
        await suggest(units, campaign_id=made.id)
    await units.run(DESK, lambda u: campaigns.begin(u, made.id, "1"))
    first = await suggest(units, campaign_id=made.id)
    gone = await suggest(units, campaign_id=made.id)
    await units.run(AUTHOR, lambda u: commands.withdraw(u, gone.id, ""))
    await units.run(DESK, lambda u: commands.record(u, words(made.id, Respondent.CADRE), "处室"))
    with pytest.raises(Invalid, match="CLASS_NOT_ASKED"):
        await units.run(DESK, lambda u: commands.record(u, words(made.id, Respondent.PUBLIC), ""))
    await units.run(DESK, lambda u: commands.explain(u, first.id, "", "已有"))
    await units.run(DESK, lambda u: commands.reply(u, first.id, "", "谢谢"))
    progress = (await units.run(DESK, lambda u: queries.progress(u, [made.id])))[made.id]
    assert [tuple(row)[1:] for row in progress] == [
        (Respondent.CADRE, 1, 0, 0),
        (Respondent.WORKER, 1, 0, 1),
    ]
    units.clock.apply(units.clock.offset + timedelta(days=4))
    with pytest.raises(Conflict, match="CAMPAIGN_NOT_OPEN"):
        await suggest(units, campaign_id=made.id)


async def test_themes_are_told_of_a_month_that_is_over_and_only_from_enough_persons(
    units: Units, ticket_database: ServiceDatabase
) -> None:
    month = month_of(units.clock.now())
    for number in range(10):
        await suggest(units, caller(new_id()), theme=Theme.CANTEEN)
        if number < 9:
            await suggest(units, caller(new_id()), theme=Theme.TRAFFIC)
    for _ in range(12):
        await suggest(units, AUTHOR, theme=Theme.SAFETY)
    with pytest.raises(Conflict, match="MONTH_NOT_OVER"):
        await units.run(DESK, lambda u: queries.theme_report(u, month))
    units.clock.apply(units.clock.offset + timedelta(days=31))
    report = await units.run(DESK, lambda u: queries.theme_report(u, month))
    shown = {theme: persons for theme, persons in report.persons.items() if persons is not None}
    assert shown == {Theme.CANTEEN: 10}, "nine persons, and one person twelve times, are too few"
    await units.run(DESK, lambda u: SETTINGS.begin(u, "0", theme_threshold=9, answer_threshold=5))
    with pytest.raises(Stale):
        await units.run(DESK, lambda u: SETTINGS.begin(u, "0", theme_threshold=9, answer_threshold=5))
    again = await units.run(DESK, lambda u: queries.theme_report(u, month))
    assert again.persons[Theme.TRAFFIC] == 9
    columns = await stored(
        ticket_database,
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_name LIKE 'opinions_%' "
        "AND (column_name LIKE '%theme%' OR column_name LIKE '%score%' OR column_name LIKE '%floor%')",
    )
    assert {tuple(row) for row in columns} == {
        ("opinions_voices", "theme"),
        ("opinions_settings", "theme_threshold"),
    }, "a theme is kept nowhere beside a person or a suggestion"


async def test_no_building_goes_under_five(ticket_database: ServiceDatabase) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await stored(
            ticket_database,
            "INSERT INTO opinions_settings VALUES ($1, 1, 4, 5, '2026-01-01', 'x') RETURNING version",
            TENANT,
        )


async def test_the_database_refuses_to_delete_and_to_skip_the_link(
    units: Units, ticket_database: ServiceDatabase
) -> None:
    made = await suggest(units)
    for table in ("opinions_suggestions", "opinions_steps", "opinions_campaigns", "opinions_voices"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await units.run(DESK, lambda u, name=table: u.connection.execute(f"DELETE FROM {name}"))  # type: ignore[misc]
    await units.run(DESK, lambda u: commands.adopt(u, made.id, "", ""))
    with pytest.raises(asyncpg.CheckViolationError):
        await stored(
            ticket_database,
            "UPDATE opinions_suggestions SET state = 'replied', reply = 'x' WHERE id = $1 RETURNING id",
            made.id,
        )


async def survey(units: Units) -> Row:
    draft = satisfaction.Draft("食堂", "改造", [{"name_zh": "口味", "name_en": "Taste"}] * 2, True)
    made = await units.run(DESK, lambda u: satisfaction.create(u, draft))
    return await units.run(DESK, lambda u: satisfaction.open_wave(u, made.id, "1"))


async def test_one_answer_per_account_and_wave_even_at_the_same_moment(
    units: Units, ticket_database: ServiceDatabase
) -> None:
    made = await survey(units)

    async def answer(account: str) -> bool:
        try:
            await units.run(caller(account), lambda u: satisfaction.answer(u, made.id, [5, 3]))
        except Conflict:
            return False
        return True

    accounts = [new_id() for _ in range(5)]
    taken = await asyncio.gather(*(answer(account) for account in accounts * 3))
    assert sum(taken) == len(accounts)
    with pytest.raises(Conflict, match="ALREADY_ANSWERED"):
        await units.run(caller(accounts[0]), lambda u: satisfaction.answer(u, made.id, [1, 1]))
    sums = await units.run(DESK, lambda u: surveys.sums(u, [made.id]))
    assert sums[made.id, waves.Wave.BEFORE] == [waves.Tally(5, 25), waves.Tally(5, 15)]
    assert not await stored(ticket_database, "SELECT 1 FROM idempotency_keys")
    told = await stored(ticket_database, "SELECT type FROM outbox WHERE aggregate_id = $1", made.id)
    assert [row["type"].rsplit(".", 1)[-1] for row in told] == ["SurveyWaveOpened"]


async def test_who_is_asked_sees_what_asks_and_how_it_ended(units: Units) -> None:
    draft = satisfaction.Draft("大堂", "", [{"name_zh": "照明", "name_en": "Light"}], True)
    made = await units.run(DESK, lambda u: satisfaction.create(u, draft))
    with pytest.raises(NotFound, match="SURVEY_NOT_FOUND"):
        await units.run(AUTHOR, lambda u: satisfaction.answer(u, made.id, [5]))
    with pytest.raises(Stale):
        await units.run(DESK, lambda u: satisfaction.open_wave(u, made.id, "7"))
    for etag, step in enumerate((satisfaction.open_wave, satisfaction.close_wave) * 2, 1):
        await units.run(DESK, lambda u, do=step, seen=str(etag): do(u, made.id, seen))  # type: ignore[misc]
    done = await units.run(AUTHOR, lambda u: surveys.survey(u, made.id))
    assert done.state == waves.State.DONE
    with pytest.raises(Conflict, match="NO_WAVE_OPEN"):
        await units.run(AUTHOR, lambda u: satisfaction.answer(u, made.id, [5]))
