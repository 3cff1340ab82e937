"""What owners of enterprises in 华融国际大厦 promised. The texts are the demo's."""

from typing import Final

from demo.data import accounts
from demo.district import District, together

_PROMISED: Final = (
    ("TIME", "支持员工每月用半天参加楼宇活动"),
    ("VENUE", "会议室每周三下午供楼宇支部使用"),
)


async def begin(made: District) -> None:
    """Each of the first enterprise contacts gives the firm's word."""
    people, path = made.people, made.path("t2", "commitments")
    firms = [
        (row["login"], made.firms["t2"][row["firm"] - 1])
        for row in accounts()
        if row.get("firm") and row["in"] == "t2"
    ]
    await together(
        people.post(login, path, {"enterprise_id": firm, "kind": kind, "promise": promise, "synthetic": True})
        for (login, firm), (kind, promise) in zip(firms, _PROMISED, strict=False)
    )
