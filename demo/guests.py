"""Guests of 新多集团党群服务中心 from neighbour enterprises: one admitted, one who asks, one invited."""

from typing import Final

from demo.district import District

CENTRE: Final = "t3"
ADMITTED: Final = "neighbour"
"""Who joins in what takes place there."""
_ASKS: Final = "neighbour2"
_INVITED: Final = "演示邻近员工03"
_FIRMS: Final = ("演示邻近物流公司", "演示邻近五金公司")


async def begin(made: District) -> None:
    """Two ask, and the clerk admits the first; the third is invited and has not answered."""
    people, path = made.people, made.path(CENTRE, "guests")
    first, _ = [
        await people.post(login, f"{path}:ask", {"enterprise_name": firm, "synthetic": True})
        for login, firm in zip((ADMITTED, _ASKS), _FIRMS, strict=True)
    ]
    await people.post("clerk3", f"{path}/{first['id']}:admit", etag=first["etag"])
    found = await people.get("clerk3", made.path(CENTRE, "people"), q=_INVITED)
    body = {"person_id": found["people"][0]["id"], "enterprise_name": _FIRMS[1], "synthetic": True}
    await people.post("clerk3", path, body)
