"""T1, steps 9 and 10, as far as work-study and stalls go; T2's firms among themselves: what is listed finds
whoever wants it, and both sides agree."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from demo.client import People, Refused
from tests.fixtures.waiting import eventually

TOWER, CATERING = "华融国际大厦", "餐饮中心"


class Market:
    """A building's listings as the story's people use them."""

    def __init__(self, people: People, tenant: str) -> None:
        self.people = people
        self.root = f"/v1/tenants/{tenant}"
        self.tenant = tenant

    async def get(self, who: str, path: str, **query: Any) -> dict[str, Any]:
        return await self.people.get(who, f"{self.root}/{path}", **query)

    async def do(self, who: str, path: str, **body: Any) -> dict[str, Any]:
        return await self.people.post(who, f"{self.root}/{path}", body)

    async def listed(self, who: str, secretary: str, **said: Any) -> str:
        made = await self.do(who, "listings", **said, synthetic=True)
        await self.do(secretary, f"listings/{made['id']}:publish")
        return str(made["id"])

    async def interested(self, who: str, listing: str, **more: Any) -> dict[str, Any]:
        return await self.do(who, "interests", listing_id=listing, words="想要", synthetic=True, **more)

    async def refused(self, who: str, path: str, **body: Any) -> tuple[int, str]:
        with pytest.raises(Refused) as refusal:
            await self.do(who, path, **body)
        return refusal.value.status, refusal.value.reason

    async def told(self, who: str, subject: str, words: str) -> None:
        """A message about it is in somebody's inbox, or will be in a moment."""

        async def arrived() -> bool:
            messages = (await self.people.get(who, "/v1/me/messages", page_size=50))["messages"]
            return any(one["subject_id"] == subject and words in one["title"] for one in messages)

        await eventually(arrived)

    async def firm(self, who: str) -> str:
        memberships = (await self.people.get(who, "/v1/me"))["memberships"]
        here = next(row for row in memberships if row["tenant"] == self.tenant)
        return str(next(held["scope_id"] for held in here["permissions"] if held["letter"] == "E"))


@pytest.mark.row("0-15/TKT")
async def test_an_investors_enquiry_is_a_ticket_of_the_second_branch_and_ends_in_a_let_stall(
    people: People, places: dict[str, str]
) -> None:
    market = Market(people, places[CATERING])
    items = (await market.get("clerk1", "catalogue", page_size=100))["service_items"]
    item = next(one["id"] for one in items if one["code"] == "stall-enquiry")
    draft = await market.do(
        "clerk1", "listings", kind="STALL", title="故事·一楼 3 号档口", service_item_id=item
    )
    with pytest.raises(Refused) as unseen:
        await market.get("investor", f"listings/{draft['id']}")
    assert unseen.value.status == 404
    await market.do("secretary1", f"listings/{draft['id']}:publish")
    enquiry = await market.interested("investor", draft["id"])
    ticket = await market.get("investor", f"requests/{enquiry['ticket_id']}")
    assert (ticket["desk"], ticket["filed_for"]) == ("second-branch", "PERSON")
    await market.told("clerk1", draft["id"], "供需信息已发布")
    await market.told("clerk1", draft["id"], "有人对您发布的信息表示意向")
    await market.told("secretary1", ticket["id"], "新工单：档口招商咨询")
    assert await market.refused("investor", f"interests/{enquiry['id']}:accept") == (403, "PERMISSION_DENIED")
    shown = await market.do("secretary1", f"interests/{enquiry['id']}:show", answer="周六上午十点")
    assert (shown["state"], shown["verbs"]) == ("SHOWN", ["accept", "decline"])
    await market.told("investor", draft["id"], "已约看铺")
    let = await market.do("secretary1", f"interests/{enquiry['id']}:accept", answer="请来签合同")
    assert let["state"] == "ACCEPTED"
    assert (await market.get("investor", f"listings/{draft['id']}"))["state"] == "FILLED"
    await market.told("investor", draft["id"], "您的意向已达成")
    await market.told("clerk1", draft["id"], "一条意向已达成")
    # The enquiry has its result with it: the investor confirms, and it is closed.
    done = await market.get("investor", f"requests/{ticket['id']}")
    assert (done["state"], done["assignee"]) == ("RESOLVED", people.accounts["secretary1"])
    await people.post(
        "investor", f"{market.root}/requests/{ticket['id']}:confirm", {"rating": 5}, etag=done["etag"]
    )
    assert (await market.get("secretary1", f"requests/{ticket['id']}"))["state"] == "CLOSED"


async def test_what_is_taken_back_or_has_ended_leaves_no_ticket_and_no_riddle(
    people: People, places: dict[str, str]
) -> None:
    market = Market(people, places[CATERING])
    items = (await market.get("clerk1", "catalogue", page_size=100))["service_items"]
    item = next(one["id"] for one in items if one["code"] == "stall-enquiry")
    stall = await market.listed(
        "clerk1", "secretary1", kind="STALL", title="故事·一楼 4 号档口", service_item_id=item
    )
    given_up = await market.interested("investor", stall)
    await market.do("investor", f"interests/{given_up['id']}:withdraw")
    assert (await market.get("investor", f"requests/{given_up['ticket_id']}"))["state"] == "WITHDRAWN"
    await market.told("clerk1", stall, "一条意向已撤回")
    again = await market.do("investor", "interests", listing_id=stall, words="还是想要", synthetic=True)
    await market.do("clerk1", f"listings/{stall}:close")
    await market.told("investor", stall, "您的意向未达成")
    # Where the message leads is there to be read, and nothing is left with the desk.
    assert (await market.get("investor", f"listings/{stall}"))["state"] == "CLOSED"
    ticket = await market.get("investor", f"requests/{again['ticket_id']}")
    assert (ticket["state"], ticket["last_word"]) == ("RESOLVED", "铺位已有着落")


async def test_a_work_study_post_is_filled(people: People, places: dict[str, str]) -> None:
    market = Market(people, places[CATERING])
    post = await market.listed(
        "clerk1", "secretary1", kind="VACANCY", title="故事·驿站值守", terms="每小时 18 元"
    )
    application = await market.interested("worker1", post)
    twice = await market.refused("worker1", "interests", listing_id=post)
    assert twice == (409, "ALREADY_INTERESTED")
    await market.told("clerk1", post, "有人对您发布的信息表示意向")
    filled = await market.do("clerk1", f"interests/{application['id']}:accept")
    assert filled["state"] == "ACCEPTED"
    await market.told("worker1", post, "您的意向已达成")
    assert (await market.get("worker1", f"listings/{post}"))["state"] == "FILLED"


@pytest.mark.row("1-32/TKT")
async def test_a_firm_shares_something_and_another_books_it(people: People, places: dict[str, str]) -> None:
    market = Market(people, places[TOWER])
    host, guest = await market.firm("contact"), await market.firm("contact2")
    room = await market.listed(
        "contact", "secretary", kind="RESOURCE", title="故事·投影仪", enterprise_id=host
    )
    begin = datetime.now(UTC) + timedelta(days=1)
    when = {
        "start_time": begin.isoformat(),
        "end_time": (begin + timedelta(hours=2)).isoformat(),
        "enterprise_id": guest,
    }
    booking = await market.interested("contact2", room, **when)
    booked = await market.do("contact", f"interests/{booking['id']}:accept", answer="前台来取")
    assert (booked["state"], booked["enterprise_id"]) == ("ACCEPTED", guest)
    await market.told("contact2", room, "您的意向已达成")
    third = {**when, "enterprise_id": await market.firm("contact3")}
    taken = await market.refused("contact3", "interests", listing_id=room, **third)
    assert taken == (409, "BOOKING_OVERLAPS")
    await market.do("contact2", f"interests/{booking['id']}:withdraw")
    await market.told("contact", room, "一条意向已撤回")
    free = await market.get("contact3", f"listings/{room}")
    assert (free["state"], free["taken"]) == ("PUBLISHED", 0)
    await market.do("contact3", "interests", listing_id=room, **third)


@pytest.mark.row("1-23/TKT", partial=True)
async def test_an_offer_is_accepted_by_both_firms(people: People, places: dict[str, str]) -> None:
    market = Market(people, places[TOWER])
    host, guest = await market.firm("contact"), await market.firm("contact2")
    offer = await market.listed(
        "contact", "secretary", kind="OFFER", title="故事·代发快递", enterprise_id=host
    )
    own = await market.refused("contact", "interests", listing_id=offer, enterprise_id=host)
    assert own == (409, "OWN_LISTING")
    await market.told("contact", offer, "供需信息已发布")
    sent = await market.interested("contact2", offer, enterprise_id=guest)
    await market.told("contact", offer, "有人对您发布的信息表示意向")
    # The building published the offer; what two firms agree is between them.
    assert (await market.refused("secretary", f"interests/{sent['id']}:accept"))[0] == 404
    assert (await market.refused("contact3", f"interests/{sent['id']}:accept"))[0] == 404
    matched = await market.do("contact", f"interests/{sent['id']}:accept")
    assert matched["state"] == "ACCEPTED"
    await market.told("contact2", offer, "您的意向已达成")
    seen = (await market.get("contact", "interests", listing_id=offer))["interests"]
    assert [bool(one["enterprise_name"]) for one in seen] == [True]
    mine = (await market.get("contact2", "interests", mine=True))["interests"]
    assert sent["id"] in {one["id"] for one in mine}
