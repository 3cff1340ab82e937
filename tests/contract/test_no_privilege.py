"""No service, queue place or answer depends on points: who could prefer people cannot read them."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVING = ("activity", "gateway", "identity", "ticket", "window")


@pytest.mark.parametrize("service", SERVING)
def test_a_service_that_serves_people_reads_no_points(service: str) -> None:
    readers = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "services" / service / service).rglob("*.py")
        if "v1.points" in (text := path.read_text(encoding="utf-8")) or "points_pb2" in text
    ]
    assert readers == []
