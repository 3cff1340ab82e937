"""The window: departments, what can be filed with them, their counters in two buildings, and cases."""

from dataclasses import dataclass
from random import Random
from typing import Any, Final

from demo.client import People
from demo.data import data
from demo.district import District, Json, together
from demo.settings import OPERATOR, SEED
from demo.timeline import Timeline

DEPARTMENTS: Final = ("industry", "tax", "labour", "health", "family", "commerce")
IN_CATERING: Final = ("industry", "tax")
"""Departments over two buildings."""
CLERKS: Final = {"industry": "industry", "tax": "tax"}
"""Those with a window clerk; elsewhere the administrator handles cases."""
_COUNTERS: Final = {
    "industry": ("工商窗口", "Registration counter"),
    "tax": ("税务窗口", "Tax counter"),
    "labour": ("劳动窗口", "Labour counter"),
    "health": ("卫生窗口", "Health counter"),
    "family": ("计生窗口", "Family planning counter"),
    "commerce": ("商务窗口", "Commerce counter"),
}


@dataclass(frozen=True, slots=True)
class Filed:
    """A matter that can be filed in a building."""

    building: str
    department: str
    days: int
    materials: tuple[str, ...]
    id: str


async def departments(district: District) -> list[Filed]:
    """All six departments join, publish what can be filed with them, and get a counter in the buildings that
    want one; what can then be filed where."""
    published = await together(_join(district, key) for key in DEPARTMENTS)
    matters = dict(zip(DEPARTMENTS, published, strict=True))
    counters = [("t2", key) for key in DEPARTMENTS] + [("t1", key) for key in IN_CATERING]
    opened = await together(_counter(district, building, key, matters[key]) for building, key in counters)
    return [matter for counter in opened for matter in counter]


async def _join(district: District, key: str) -> list[str]:
    """The department applies, publishes its catalogue, is approved, passes the contract test and opens."""
    people, admin = district.people, f"{key}admin"
    row = next(row for row in data("organisations")["organisations"] if row["key"] == key)
    body = {
        "approver_id": district.tenants["district"],
        "code": key,
        "name_zh": row["name_zh"],
        "name_en": row["name_en"],
        "modern_name_zh": row.get("aliases", [row["name_zh"]])[0],
        "aliases": row.get("aliases", []),
    }
    made = await people.post(admin, district.path(key, "departments"), body)
    root = district.path(key, "matters")
    published = await together(_publish(people, admin, root, matter) for matter in data("matters")[key])
    above = district.path("district", f"department-applications/{made['id']}:approve")
    await people.post("district", above, etag=made["etag"])
    tested = await people.post(admin, district.path(key, f"departments/{made['id']}:test"))
    etag = tested["department"]["etag"]
    await people.post(admin, district.path(key, f"departments/{made['id']}:open"), etag=etag)
    return published


async def _publish(people: People, admin: str, root: str, matter: Json) -> str:
    made = await people.post(admin, root, {**matter, "synthetic": True})
    await people.post(admin, f"{root}/{made['id']}:publish", etag=made["etag"])
    return str(made["id"])


async def _counter(district: District, building: str, key: str, matters: list[str]) -> list[Filed]:
    """The building sets up a counter for a department and enables its matters."""
    name_zh, name_en = _COUNTERS[key]
    mobile = building == "t1"
    body: Json = {
        "name_zh": name_zh,
        "name_en": name_en,
        "department_id": district.tenants[key],
        "kind": "MOBILE" if mobile else "STANDING",
        "weekdays": ["TUESDAY"] if mobile else [],
        "opens": "09:00",
        "closes": "17:00",
        "place": "一层大厅",
        "synthetic": True,
    }
    made = await district.people.post(OPERATOR, district.path(building, "counters"), body)
    enable = district.path(building, f"counters/{made['id']}:enable")
    filed = []
    for row, matter in zip(data("matters")[key], matters, strict=True):
        enabled = await district.people.post(OPERATOR, enable, {"matter_id": matter})
        codes = tuple(material["code"] for material in row["materials"])
        filed.append(Filed(building, key, row["promised_days"], codes, enabled["id"]))
    return filed


class Case:
    """One case, from the draft to the rating."""

    def __init__(self, district: District, filed: Filed, applicant: tuple[str, str], number: int) -> None:
        """`applicant` comes with the firm."""
        self._people = district.people
        self._filed = district.path(filed.building, "cases")
        self._received = district.path(filed.department, "received-cases")
        self._clerk = CLERKS.get(filed.department, f"{filed.department}admin")
        self._matter = filed
        self._who, self._firm = applicant
        self._number = number
        self._case: Json = {}

    async def submit(self) -> None:
        """The applicant files it, complete, and hands it in."""
        body = {
            "building_matter_id": self._matter.id,
            "filed_for": "ENTERPRISE",
            "enterprise_id": self._firm,
            "summary": "请协助办理",
            "materials": [{"code": code, "on_paper": True} for code in self._matter.materials],
            "synthetic": True,
        }
        self._case = await self._people.post(self._who, self._filed, body, key=f"case-{self._number}")
        await self._mine("submit")

    async def _mine(self, verb: str, **body: Any) -> None:
        path = f"{self._filed}/{self._case['id']}:{verb}"
        self._case = await self._people.post(self._who, path, body, etag=self._case["etag"])

    async def _theirs(self, verb: str, **body: Any) -> None:
        path = f"{self._received}/{self._case['id']}:{verb}"
        self._case = await self._people.post(self._clerk, path, body, etag=self._case["etag"])

    async def accept(self) -> None:
        """The department takes it on."""
        await self._theirs("accept")
        await self._theirs("start")

    async def ask(self) -> None:
        """The department says everything that is missing, once."""
        code = self._matter.materials[0]
        items = [{"material": code, "reason": "缺少签字，请补签后再交"}]
        await self._theirs("correction", items=items)

    async def correct(self) -> None:
        """The applicant supplies it."""
        code = self._matter.materials[0]
        await self._mine("correct", materials=[{"code": code, "on_paper": True}], note="已补签")

    async def refuse(self) -> None:
        """The department does not accept it."""
        await self._theirs("refuse", reason="不属于本窗口办理范围，已告知办理部门")

    async def decide(self) -> None:
        """The department decides."""
        await self._theirs("decide", decision="GRANTED", text="准予办理")

    async def deliver(self) -> None:
        """The result is handed over."""
        await self._theirs("deliver", delivery="COUNTER", trips=1)

    async def rate(self) -> None:
        """The applicant rates."""
        random = Random(f"{SEED}-rate-{self._number}")
        grade = random.choices(("VERY_GOOD", "GOOD", "FAIR", "POOR"), (60, 30, 7, 3))[0]
        await self._mine("rate", grade=grade, remark="" if grade != "POOR" else "等候时间太长")

    def plan(self, timeline: Timeline, tick: int) -> None:
        """Lay the steps out over the ticks from here on."""
        thread = f"case-{self._number}"
        random = Random(f"{SEED}-case-{self._number}")
        fate = random.random()
        timeline.at(tick, thread, self.submit)
        if fate < 0.07:
            timeline.at(tick + 1, thread, self.refuse)
            return
        taken = tick + 1
        if fate < 0.27:
            timeline.at(taken, thread, self.ask)
            timeline.at(taken + 2, thread, self.correct)
            taken += 3
        timeline.at(taken, thread, self.accept)
        decided = taken + random.randint(1, 3 * self._matter.days // 2)
        timeline.at(decided, thread, self.decide)
        timeline.at(decided + 1, thread, self.deliver)
        if fate < 0.85:
            timeline.at(decided + 2, thread, self.rate)
