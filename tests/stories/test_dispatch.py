"""Dispatch through HTTP: the second batch acknowledges the hand-over, and open items carry over."""

from typing import Any

import pytest

from demo.client import People, Refused
from demo.dispatch import VILLAGE

PLACE = "机关后勤服务中心"


@pytest.mark.row("4-16/MEM")
async def test_the_second_batch_acknowledges_and_open_items_carry_over(
    people: People, places: dict[str, str]
) -> None:
    root = f"/v1/tenants/{places[PLACE]}"
    links = (await people.get("secretary5", f"{root}/dispatch-links"))["links"]
    link = next(one for one in links if one["village"] == VILLAGE)
    assert (link["batches"], link["open_items"]) == (2, 2)

    async def mine(who: str) -> dict[str, Any]:
        (batch,) = (await people.get(who, f"{root}/dispatch-batches:mine"))["batches"]
        return dict(batch)

    async def items() -> list[tuple[str, int, int]]:
        found = (await people.get("secretary5", f"{root}/dispatch-items", link_id=link["id"]))["items"]
        return sorted((one["state"], one["batch"], one.get("carried", 0)) for one in found)

    async def refused(who: str, batch: dict[str, Any]) -> tuple[int, str]:
        with pytest.raises(Refused) as refusal:
            await people.post(who, f"{root}/dispatch-batches/{batch['id']}:acknowledge", etag=batch["etag"])
        return refusal.value.status, refusal.value.reason

    assert await items() == [("DONE", 1, 0), ("OPEN", 1, 0), ("OPEN", 1, 0)]
    first, second = await mine("member501"), await mine("member502")
    assert (first["state"], second["state"], second["number"]) == ("HANDING_OVER", "TAKING_OVER", 2)
    assert second["note"]

    # The one who hands over does not sign for the one who takes over, nor does the office, nor anybody else.
    for who in ("member501", "secretary5", "member503"):
        assert await refused(who, second) == (404, "DISPATCH_BATCH_NOT_FOUND")
    assert (await refused("member501", first))[1] == "DISPATCH_WRONG_STATE"

    path = f"{root}/dispatch-batches/{second['id']}:acknowledge"
    done = await people.post("member502", path, etag=second["etag"])
    assert (done["state"], done["taken_over"], done["open_items"]) == ("SERVING", 2, 2)
    assert (await mine("member501"))["state"] == "RELIEVED"
    assert await items() == [("DONE", 1, 0), ("OPEN", 2, 1), ("OPEN", 2, 1)]

    # From now on they are the second batch's to finish.
    theirs = (await people.get("member502", f"{root}/dispatch-items:mine"))["items"]
    item = next(one for one in theirs if one["state"] == "OPEN")
    finish = f"{root}/dispatch-items/{item['id']}:finish"
    result = {"result": "屋顶已修好"}
    with pytest.raises(Refused) as late:
        await people.post("member501", finish, result, etag=item["etag"])
    assert late.value.status == 404
    over = await people.post("member502", finish, result, etag=item["etag"])
    assert (over["state"], over["batch"], over["opened_by"]) == ("DONE", 2, 1)
