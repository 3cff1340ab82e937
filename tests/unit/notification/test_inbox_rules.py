"""The rules of the inbox: who gets a message, and what an attempt makes of it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notification.inbox import rules
from notification.inbox.rules import Outcome, State

names = st.sampled_from(["requester", "assignee", "author", "desk"])
accounts = st.sampled_from(["", "a", "b", "c"])


@given(st.lists(names, unique=True), names, st.dictionaries(names, accounts), st.lists(accounts))
def test_each_receiver_is_told_once_and_whoever_did_it_is_not(
    to: list[str], unless: str, said: dict[str, str], desk: list[str]
) -> None:
    found = rules.receivers(to, unless, said, desk)
    assert len(found) == len(set(found))
    assert "" not in found
    assert said.get(unless, "") not in found
    everyone = {said.get(name, "") for name in to if name != rules.DESK}
    everyone |= set(desk) if rules.DESK in to else set()
    assert set(found) == everyone - {"", said.get(unless, "")}


def test_a_failed_mail_is_tried_again_ever_later_and_then_stays_in_the_app() -> None:
    waits = []
    attempt = 1
    while (verdict := rules.after_attempt(attempt, accepted=False)).state is State.QUEUED:
        assert verdict.outcome is Outcome.DEFERRED
        assert verdict.retry_after is not None
        waits.append(verdict.retry_after)
        attempt += 1
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=10)
    assert (attempt, verdict.state, verdict.outcome) == (6, State.FAILED, Outcome.GAVE_UP)


@pytest.mark.parametrize("attempt", [1, 6])
def test_an_accepted_mail_is_delivered_and_a_refused_address_is_not_tried_again(attempt: int) -> None:
    assert rules.after_attempt(attempt, accepted=True).state is State.DELIVERED
    refused = rules.after_attempt(attempt, accepted=False, permanent=True)
    assert (refused.state, refused.outcome, refused.retry_after) == (State.FAILED, Outcome.GAVE_UP, None)
