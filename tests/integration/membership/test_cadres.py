"""Cadres on a real database: one secretary, terms, and figures instead of ages."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from chassis import days
from chassis.errors import Conflict, Invalid, NotFound, Stale
from louyu.membership.v1 import cadres_pb2 as pb
from tests.integration.membership.network_of import Network, Person, person


async def listed(network: Network, who: Person, **filters: Any) -> list[pb.Cadre]:
    found: list[pb.Cadre] = []
    request = pb.ListCadresRequest(tenant=network.secretary.tenant, page_size=2, **filters)
    while True:
        page = await network.call(who, network.cadres.ListCadres, request)
        found.extend(page.cadres)
        if not page.next_page_token:
            return found
        request.page_token = page.next_page_token


async def ended(network: Network, post: pb.Cadre, **more: Any) -> pb.Cadre:
    wanted = {"etag": post.etag, "ending": pb.CADRE_ENDING_TERM_OVER, **more}
    request = pb.EndCadreRequest(id=post.id, **wanted)
    found: pb.Cadre = await network.call(network.secretary, network.cadres.EndCadre, request)
    return found


async def test_a_second_secretary_is_refused_until_the_first_is_gone(network: Network) -> None:
    branch = await network.branch()
    first = await network.appoint(branch, term_from="2026-01-05", term_until="2029-01-04")
    assert (first.display, first.org_name) == ("张**", "楼宇党支部")
    with pytest.raises(Conflict) as second:
        await network.appoint(branch)
    assert second.value.reason == "SECRETARY_EXISTS"
    await network.appoint(branch, pb.CADRE_POST_DEPUTY)
    gone = await ended(network, first, ended_on="2026-06-30")
    assert (gone.ended_on, gone.ending) == ("2026-06-30", pb.CADRE_ENDING_TERM_OVER)
    assert (await network.appoint(branch)).post == pb.CADRE_POST_SECRETARY
    assert [event.post for event in await network.told("CadreEnded")] == [pb.CADRE_POST_SECRETARY]
    with pytest.raises(Stale):
        await ended(network, first)


async def test_two_secretaries_appointed_at_once_are_one(network: Network) -> None:
    branch = await network.branch()
    made = await asyncio.gather(*(network.appoint(branch) for _ in range(4)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in made) == ["Cadre", "Conflict", "Conflict", "Conflict"]


async def test_the_database_refuses_a_second_secretary_as_well(network: Network) -> None:
    branch = await network.branch()
    await network.appoint(branch)
    again = (
        "INSERT INTO cadres_posts (tenant_id, id, created_at, updated_at, org_id, person_id, display, post, "
        "rank, post_type, term_from) SELECT tenant_id, gen_random_uuid(), now(), now(), org_id, "
        "gen_random_uuid(), display, post, rank, post_type, term_from FROM cadres_posts"
    )
    with pytest.raises(asyncpg.UniqueViolationError):
        await network.stored(again)


async def test_nothing_is_held_before_the_approval_or_by_someone_unknown(network: Network) -> None:
    org = await network.apply(network.street)
    with pytest.raises(Conflict) as early:
        await network.appoint(org)
    assert early.value.reason == "ORG_NOT_ACTIVE"
    branch = await network.branch("另一个支部")
    with pytest.raises(Invalid) as before:
        await network.appoint(branch, term_from="2016-06-30")
    assert before.value.reason == "TERM_BEFORE_FOUNDING"
    with pytest.raises(Invalid) as stranger:
        await network.appoint(branch, person_id=network.secretary.id)
    assert stranger.value.reason == "PERSON_UNKNOWN"


async def test_reserves_and_the_past_are_for_those_who_keep_the_roster(network: Network) -> None:
    branch = await network.branch()
    past = await network.appoint(branch, term_from="2020-01-01", term_until="2025-12-31")
    assert past.term_over
    await ended(network, past)
    await network.appoint(branch, pb.CADRE_POST_RESERVE)
    held = await network.appoint(branch)
    member = person(network.secretary.tenant, "O")
    assert [one.id for one in await listed(network, member)] == [held.id]
    assert len(await listed(network, network.secretary)) == 2
    assert [one.id for one in await listed(network, network.secretary, ended=True)] == [past.id]
    request = pb.GetCadreRequest(id=past.id, tenant=network.secretary.tenant)
    with pytest.raises(NotFound):
        await network.call(member, network.cadres.GetCadre, request)


@pytest.mark.row("3-37/MEM")
async def test_ages_are_told_as_bands_and_small_groups_not_at_all(network: Network) -> None:
    branch = await network.branch()
    today = days.day_of(network.units.clock.now())
    joined = (today - timedelta(days=20)).isoformat()
    ages = [31] * 4 + [41] * 3 + [66] * 5 + [51]
    for number, age in enumerate(ages):
        post = pb.CADRE_POST_SECRETARY if number == 0 else pb.CADRE_POST_COMMITTEE_MEMBER
        kind = pb.CADRE_POST_TYPE_PLACEMENT if age == 66 else pb.CADRE_POST_TYPE_FULL_TIME
        await network.appoint(branch, post, birth_year=today.year - age, post_type=kind, term_from=joined)
    gone = await network.appoint(
        branch, pb.CADRE_POST_DEPUTY, term_from="2020-01-01", birth_year=today.year - 66
    )
    await ended(network, gone)

    async def summary() -> pb.CadreSummary:
        request = pb.SummariseCadresRequest()
        found: pb.CadreSummary = await network.call(
            network.secretary, network.cadres.SummariseCadres, request
        )
        return found

    told = await summary()
    # One person of 45 to 54 is not told; so that the total does not tell it, the next smallest is not either.
    assert [(band.from_age, band.to_age, band.count, band.withheld) for band in told.bands] == [
        (0, 34, 4, False),
        (35, 44, 0, True),
        (45, 54, 0, True),
        (55, 0, 5, False),
    ]
    assert (told.people, told.inflow, told.outflow, told.without_secretary) == (13, 13, 1, 0)
    placed = {count.post_type: count.count for count in told.post_types}
    assert placed[pb.CADRE_POST_TYPE_PLACEMENT] == 5

    settings = await network.call(
        network.secretary, network.cadres.GetCadreSettings, pb.GetCadreSettingsRequest()
    )
    assert (settings.source, settings.etag) == ("default", "0")
    change = pb.UpdateCadreSettingsRequest(etag="0", age_borders=[40], smallest_told=1)
    changed = await network.call(network.secretary, network.cadres.UpdateCadreSettings, change)
    assert (changed.source, changed.etag, changed.smallest_told) == ("tenant", "1", 1)
    assert [band.count for band in (await summary()).bands] == [4, 9]
    with pytest.raises(Stale):
        await network.call(network.secretary, network.cadres.UpdateCadreSettings, change)
