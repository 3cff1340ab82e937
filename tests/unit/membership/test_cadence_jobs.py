"""The job that keeps periods, beside a building whose work fails."""

from __future__ import annotations

from typing import Any, cast

import pytest

from chassis.context import Context
from chassis.units import Units
from membership.cadence import jobs


class Buildings:
    """Stands for the units of work: three buildings are behind, and the second cannot be helped."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def job_context(self, name: str, tenant_id: str = "") -> Context:
        return Context(mode="job", tenant_id=tenant_id)

    async def run(self, context: Context, work: Any) -> Any:
        if not context.tenant_id:
            return ["one", "two", "three"]
        if context.tenant_id == "two":
            raise LookupError("its calendar is gone")
        self.kept.append(context.tenant_id)
        return 1


async def test_a_building_that_fails_keeps_nobody_else_waiting_and_is_told_of() -> None:
    buildings = Buildings()
    with pytest.raises(ExceptionGroup, match="1 of 3 buildings") as failed:
        await jobs.keep_periods().run(cast("Units", buildings))
    assert [str(each) for each in failed.value.exceptions] == ["its calendar is gone"]
    assert buildings.kept == ["one", "three"]
