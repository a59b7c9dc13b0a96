import ast
from collections.abc import Iterator
from typing import Any

from flask import Flask

from app.platform.access import Access
from app.platform.rate_limits.policy import ENTRY, READ
from tests.access.table import TABLE
from tests.architecture.source import files, name

PERMISSIONS = {"catalog", "orders", "refunds", "users", "operations"}
PUBLIC = {
    "GET /",
    "GET /health",
    "GET /metrics",
    "GET /ready",
    "GET /docs/",
    "GET /docs/<path:path>",
    "GET /openapi.json",
    "GET /media/<uuid:upload_id>/<string(length=37):name>",
    "GET /media/originals/<uuid:upload_id>",
    "GET /v1/categories",
    "GET /v1/categories/<reference>",
    "GET /v1/products",
    "GET /v1/products/<reference>",
    "GET /v1/products/<reference>/reviews",
    "GET /v1/shipping-methods",
    "GET /v1/stores",
    "GET /v1/stores/<uuid:store_id>",
    "GET /v1/unsubscribe",
    "POST /v1/auth/login",
    "POST /v1/auth/password-reset",
    "POST /v1/auth/password-reset/confirm",
    "POST /v1/auth/refresh",
    "POST /v1/auth/register",
    "POST /v1/auth/verify-email",
    "POST /v1/unsubscribe",
    "POST /v1/webhooks/stripe",
}
"""What anybody may call. Whoever adds a line here has thought about who that is."""


BUYERS = {
    "DELETE /v1/cart": {"users", "guests"},
    "DELETE /v1/cart/coupon": {"users", "guests"},
    "DELETE /v1/cart/items/<uuid:item_id>": {"users", "guests"},
    "GET /v1/cart": {"users", "guests", "newcomers"},
    "GET /v1/cart/shipping-methods": {"users", "guests", "newcomers"},
    "GET /v1/orders": {"users", "guests"},
    "GET /v1/orders/<id_or_number>": {"users", "guests", "links"},
    "GET /v1/orders/<id_or_number>/events": {"users", "guests", "links"},
    "GET /v1/orders/<id_or_number>/documents": {"users", "guests", "links"},
    "GET /v1/orders/<id_or_number>/documents/<uuid:document_id>": {"users", "guests", "links"},
    "GET /v1/orders/<id_or_number>/invoice": {"users", "guests", "links"},
    "GET /v1/orders/<id_or_number>/timeline": {"users", "guests", "links"},
    "GET /v1/orders/<id_or_number>/returns": {"users", "guests", "links"},
    "GET /v1/payments/<uuid:payment_id>": {"users", "guests"},
    "PATCH /v1/cart/items/<uuid:item_id>": {"users", "guests"},
    "PATCH /v1/orders/<id_or_number>": {"users", "guests"},
    "POST /v1/cart/items": {"users", "guests", "newcomers"},
    "POST /v1/checkout": {"users", "guests"},
    "POST /v1/live-tickets": {"users", "guests"},
    "POST /v1/orders/<id_or_number>/cancel": {"users", "guests"},
    "POST /v1/orders/<id_or_number>/payments": {"users", "guests"},
    "POST /v1/orders/<id_or_number>/reorder": {"users", "guests"},
    "POST /v1/orders/<id_or_number>/returns": {"users", "guests", "links"},
    "POST /v1/orders/<id_or_number>/returns/<uuid:return_id>/withdraw": {"users", "guests", "links"},
    "POST /v1/payments/<uuid:payment_id>/confirm": {"users", "guests"},
    "PUT /v1/cart/coupon": {"users", "guests"},
    "PUT /v1/cart/currency": {"users", "guests"},
}
"""What guests may call as well as users: each of these looks at whose thing it is."""


def routes(app: Flask) -> Iterator[tuple[str, Access | None]]:
    """Each call of the API, with the rule that its guard goes by."""
    for rule in app.url_map.iter_rules():
        access: Any = vars(app.view_functions[rule.endpoint]).get("access")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            yield f"{method} {rule.rule}", access


def test_every_route_says_who_may_call_it(app: Flask) -> None:
    assert {call for call, access in routes(app) if access is None} == set()
    assert {call for call, access in routes(app) if access == Access()} == PUBLIC


def test_only_what_is_everybodys_is_answered_from_the_cache(app: Flask) -> None:
    cached = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if "cached" in vars(app.view_functions[rule.endpoint])
    }

    assert cached == {
        "GET /v1/categories",
        "GET /v1/categories/<reference>",
        "GET /v1/products",
        "GET /v1/products/<reference>",
        "GET /v1/products/<reference>/reviews",
    }
    assert cached <= PUBLIC


def test_every_route_has_its_line_in_the_table_of_who_is_answered_what(app: Flask) -> None:
    assert {call for call, _ in routes(app)} == TABLE.keys()


def test_guests_come_in_where_it_was_thought_of(app: Flask) -> None:
    kinds = {call: set(access.let_in) for call, access in routes(app) if access}

    assert {call: let_in for call, let_in in kinds.items() if "guests" in let_in} == BUYERS


def test_admin_routes_are_for_admins_and_some_for_sellers_but_never_for_everybody(app: Flask) -> None:
    admin = {call: set(access.roles) for call, access in routes(app) if access and "/admin/" in call}

    assert admin
    assert {
        call: roles for call, roles in admin.items() if not {"admin"} <= roles <= {"admin", "seller"}
    } == {}


def test_a_route_for_admins_names_the_permission_that_it_takes(app: Flask) -> None:
    declared = [(call, access) for call, access in routes(app) if access and "admin" in access.roles]

    assert declared
    assert [call for call, access in declared if access.permission not in PERMISSIONS] == []


def test_no_route_names_a_permission_in_vain(app: Flask) -> None:
    named = [(call, access) for call, access in routes(app) if access and access.permission]

    assert [call for call, access in named if "admin" not in access.roles] == []


def test_every_route_but_the_plain_ones_has_a_version(app: Flask) -> None:
    unversioned = {call.split()[1] for call, _ in routes(app) if " /v1/" not in call}

    assert unversioned == {
        "/",
        "/health",
        "/ready",
        "/metrics",
        "/docs/",
        "/docs/<path:path>",
        "/openapi.json",
        "/media/<uuid:upload_id>/<string(length=37):name>",
        "/media/originals/<uuid:upload_id>",
    }


def test_no_view_reads_rows_past_the_queries_that_know_whose_they_are() -> None:
    views = [path for path in files("app") if "routes" in path.with_suffix("").parts[-2:]]
    reading = {"get", "get_one", "scalar", "scalars", "execute", "query", "refresh"}

    found = {
        f"{name(path)}:{node.lineno}"
        for path in views
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "session" and node.attr in reading
    }

    assert len(views) > 10
    assert found == set()


def test_what_anybody_may_change_is_counted_strictly(app: Flask) -> None:
    found = {
        rule.rule: vars(app.view_functions[rule.endpoint]).get("route_class")
        for rule in app.url_map.iter_rules()
        if vars(app.view_functions[rule.endpoint]).get("access") == Access()
        and (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}
    }

    assert {path for path, route_class in found.items() if route_class != ENTRY} == {"/v1/webhooks/stripe"}
    assert {path for path, route_class in found.items() if route_class == ENTRY} >= {"/v1/auth/login"}


def test_only_probes_have_no_limit(app: Flask) -> None:
    unlimited = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if vars(app.view_functions[rule.endpoint]).get("route_class", READ) is None
    }

    assert unlimited == {"/health", "/ready"}
