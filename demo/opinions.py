"""Opinions of the demo's two months: campaigns, a delegate's reception day, themes, satisfaction."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from demo.district import District
from demo.settings import OPERATOR
from demo.timeline import Timeline

_BEFORE_LAST_MONTH: Final = 33
"""So many days ago a month was running that is over today."""

_TOWER: Final = (
    ("contact", "ENTERPRISE", "CANTEEN", "希望大厦食堂增加快餐窗口，午高峰少排队"),
    ("contact2", "ENTERPRISE", "CANTEEN", "建议食堂提供企业团餐预订"),
    ("contact3", "ENTERPRISE", "CANTEEN", "食堂能不能开具电子发票"),
    ("worker", "WORKER", "CANTEEN", "加班到晚上八点以后没有地方吃饭，建议开夜宵"),
    ("worker2", "WORKER", "CANTEEN", "希望每天公布菜单和价格"),
    ("worker3", "WORKER", "CANTEEN", "清真窗口只有一个，建议再开一个"),
    ("member", "MEMBER", "CANTEEN", "建议设党员先锋岗引导分流取餐"),
    ("floating", "MEMBER", "CANTEEN", "外卖柜放在大堂，取餐更方便"),
    ("activist", "WORKER", "CANTEEN", "建议食堂减少一次性餐具"),
    ("public", "PUBLIC", "CANTEEN", "周边居民能不能错峰到食堂用餐"),
    ("volunteer", "PUBLIC", "CANTEEN", "可以组织志愿者在午高峰维持秩序"),
    ("leader", "MEMBER", "TRAFFIC", "地下车库早高峰进场太慢"),
    ("liaison", "WORKER", "TRAFFIC", "建议增加电动车充电桩"),
    ("worker2", "WORKER", "TRAFFIC", "访客停车希望能提前预约"),
)
"""Who says what for whom, and the theme they choose: eleven persons raise the first, three the second."""
_RECENT: Final = (
    ("worker", "WORKER", False, "十二层茶水间的热水器总是没有热水"),
    ("worker3", "WORKER", True, "希望晚上九点以后电梯厅不要关灯"),
    ("contact", "ENTERPRISE", False, "建议每季度办一次楼内企业交流会"),
)
_EIGHT: Final = (
    ("RESIDENT_UNIT", "演示驻楼单位甲", "会议室预订希望改为线上办理"),
    ("RESIDENT_UNIT", "演示驻楼单位乙", "办公楼三层卫生间排风不好，请检修"),
    ("RESIDENT_UNIT", "演示驻楼单位丙", "报修后希望告知师傅到场时间"),
    ("COMMISSIONED_UNIT", "演示保洁公司", "垃圾分类点位偏少，建议各层增设"),
    ("COMMISSIONED_UNIT", "演示餐饮公司", "建议食堂提前一周收集大型活动用餐人数"),
    ("CADRE", "演示处室甲", "理发和修补服务希望固定时间、可以预约"),
    ("CADRE", "演示处室乙", "建议增设母婴室"),
    ("CADRE", "演示处室丙", "班车末班时间希望延后半小时"),
)
"""The documented number, 8 suggestions of 3 classes; the words are invented."""


@dataclass(frozen=True, slots=True)
class Opinions:
    """A building's opinions as its people use them."""

    made: District
    key: str
    clerk: str

    def path(self, rest: str) -> str:
        return self.made.path(self.key, rest)

    async def post(self, who: str, rest: str, **body: Any) -> dict[str, Any]:
        return await self.made.people.post(who, self.path(rest), body)

    async def suggest(self, who: str, respondent: str, text: str, **more: Any) -> dict[str, Any]:
        body = {"respondent_class": respondent, "text": text, "synthetic": True, **more}
        return await self.post(who, "opinions", **body)

    async def follow(self, suggestion: dict[str, Any], action: str) -> None:
        """Adopt it, do something about it, reply."""
        one = f"opinions/{suggestion['id']}"
        await self.post(self.clerk, f"{one}:adopt", decision="可行，安排落实")
        await self.post(self.clerk, f"{one}:link", action=action)
        await self.post(self.clerk, f"{one}:reply", reply=f"{action}，感谢您的建议。")

    async def explain(self, suggestion: dict[str, Any], reason: str) -> None:
        """Say why not, and reply."""
        one = f"opinions/{suggestion['id']}"
        await self.post(self.clerk, f"{one}:explain", reason=reason)
        await self.post(self.clerk, f"{one}:reply", reply=f"{reason}，请您谅解。")

    async def campaign(self, moment: Any, days: int, **words: Any) -> dict[str, Any]:
        """A campaign that is open from the day of a moment on."""
        first = moment.date()
        ends = {"opens_on": f"{first}", "closes_on": f"{first + timedelta(days=days)}"}
        made = await self.post(
            self.clerk, "opinion-campaigns", kind="SURVEY", synthetic=True, **ends, **words
        )
        return await self.post(self.clerk, f"opinion-campaigns/{made['id']}:open")

    async def ask(self, survey: dict[str, Any], answers: dict[str, list[int]]) -> dict[str, Any]:
        """One wave: opened, answered, closed."""
        one = self.path(f"satisfaction/{survey['id']}")
        people = self.made.people
        opened = await people.post(self.clerk, f"{one}:open", etag=survey["etag"])
        await asyncio.gather(
            *(people.post(who, f"{one}:answer", {"scores": scores}) for who, scores in answers.items())
        )
        return await people.post(self.clerk, f"{one}:close", etag=opened["etag"])


def plan(made: District, timeline: Timeline) -> None:
    """What is asked, said and answered in the two months."""
    tower = Opinions(made, "t2", "clerk")
    early, late = _tick(timeline, _BEFORE_LAST_MONTH), _tick(timeline, 6)
    timeline.at(early, "opinions-t2", lambda: _tower(tower))
    timeline.at(late, "opinions-t2", lambda: _tower_lately(tower, timeline.ticks[late]))
    timeline.at(early, "opinions-t5", lambda: _eight(Opinions(made, "t5", "clerk5"), timeline.ticks[early]))
    timeline.at(late, "opinions-t3", lambda: _reception(Opinions(made, "t3", "clerk3"), timeline.ticks[late]))
    _satisfaction(tower, timeline, early, late)


def _tick(timeline: Timeline, days: int) -> int:
    """The last tick that lies at least so many days before the end."""
    until = timeline.ticks[-1] - timedelta(days=days)
    return max((number for number, moment in enumerate(timeline.ticks) if moment <= until), default=0)


async def _tower(tower: Opinions) -> None:
    said = await asyncio.gather(
        *(tower.suggest(who, respondent, text, theme=theme) for who, respondent, theme, text in _TOWER)
    )
    await tower.follow(said[0], "十一月起增设两个快餐窗口")
    await tower.follow(said[3], "工作日夜宵窗口试营业到晚上九点")
    await tower.follow(said[12], "地下二层新装十个电动车充电桩")
    await tower.explain(said[9], "食堂目前只能保障楼内用餐，暂不对外开放")
    one = f"opinions/{said[5]['id']}"
    await tower.post(tower.clerk, f"{one}:adopt", decision="与餐饮单位商定方案")


async def _tower_lately(tower: Opinions, moment: Any) -> None:
    winter = await tower.campaign(
        moment,
        21,
        title="暖冬服务意见征集",
        purpose="冬季供暖、热水、夜间照明等方面，您希望我们改进什么？",
        classes=["ENTERPRISE", "WORKER", "MEMBER"],
    )
    for who, respondent, anonymous, text in _RECENT:
        await tower.suggest(who, respondent, text, anonymous=anonymous, campaign_id=winter["id"])


async def _eight(bodies: Opinions, moment: Any) -> None:
    asked = await bodies.campaign(
        moment,
        20,
        title="后勤服务意见建议征集",
        purpose="面向驻楼单位、委托服务单位和干部职工征集意见建议。",
        classes=["RESIDENT_UNIT", "COMMISSIONED_UNIT", "CADRE"],
    )
    for number, (respondent, unit, text) in enumerate(_EIGHT):
        body = {"respondent_class": respondent, "respondent": unit, "text": text, "synthetic": True}
        said = await bodies.post(bodies.clerk, "opinions:record", campaign_id=asked["id"], **body)
        if number % 4 == 3:
            await bodies.explain(said, "已列入明年计划")
        else:
            await bodies.follow(said, "已安排责任科室本月完成")
    await bodies.post(bodies.clerk, f"opinion-campaigns/{asked['id']}:close")


async def _reception(centre: Opinions, moment: Any) -> None:
    # The building's desks are where its staff find whom to give something to.
    studio = {"code": "delegate-studio", "name_zh": "党代表工作室", "name_en": "Delegate's studio"}
    desk = await centre.post(OPERATOR, "desks", **studio)
    delegate = centre.made.people.accounts["delegate"]
    await centre.post(OPERATOR, f"desks/{desk['id']}:addMember", account=delegate)
    day = await centre.post(
        "delegate",
        "opinion-campaigns",
        kind="SESSION",
        title="党代表接待日",
        purpose="听取职工群众意见建议",
        host=delegate,
        place="党代表工作室",
        start_time=(moment + timedelta(hours=1)).isoformat(),
        synthetic=True,
    )
    await centre.post("delegate", f"opinion-campaigns/{day['id']}:open")
    await centre.suggest("worker33", "WORKER", "职工书屋能不能延长到晚上九点", campaign_id=day["id"])


_LISTENED: Final = ("worker", "worker2", "worker3", "member", "public", "contact", "activist")


def _satisfaction(tower: Opinions, timeline: Timeline, early: int, late: int) -> None:
    """Asked before and after the canteen was changed; a second survey has just begun."""
    surveys: dict[str, dict[str, Any]] = {}
    names = (("口味", "Taste"), ("排队时间", "Waiting"), ("环境", "Surroundings"))
    dimensions = [{"name_zh": zh, "name_en": en} for zh, en in names]

    async def before() -> None:
        words = {"title": "食堂服务满意度", "about": "增设快餐窗口、试开夜宵前后各测一次"}
        made = await tower.post(tower.clerk, "satisfaction", **words, dimensions=dimensions, synthetic=True)
        answers = {who: [3 + n % 2, 2, 3 + n % 3 // 2] for n, who in enumerate(_LISTENED)}
        surveys["canteen"] = await tower.ask(made, answers)

    async def after() -> None:
        answers = {who: [4, 4 + n % 2, 4] for n, who in enumerate(_LISTENED)}
        await tower.ask(surveys["canteen"], answers)
        words = {"title": "大堂与电梯满意度", "about": "明年一月改造前先听听您的感受"}
        made = await tower.post(
            tower.clerk, "satisfaction", **words, dimensions=dimensions[1:], synthetic=True
        )
        one = tower.path(f"satisfaction/{made['id']}:open")
        await tower.made.people.post(tower.clerk, one, etag=made["etag"])

    timeline.at(early, "opinions-satisfaction", before)
    timeline.at(late, "opinions-satisfaction", after)
