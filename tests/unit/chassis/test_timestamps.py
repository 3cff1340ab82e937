"""Moments on the wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from chassis.clocks import timestamp

ZONES = (UTC, timezone(timedelta(hours=8)), timezone(-timedelta(hours=9, minutes=30)))


@given(st.integers(-631_152_000_000_000, 7_258_118_400_000_000), st.sampled_from(ZONES))
def test_a_moment_is_the_one_that_protobuf_makes_of_it(microseconds: int, zone: timezone) -> None:
    moment = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)).astimezone(zone)
    expected = Timestamp()
    expected.FromDatetime(moment)
    assert timestamp(moment) == expected


def test_no_moment_stays_none() -> None:
    assert timestamp(None) is None
