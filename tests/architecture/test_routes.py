from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask

PUBLIC = {
    "GET /",
    "GET /health",
    "GET /metrics",
    "GET /ready",
    "GET /docs/",
    "GET /docs/<path:path>",
    "GET /openapi.json",
    "GET /v1/categories",
    "GET /v1/categories/<reference>",
    "GET /v1/products",
    "GET /v1/products/<reference>",
    "GET /v1/shipping-methods",
    "POST /v1/auth/login",
    "POST /v1/auth/refresh",
    "POST /v1/auth/register",
    "POST /v1/webhooks/stripe",
}
"""What anybody may call. Whoever adds a line here has thought about who that is."""


BUYERS = {
    "DELETE /v1/cart": {"users", "guests"},
    "DELETE /v1/cart/items/<uuid:item_id>": {"users", "guests"},
    "GET /v1/cart": {"users", "guests", "newcomers"},
    "GET /v1/orders": {"users", "guests"},
    "GET /v1/orders/<id_or_number>": {"users", "guests", "links"},
    "GET /v1/orders/<id_or_number>/timeline": {"users", "guests", "links"},
    "GET /v1/payments/<uuid:payment_id>": {"users", "guests"},
    "PATCH /v1/cart/items/<uuid:item_id>": {"users", "guests"},
    "POST /v1/cart/items": {"users", "guests", "newcomers"},
    "POST /v1/checkout": {"users", "guests"},
    "POST /v1/orders/<id_or_number>/cancel": {"users", "guests"},
    "POST /v1/orders/<id_or_number>/payments": {"users", "guests"},
    "POST /v1/payments/<uuid:payment_id>/confirm": {"users", "guests"},
}
"""What guests may call as well as users: each of these looks at whose thing it is."""


def layers(view: Any) -> Iterator[dict[str, Any]]:
    """What is written on a view and on each function that it wraps."""
    while view is not None:
        yield vars(view)
        view = getattr(view, "__wrapped__", None)


def routes(app: Flask) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each call of the API, with the marks of its guards."""
    for rule in app.url_map.iter_rules():
        marks = {
            name: mark for layer in layers(app.view_functions[rule.endpoint]) for name, mark in layer.items()
        }
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            yield f"{method} {rule.rule}", marks


def test_every_route_says_who_may_call_it(app: Flask) -> None:
    unguarded = {call for call, marks in routes(app) if not {"allowed_roles", "let_in"} & marks.keys()}
    declared = {call for call, marks in routes(app) if "is_public" in marks}

    assert unguarded == declared == PUBLIC


def test_guests_come_in_where_it_was_thought_of(app: Flask) -> None:
    assert {call: set(marks["let_in"]) for call, marks in routes(app) if "let_in" in marks} == BUYERS


def test_admin_routes_are_for_admins_and_some_for_sellers_but_never_for_everybody(app: Flask) -> None:
    admin = {call: set(marks["allowed_roles"]) for call, marks in routes(app) if "/admin/" in call}

    assert admin
    assert {
        call: roles for call, roles in admin.items() if not {"admin"} <= roles <= {"admin", "seller"}
    } == {}


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
    }
