"""Honours: posts, models and stars of members in 矿业服务公司 and 华融国际大厦, and a merchant's in 餐饮中心.

A clerk nominates, the secretary approves, the nominee consents or does not; one term ends while the two
months of the demo pass.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from demo.district import District, Json, together

_OFFICES: Final = {
    "t1": ("clerk1", "secretary1"),
    "t2": ("clerk", "secretary"),
    "t4": ("clerk4", "secretary4"),
}
_SHORT_TERM_DAYS: Final = 20
_HONOURS: Final[tuple[tuple[str, str, str, Json], ...]] = (
    ("t4", "member401", "演示党员01", {"kind": "PIONEER_POST", "floor": "1", "place": "东矿区 1 号作业面"}),
    ("t4", "member402", "演示党员02", {"kind": "MODEL_POST", "floor": "1", "place": "机修车间"}),
    ("t4", "member403", "演示党员03", {"kind": "MODEL_MEMBER", "floor": "1"}),
    ("t4", "member404", "演示党员04", {"kind": "STAR_MEMBER", "floor": "2", "stars": 5}),
    ("t4", "member405", "演示党员05", {"kind": "STAR_MEMBER", "stars": 4}),
    ("t2", "member", "演示党员01", {"kind": "MODEL_POST", "floor": "12", "place": "党群服务站"}),
    ("t1", "contact1", "演示联系人11", {"kind": "MERCHANT_POST", "floor": "1", "place": "演示面馆"}),
)
_CITATIONS: Final = {
    "PIONEER_POST": "带头遵守规程，带班无违章",
    "MODEL_POST": "首问负责，来访都有回音",
    "MODEL_MEMBER": "急难险重走在前",
    "STAR_MEMBER": "责任区考核成绩突出",
    "MERCHANT_POST": "明码标价，后厨透明",
}


async def begin(made: District, first: datetime) -> None:
    """Nominate, approve, and let the nominees answer; `first` is the day it is."""
    short = (first + timedelta(days=_SHORT_TERM_DAYS)).date().isoformat()
    await together(
        [
            *(_displayed(made, key, login, name, said) for key, login, name, said in _HONOURS),
            _displayed(made, "t4", "member406", "演示党员06", _post("职工食堂"), until=short),
            _declined(made),
            _waiting(made),
        ]
    )


def _post(place: str) -> Json:
    return {"kind": "PIONEER_POST", "floor": "1", "place": place}


async def _displayed(made: District, key: str, login: str, name: str, said: Json, *, until: str = "") -> None:
    honour = await _approved(made, key, name, said, until)
    path = made.path(key, f"honours/{honour['id']}:consent")
    await made.people.post(login, path, etag=honour["etag"])


async def _declined(made: District) -> None:
    honour = await _approved(made, "t4", "演示党员07", {"kind": "MODEL_MEMBER", "floor": "1"}, "")
    await made.people.post("member407", made.path("t4", f"honours/{honour['id']}:decline"))


async def _waiting(made: District) -> None:
    """One for whoever wants to see how a branch decides, and one how a nominee does."""
    await _nominated(made, "t4", "演示党员08", _post("物资仓库"))
    await _approved(made, "t4", "演示党员09", {"kind": "MODEL_MEMBER"}, "")


async def _approved(made: District, key: str, name: str, said: Json, until: str) -> Json:
    honour = await _nominated(made, key, name, said)
    path = made.path(key, f"honours/{honour['id']}:approve")
    return await made.people.post(_OFFICES[key][1], path, {"until_date": until}, etag=honour["etag"])


async def _nominated(made: District, key: str, name: str, said: Json) -> Json:
    clerk = _OFFICES[key][0]
    found = await made.people.get(clerk, made.path(key, "people"), q=name)
    person = next(one["id"] for one in found["people"] if one["name"] == name)
    wish: dict[str, Any] = {
        "person_id": person,
        "shown_as": name,
        "citation": _CITATIONS[said["kind"]],
        "grounds": "支部党员大会推荐",
        "synthetic": True,
        **said,
    }
    return await made.people.post(clerk, made.path(key, "honours"), wish)
