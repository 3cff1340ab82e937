from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.transcoding.contracts import rpcs
from gateway.transcoding.routes import Match, Routes, placeholders


def tree(*routes: tuple[str, str]) -> Routes[str]:
    found: Routes[str] = Routes()
    for method, template in routes:
        found.add(method, template, f"{method} {template}")
    return found


ROUTES = tree(
    ("GET", "/v1/tenants/{tenant}/requests"),
    ("POST", "/v1/tenants/{tenant}/requests"),
    ("GET", "/v1/tenants/{tenant}/requests/{id}"),
    ("POST", "/v1/tenants/{tenant}/requests/{id}:assign"),
    ("GET", "/v1/tenants/{tenant}/requests:count"),
    ("GET", "/v1/tenants/{tenant}/requests/mine/{kind}"),
    ("GET", "/v1/tenants/{tenant}/requests/{id}/timeline"),
    ("GET", "/v1/files/{path=**}"),
)


@pytest.mark.parametrize(
    ("method", "path", "template", "params"),
    [
        ("GET", "t/requests", "{tenant}/requests", {"tenant": "t"}),
        ("POST", "t/requests/1:assign", "{tenant}/requests/{id}:assign", {"tenant": "t", "id": "1"}),
        ("GET", "t/requests:count", "{tenant}/requests:count", {"tenant": "t"}),
        ("GET", "t/requests/mine/x", "{tenant}/requests/mine/{kind}", {"tenant": "t", "kind": "x"}),
        ("GET", "t/requests/mine/a%20b", "{tenant}/requests/mine/{kind}", {"tenant": "t", "kind": "a b"}),
        ("GET", "t/requests/mine", "{tenant}/requests/{id}", {"tenant": "t", "id": "mine"}),
        ("GET", "a%2Fb/requests/1%3Aassign", "{tenant}/requests/{id}", {"tenant": "a/b", "id": "1:assign"}),
    ],
)  # fmt: skip
def test_a_path_finds_its_route(method: str, path: str, template: str, params: dict[str, str]) -> None:
    found = ROUTES.find(method, f"/v1/tenants/{path}")
    assert isinstance(found, Match)
    assert (found.target, dict(found.params)) == (f"{method} /v1/tenants/{template}", params)


def test_a_last_placeholder_may_take_all_that_is_left() -> None:
    found = ROUTES.find("GET", "/v1/files/a/b/c")
    assert isinstance(found, Match)
    assert dict(found.params) == {"path": "a/b/c"}


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/tenants/t/requests", ("GET", "POST")),
        ("GET", "/v1/tenants/t/requests/1:assign", ("POST",)),
        ("POST", "/v1/tenants/t/requests/1:explode", None),
        ("POST", "/v1/tenants/t/requests/1", ("GET",)),
        ("GET", "/v1/tenants//requests", None),
        ("GET", "/v1/tenants/t/requests/", None),
        ("GET", "/v1/tenants/%ff/requests", None),
        ("GET", "/", None),
        ("GET", "", None),
    ],
)
def test_what_is_no_route(method: str, path: str, allowed: tuple[str, ...] | None) -> None:
    assert ROUTES.find(method, path) == allowed


def test_two_targets_cannot_share_a_route() -> None:
    with pytest.raises(ValueError, match="is taken"):
        tree(("GET", "/a/{b}"), ("GET", "/a/{c}"))


@given(st.text(max_size=60))
def test_no_path_breaks_the_tree(path: str) -> None:
    ROUTES.find("GET", "/" + path)


def test_every_binding_of_the_contracts_is_found_again() -> None:
    routes: Routes[str] = Routes()
    bindings = [(rpc, binding) for rpc in rpcs() for binding in rpc.bindings]
    for rpc, binding in bindings:
        routes.add(binding.verb, binding.template, rpc.plan.path)
    for rpc, binding in bindings:
        path = binding.template
        for name in placeholders(path):
            path = path.replace(f"{{{name}}}", f"value-of-{name}")
        found = routes.find(binding.verb, path)
        assert isinstance(found, Match), path
        assert found.target == rpc.plan.path


def test_calls_between_services_have_no_route() -> None:
    assert not [rpc.plan.path for rpc in rpcs() if rpc.plan.mode == "service"]
    assert not [b.template for rpc in rpcs() for b in rpc.bindings if b.template.startswith("/internal")]
