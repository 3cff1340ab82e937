"""Organisations: how they open and close, whom they belong to, and figures that come back as written."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid, WrongState
from identity.organisations import Kind, State
from identity.tenants import rules
from identity.tenants.rules import Links

FIGURES = st.from_regex(r"[0-9]{1,9}(\.[0-9]{1,2})?", fullmatch=True)


@given(st.lists(st.sampled_from(list(rules.VERBS)), max_size=12))
def test_no_way_leads_out_of_the_archive(verbs: list[str]) -> None:
    state = State.PROVISIONING
    for verb in verbs:
        if verb in rules.allowed(state):
            assert state is not State.ARCHIVED
            state = rules.after(state, verb)
        else:
            with pytest.raises(WrongState) as refused:
                rules.after(state, verb)
            assert refused.value.allowed == rules.allowed(state)


@pytest.mark.parametrize(
    ("figure", "expected"), [("118.6", Decimal("118.6")), ("50000", Decimal(50000)), ("", None)]
)
def test_a_figure_is_exact(figure: str, expected: Decimal | None) -> None:
    assert rules.exact(figure) == expected
    assert rules.written(rules.exact(figure)) == figure


@given(FIGURES)
def test_every_figure_comes_back_as_written(figure: str) -> None:
    significant = figure.lstrip("0")
    assert rules.written(rules.exact(figure)).lstrip("0") == significant
    assert rules.exact(rules.written(rules.exact(figure))) == rules.exact(figure)


def test_a_building_lies_in_a_subdistrict_and_under_a_superior() -> None:
    kinds = {"street": Kind.SUBDISTRICT, "branch": Kind.SUPERIOR}
    rules.check_links(Kind.BUILDING, Links("street", "branch"), kinds)
    with pytest.raises(Invalid, match="TENANT_LINK_INVALID") as refused:
        rules.check_links(Kind.BUILDING, Links("branch", "street"), kinds)
    assert [fault.field for fault in refused.value.fields] == ["region", "superior"]
    with pytest.raises(Invalid, match="TENANT_LINK_INVALID"):
        rules.check_links(Kind.BUILDING, Links("unknown", None), kinds)


@pytest.mark.parametrize("kind", [Kind.DISTRICT, Kind.SUBDISTRICT])
def test_what_is_on_top_belongs_to_nothing(kind: Kind) -> None:
    with pytest.raises(Invalid, match="TENANT_LINK_NOT_ALLOWED"):
        rules.check_links(kind, Links("street", None), {"street": Kind.SUBDISTRICT})


def test_everyone_above_is_found_through_all_superiors() -> None:
    tree = {
        "tower": Links("street", "branch"),
        "branch": Links("campus", "committee"),
        "committee": Links(None, None),
    }
    assert rules.ancestors("tower", "district", tree) == [
        "branch",
        "campus",
        "committee",
        "district",
        "street",
    ]


def test_nobody_is_above_themselves() -> None:
    tree = {"a": Links(None, "b"), "b": Links(None, "a")}
    with pytest.raises(Invalid, match="TENANT_LINK_CYCLE"):
        rules.ancestors("a", "district", tree)


@given(st.dictionaries(st.integers(0, 12), st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=12))
def test_looking_upwards_always_ends(links: dict[int, tuple[int, int]]) -> None:
    tree = {str(child): Links(str(region), str(superior)) for child, (region, superior) in links.items()}
    for tenant in tree:
        try:
            above = rules.ancestors(tenant, "district", tree)
        except Invalid:
            continue
        assert tenant not in above
        assert "district" in above


def test_nothing_opens_before_it_is_built() -> None:
    rules.check_years(2006, 2010)
    rules.check_years(0, 2010)
    with pytest.raises(Invalid, match="TENANT_YEARS_INVALID"):
        rules.check_years(2010, 2006)
