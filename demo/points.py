"""How points are earned and spent in the demo's buildings, set before daily life begins."""

from typing import Any, Final

from demo.district import District, together

_RULES: Final[dict[str, tuple[dict[str, Any], ...]]] = {
    "t2": (
        {"title": "参加组织生活", "activity_kind": "ORG_LIFE", "delta": 10, "cap": 40, "cap_period": "MONTH"},
        {"title": "参加学习教育", "activity_kind": "EDUCATION", "delta": 5},
        {"title": "参加社团活动", "activity_kind": "CIRCLE", "delta": 3, "cap": 12, "cap_period": "MONTH"},
        {"title": "参加特色活动", "activity_kind": "FEATURE", "delta": 3},
    ),
    # Document 4 names the brand; the figure is the demo's.
    "t5": ({"title": "量化积分党员先行", "brand": "量化积分党员先行", "delta": 10},),
}
_REWARDS: Final[tuple[dict[str, Any], ...]] = (
    {
        "title": "华融驿家帆布袋",
        "kind": "CULTURAL",
        "price": 15,
        "stock": 20,
        "summary": "午间采购、装书都合适。",
    },
    {"title": "保温杯", "kind": "DAILY", "price": 40, "stock": 6, "limit_per_person": 1},
    {"title": "读书会笔记本", "kind": "BOOK", "price": 8, "stock": 30},
    {"title": "咖啡券（一层咖啡角）", "kind": "FOOD", "price": 5, "stock": 50, "limit_per_person": 4},
)
_SECRETARIES: Final = {"t2": "secretary", "t5": "secretary5"}


async def begin(district: District) -> None:
    """Set the rules of the buildings that have some, and fill the shop."""
    for key, wanted in _RULES.items():
        path = district.path(key, "points/rules")
        await together(
            district.people.post(_SECRETARIES[key], path, {"source": "ATTENDANCE", **rule}) for rule in wanted
        )
    shop = district.path("t2", "rewards")
    await together(district.people.post("clerk", shop, {"synthetic": True, **reward}) for reward in _REWARDS)
