"""The sealer: chains what was written and signs the end of each chain."""

from collections.abc import Callable

from chassis import audit
from chassis.units import Units, UnitOfWork

EVERY_S = 5.0


async def seal(units: Units, sign: Callable[[bytes], bytes]) -> int:
    """Seal what is waiting; how many entries were sealed."""

    async def work(unit: UnitOfWork) -> int:
        return await audit.seal(unit, sign)

    return await units.run(units.job_context("seal"), work)
