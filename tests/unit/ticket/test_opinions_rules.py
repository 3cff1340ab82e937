"""The life of a suggestion: nobody decides on their own words, and nothing skips a step."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Conflict, Forbidden, Invalid, WrongState
from ticket.opinions import rules
from ticket.opinions.rules import Actor, CampaignState, Kind, Respondent, State, Verb

AUTHOR, CLERK, DELEGATE, STRANGER = "author", "clerk", "delegate", "stranger"
ACTORS = {
    AUTHOR: Actor(AUTHOR, "person-a"),
    "author's other account": Actor("second", "person-a", handles=True),
    CLERK: Actor(CLERK, "person-c", handles=True),
    DELEGATE: Actor(DELEGATE, "person-d"),
    STRANGER: Actor(STRANGER, "person-s"),
}


@dataclass(frozen=True)
class Sample:
    state: str = State.RECEIVED
    author: str | None = AUTHOR
    author_person: str | None = "person-a"
    assignee: str | None = DELEGATE


@dataclass(frozen=True)
class Collecting:
    state: str = CampaignState.OPEN
    classes: tuple[str, ...] = ()
    opens_on: date | None = date(2026, 11, 1)
    closes_on: date | None = date(2026, 11, 30)
    host: str | None = None


@given(st.sampled_from(State), st.sampled_from(Verb), st.sampled_from(list(ACTORS)), st.booleans())
def test_a_verb_is_refused_exactly_when_it_is_not_among_the_allowed_ones(
    state: State, verb: Verb, who: str, on_paper: bool
) -> None:
    sample = Sample(state=state) if not on_paper else Sample(state=state, author=None, author_person=None)
    verbs = rules.allowed(sample, ACTORS[who])
    if verb in verbs:
        assert rules.move(sample, verb, ACTORS[who]) == (rules.TRANSITIONS[verb][1] or state)
        return
    with pytest.raises((WrongState, Forbidden)) as refused:
        rules.move(sample, verb, ACTORS[who])
    if isinstance(refused.value, WrongState):
        assert refused.value.allowed == tuple(one.value for one in verbs)


@given(st.lists(st.tuples(st.sampled_from(Verb), st.sampled_from(list(ACTORS))), max_size=12))
def test_what_is_adopted_is_linked_before_it_is_replied_to(tries: list[tuple[Verb, str]]) -> None:
    sample, past = Sample(), [State.RECEIVED]
    for verb, who in tries:
        try:
            state = rules.move(sample, verb, ACTORS[who])
        except (WrongState, Forbidden):
            continue
        if verb is not Verb.WITHDRAW:
            assert not rules.is_author(sample, ACTORS[who]) or verb is Verb.ASSIGN
        sample = replace(sample, state=state)
        past.append(state)
    if past[-1] == State.REPLIED:
        assert State.EXPLAINED in past or past[-2] == State.LINKED
    if State.WITHDRAWN in past:
        assert set(past) <= {State.RECEIVED, State.WITHDRAWN}, "only what is not decided can be withdrawn"


def test_nobody_decides_on_their_own_suggestion_through_another_account() -> None:
    with pytest.raises(Forbidden, match="OWN_SUGGESTION"):
        rules.move(Sample(), Verb.ADOPT, ACTORS["author's other account"])
    with pytest.raises(Forbidden, match="NOT_THE_ANSWERER"):
        rules.move(Sample(), Verb.ADOPT, ACTORS[STRANGER])
    with pytest.raises(Forbidden, match="NOT_THE_AUTHOR"):
        rules.move(Sample(), Verb.WITHDRAW, ACTORS[CLERK])


@pytest.mark.parametrize(("ticket", "action"), [("", ""), ("", "  "), ("id", "换灯")])
def test_it_is_tied_to_one_thing(ticket: str, action: str) -> None:
    with pytest.raises(Invalid, match="LINK_ONE_THING"):
        rules.link_kind(ticket, action)


@given(st.integers(-40, 70), st.sampled_from(CampaignState))
def test_a_campaign_takes_suggestions_on_its_days_and_while_it_is_open(
    day: int, state: CampaignState
) -> None:
    today = date(2026, 11, 1) + timedelta(days=day)
    assert rules.accepts(Collecting(state=state), today) is (state == CampaignState.OPEN and 0 <= day < 30)


def test_a_campaign_takes_only_the_classes_it_asks() -> None:
    asks = Collecting(classes=(Respondent.CADRE,))
    rules.check_takes(asks, Respondent.CADRE, date(2026, 11, 5))
    with pytest.raises(Invalid, match="CLASS_NOT_ASKED"):
        rules.check_takes(asks, Respondent.PUBLIC, date(2026, 11, 5))
    with pytest.raises(Conflict, match="CAMPAIGN_NOT_OPEN"):
        rules.check_takes(asks, Respondent.CADRE, date(2026, 12, 1))


def test_a_campaign_has_days_in_their_order() -> None:
    first, last = date(2026, 11, 1), date(2026, 11, 2)
    with pytest.raises(Invalid, match="CAMPAIGN_DAYS_NEEDED"):
        rules.check_days(Kind.SURVEY, first, None)
    with pytest.raises(Invalid, match="CAMPAIGN_DAYS_REVERSED"):
        rules.check_days(Kind.SESSION, last, first)
    rules.check_days(Kind.SESSION, None, None)


def test_a_delegate_runs_only_their_own_reception_day() -> None:
    own = Collecting(state=CampaignState.DRAFT, host=DELEGATE)
    assert rules.campaign_verbs(own, ACTORS[DELEGATE]) == ["open"]
    assert rules.campaign_verbs(replace(own, host="other"), ACTORS[DELEGATE]) == []
    assert rules.campaign_verbs(replace(own, state=CampaignState.OPEN), ACTORS[CLERK]) == ["close"]
