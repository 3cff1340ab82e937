"""The promises' tests: each says what it did and what it measured, and the run ends with one table.

    async def test_promise(proof: Proof) -> None:
        proof.of(7, "tenant context never leaks", load="200 tasks, 50 tenants", faults="20 % cancelled")
        ...
        proof.found(cases=200, figure="0 foreign rows")

Sizes are short by default; `make prove` sets LOUYU_PROVE=full.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from tests.chaos.crowd import Crowd
from tests.fixtures.district import NewDistrict
from tests.fixtures.proofs import FULL, PROOF


@dataclass
class Proof:
    """What one test showed."""

    number: int = 0
    promise: str = ""
    load: str = ""
    faults: str = "none"
    cases: int = 0
    figure: str = ""
    result: str = "not run"
    full: bool = FULL

    def of(self, number: int, promise: str, *, load: str, faults: str = "none") -> None:
        """Which promise it is, and what is done to the system."""
        self.number, self.promise, self.load, self.faults = number, promise, load, faults

    def found(self, *, cases: int, figure: str) -> None:
        """How many cases were looked at and what was measured."""
        self.cases, self.figure = cases, figure

    def cells(self) -> tuple[str, ...]:
        """The row of the table."""
        return (
            str(self.number),
            self.promise,
            self.load,
            self.faults,
            str(self.cases),
            self.result,
            self.figure,
        )

    def size(self, short: int, full: int) -> int:
        """How much of something to do in this run."""
        return full if self.full else short


@pytest.fixture
def proof(request: pytest.FixtureRequest) -> Proof:
    """The row that this test adds to the table."""
    row = Proof()
    request.node.proof = row
    return row


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def crowd(new_district: NewDistrict) -> AsyncIterator[Crowd]:
    """The demo district, ours to hurt, and people in it; it stops with the last of these tests. Rates are
    off: limits have tests of their own."""
    settings = {f"LOUYU_GATEWAY_{name}_RATE": "0" for name in ("ACCOUNT", "CLIENT", "TENANT", "ADDRESS")}
    async with new_district(demo=True, settings=settings, archived=True) as stack, Crowd(stack) as people:
        yield people


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A proof holds when its test passed."""
    report = yield
    row: Proof | None = getattr(item, "proof", None)
    if row is not None and (report.when == "call" or report.failed):
        row.result = "held" if report.passed else "BROKEN"
        report.user_properties.append((PROOF, row.cells()))
    return report
