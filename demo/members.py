"""Who belongs where. In 华融国际大厦: 37 members in five enterprise branches and 19 floating ones in the
building's own, each with an employer and a home organisation. The totals are documented; who is where is
synthetic, and everybody was told before daily life begins.
"""

from datetime import date
from itertools import cycle, islice
from typing import Any, Final

from demo.data import accounts
from demo.district import District, Json, together
from demo.settings import OPERATOR

_OWN: Final = 37
_FLOATING: Final = 18
"""Without the one who has an account: together they are the 19 of the document."""
_AT_HOME: Final = 13
"""How many of them belong to the home organisation that answers in the demo."""
_TOLD: Final = "2026-01-05"
_LETTER_DAYS: Final = (("t1", "secretary1", 90), ("t2", "secretary", 90))
"""Sources say three or six months; these two places chose."""
_UNGROUPED: Final = 4
"""How many are still to be put into a floor group."""
_DESK: Final = {
    "code": "party-desk",
    "name_zh": "党务联络",
    "name_en": "Party affairs",
}
_DESKS: Final = (("home", "home"), ("mines", "superior4"), ("t3", "clerk3"), ("wanfangqiao", "community"))
"""Whose duty group hears of members elsewhere, of appeals, of who asks to be a guest: a home organisation, a
superior, a centre."""


async def rosters(district: District) -> None:
    """The rosters of three places, and the floating register of one."""
    await together(_party_desk(district, *row) for row in _DESKS)
    await together(_letters(district, *row) for row in _LETTER_DAYS)
    await together(
        (
            _tower(district),
            _own(district, "t1", "clerk1", "secretary1"),
            _own(district, "t4", "clerk4", "secretary4"),
            _own(district, "t5", "clerk5", "secretary5"),
        )
    )


async def _party_desk(district: District, key: str, login: str) -> None:
    desk = {**_DESK, "emails": [f"party-desk.{key}@demo.example"]}
    made = await district.people.post(OPERATOR, district.path(key, "desks"), desk)
    body = {"account": district.people.accounts[login]}
    await district.people.post(OPERATOR, district.path(key, f"desks/{made['id']}:addMember"), body)


async def _tower(district: District) -> None:
    people = await _named(district, "t2", "clerk")
    branches = [
        org["id"]
        for org in (await district.people.get("clerk", district.path("t2", "orgs"), page_size=100))["orgs"]
        if org["enterprise_id"]
    ]
    firms = district.firms["t2"]
    await together(
        _enrolled(district, "t2", ("clerk", "secretary"), people[number], {"org_id": branch})
        for number, branch in zip(range(_OWN), cycle(branches), strict=False)
    )
    orgs = (await district.people.get("clerk", district.path("t2", "orgs"), page_size=100))["orgs"]
    groups = [org["id"] for org in orgs if org["kind"] == "GROUP"]
    floating = people[_OWN : _OWN + _FLOATING]
    chosen = [*islice(cycle(groups), _FLOATING - _UNGROUPED), *[""] * _UNGROUPED]
    places = [
        _place(district.orgs["t2"], group, firm) for group, firm in zip(chosen, firms[5:], strict=False)
    ]
    await together(
        _floating(district, person, place, number)
        for number, (person, place) in enumerate(zip(floating, places, strict=True))
    )
    with_account = await _with_account(district)
    await _floating(district, with_account, _place(district.orgs["t2"], groups[0], firms[4]), 0)
    await together(_known_at_home(district, person) for person in (with_account, *floating[:_AT_HOME]))
    await _transfer(district)


async def _known_at_home(district: District, person: str) -> None:
    """The home organisation keeps its own roster: the same number and name are the same person."""
    people = district.people
    found = await people.get("clerk", district.path("t2", f"people/{person}"))
    reason = {"field": "ID_NUMBER", "reason": "演示：原支部名册登记同一人"}
    number = await people.post("clerk", district.path("t2", f"people/{person}:unmask"), reason)
    body = {"name": found["name"], "id_number": number["value"], "synthetic": True}
    await people.post("home", district.path("home", "people"), body)


async def _letters(district: District, key: str, secretary: str, days: int) -> None:
    path = district.path(key, "transfer-settings")
    await district.people.patch(secretary, path, {"letter_days": days}, etag="0")


async def _transfer(district: District) -> None:
    """A transfer that waits for its source."""
    body = {
        "source_id": district.tenants["home"],
        "org_id": district.orgs["t2"],
        "joined_on": "2012-07-01",
        "synthetic": True,
    }
    await district.people.post("floating", district.path("t2", "transfers:request"), body)


async def _own(district: District, key: str, clerk: str, secretary: str) -> None:
    """Members of the branch itself, spread over its groups and the first firms of the place."""
    people = await _named(district, key, clerk)
    orgs = (await district.people.get(clerk, district.path(key, "orgs"), page_size=100))["orgs"]
    groups = [org["id"] for org in orgs if org["kind"] == "GROUP"] or [""]
    firms = district.firms.get(key, [])[:3] or [""]
    places = zip(people, cycle(groups), cycle(firms), strict=False)
    await together(
        _enrolled(district, key, (clerk, secretary), person, _place(district.orgs[key], group, firm))
        for person, group, firm in places
    )


def _place(org: str, group: str, firm: str) -> Json:
    named = {"org_id": org, "group_id": group, "employer_id": firm}
    return {name: value for name, value in named.items() if value}


async def _named(district: District, key: str, who: str) -> list[str]:
    """The ids of the members of a roster, by name."""
    query = {"q": "演示党员", "page_size": 100}
    found = await district.people.get(who, district.path(key, "people"), **query)
    return [row["id"] for row in sorted(found["people"], key=lambda row: row["name"])]


async def _with_account(district: District) -> str:
    name = next(row["name"] for row in accounts() if row["login"] == "floating")
    found = await district.people.get("clerk", district.path("t2", "people"), q=name)
    return str(found["people"][0]["id"])


async def _enrolled(
    district: District, key: str, office: tuple[str, str], person: str, place: Json, **more: Any
) -> None:
    """Put forward by the clerk, told, and let count by the secretary once the notice is over."""
    clerk, secretary = office
    body = {
        "person_id": person,
        "body": "PARTY",
        **place,
        "joined_on": _joined(person).isoformat(),
        "told_on": _TOLD,
        "told_how": "IN_PERSON",
        "synthetic": True,
        **more,
    }
    made = await district.people.post(clerk, district.path(key, "members"), body)
    await district.people.post(secretary, district.path(key, f"members/{made['id']}:activate"))


async def _floating(district: District, person: str, place: Json, number: int) -> None:
    """Registered by the clerk, verified by the secretary, acknowledged where a home organisation answers."""
    people = district.people
    home: Json = {"home_id": district.tenants["home" if number < _AT_HOME else "home2"]}
    if number == _FLOATING - 1:
        home = {"home_name": "演示外省某镇党支部"}
    body = {
        "person_id": person,
        **place,
        "joined_on": _joined(person).isoformat(),
        "told_on": _TOLD,
        "told_how": "PHONE",
        "synthetic": True,
        **home,
    }
    made = await people.post("clerk", district.path("t2", "affiliations"), body)
    path = district.path("t2", f"affiliations/{made['id']}:verify")
    made = await people.post("secretary", path, etag=made["etag"])
    # One is left for whoever wants to see how a home organisation answers.
    if number < _AT_HOME - 1:
        path = district.path("home", f"home-affiliations/{made['id']}:acknowledge")
        await people.post("home", path, etag=made["etag"])


def _joined(person: str) -> date:
    """A day on which somebody invented may have joined; the same for the same person."""
    ordinal = date(2000, 7, 1).toordinal() + int(person.replace("-", "")[-6:], 16) % 8_000
    return date.fromordinal(ordinal)
