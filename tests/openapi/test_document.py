import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import schemathesis
from flask import Flask

from app.platform.openapi.document import path_of
from tests.documented import closed, references, validator_of

Json = dict[str, Any]
ITSELF = {"GET /openapi.json", "GET /docs/", "GET /docs/{path}"}
"""The document, and the page that shows it."""


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                yield method, path, operation


def parameters(document: Json, path: str, operation: Json) -> list[Json]:
    return [*document["paths"][path].get("parameters", ()), *operation.get("parameters", ())]


def contents(operation: Json) -> Iterator[Json]:
    for part in (operation.get("requestBody", {}), *operation["responses"].values()):
        yield from part.get("content", {}).values()


def test_it_is_valid_openapi_3_1(document: Json) -> None:
    assert document["openapi"].startswith("3.1")
    schemathesis.openapi.from_dict(document).validate()


def test_it_has_every_route_and_nothing_else(app: Flask, document: Json) -> None:
    routes = {
        f"{method} {path_of(rule.rule)}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    documented = {f"{method.upper()} {path}" for method, path, _ in operations(document)}

    assert documented == routes - ITSELF


def test_every_call_says_what_it_is(document: Json) -> None:
    names = Counter(operation["operationId"] for *_, operation in operations(document))

    assert {name for name, count in names.items() if count > 1} == set()
    assert {name for name in names if not re.fullmatch("[a-z]+(_[a-z]+)*", name)} == set()
    tags = {tag["name"] for tag in document["tags"] if tag["description"]}
    for method, path, operation in operations(document):
        where = f"{method} {path}"
        assert operation["summary"], where
        assert operation["description"], where
        assert set(operation["tags"]) <= tags, where
        assert "security" in operation, where


LANDMARKS = [
    "Catalog",
    "Cart",
    "Checkout",
    "Orders",
    "Account",
    "Selling",
    "Keeping products",
    "Work",
    "Operations",
]
"""Some headings, in their order: what buyers do, what is theirs, what sellers and keepers do, the house."""


def test_the_page_begins_with_what_buyers_do_and_ends_with_the_house(document: Json) -> None:
    named = [tag["name"] for tag in document["tags"]]

    assert [name for name in named if name in LANDMARKS] == LANDMARKS
    assert (named[0], named[-1]) == (LANDMARKS[0], LANDMARKS[-1])
    assert document["paths"]["/v1/orders/{id_or_number}/cancel"]["post"]["tags"] == ["Orders"]


def test_every_variable_of_a_path_is_described(document: Json) -> None:
    for method, path, operation in operations(document):
        described = {each["name"] for each in parameters(document, path, operation) if each["in"] == "path"}
        assert described == set(re.findall(r"{(.+?)}", path)), f"{method} {path}"


def test_every_list_says_how_to_go_on(document: Json) -> None:
    schemas = document["components"]["schemas"]
    pages = {name for name, schema in schemas.items() if "next_cursor" in schema.get("properties", {})}
    lists = [
        (path, operation)
        for method, path, operation in operations(document)
        if method == "get" and pages & set(references_of_answer(operation))
    ]

    without = {
        path
        for path, operation in lists
        if {"cursor", "limit"} - {each["name"] for each in parameters(document, path, operation)}
    }

    assert lists
    assert without == {
        "/v1/admin/orders/{id_or_number}/disputes",
        "/v1/admin/orders/{id_or_number}/fulfillments",
        "/v1/admin/orders/{id_or_number}/refunds",
        "/v1/orders/{id_or_number}/documents",
        "/v1/orders/{id_or_number}/returns",
        "/v1/cart/shipping-methods",
        "/v1/shipping-methods",
        "/v1/users/me/addresses",
        "/v1/users/me/payment-methods",
    }, "always a single page"


def test_every_list_says_whether_there_is_more(document: Json) -> None:
    schemas = document["components"]["schemas"]
    answered = {
        name
        for method, _, operation in operations(document)
        if method == "get"
        for name in names_of_answer(operation)
    }

    lists = {name for name in answered if "items" in schemas[name].get("properties", {})}

    assert {name for name in lists if "next_cursor" not in schemas[name]["properties"]} == {"Cart"}
    assert len(lists) > 30


def names_of_answer(operation: Json) -> list[str]:
    """The schema that a call's answer has at its top, if it has one."""
    contents = operation["responses"].get("200", {}).get("content", {}).values()
    return [each["schema"]["$ref"].rsplit("/", 1)[1] for each in contents if "$ref" in each["schema"]]


NOTHING_TO_LOOK_AT = {
    "/v1/auth/password-reset",
    "/v1/users/me/email",
    "/v1/users/me/email-verification",
    "/v1/notify",
    "/v1/admin/messages/{message_id}/resend",
    "/v1/admin/webhook-events/{event_id}/replay",
    "/v1/admin/work/retry",
}
"""A mail comes of it, or what is in a list only."""


def test_what_is_taken_on_says_where_to_look_for_it(document: Json) -> None:
    taken_on = {
        path: {"Location", "Retry-After"} & operation["responses"]["202"]["headers"].keys()
        for _, path, operation in operations(document)
        if "202" in operation["responses"]
    }

    assert {path for path, names in taken_on.items() if not names} == NOTHING_TO_LOOK_AT
    assert {len(names) for names in taken_on.values()} == {0, 2}


def references_of_answer(operation: Json) -> list[str]:
    return [each.rsplit("/", 1)[1] for each in references(operation["responses"].get("200", {}))]


def test_every_component_is_referred_to_and_every_reference_leads_to_one(document: Json) -> None:
    there = {
        f"#/components/{kind}/{name}"
        for kind in ("schemas", "headers")
        for name in document["components"][kind]
    }
    schemes = {
        name for *_, operation in operations(document) for each in operation["security"] for name in each
    }

    assert set(references(document)) == there
    assert schemes == set(document["components"]["securitySchemes"])


def test_every_example_fits_its_schema(document: Json) -> None:
    schemas = closed(document["components"]["schemas"])
    for method, path, operation in operations(document):
        for content in contents(operation):
            validator = validator_of(content["schema"], schemas)
            examples = [each["value"] for each in content.get("examples", {}).values()]
            for example in examples or [content["example"]]:
                assert validator.is_valid(example), f"{method} {path}: {example}"


def test_every_failure_is_a_problem_document(document: Json) -> None:
    for method, path, operation in operations(document):
        for status, answer in operation["responses"].items():
            where = f"{method} {path} {status}"
            assert "X-Request-Id" in answer["headers"], where
            if status >= "400":
                assert list(answer["content"]) == ["application/problem+json"], where
                assert ("Retry-After" in answer["headers"]) >= (status in {"429", "503"}), where


def test_who_may_call_decides_what_is_refused(document: Json) -> None:
    for method, path, operation in operations(document):
        documented = set(operation["responses"])
        assert ("401" in documented) >= bool(operation["security"]), f"{method} {path}"
        is_scoped = any("api_key" in way for way in operation["security"])
        refused = {code for each in contents(operation) for code in each.get("examples", ())}
        sellers = ("/v1/seller/products", "/v1/seller/orders", "/v1/parcels", "/v1/returns")
        has_role = "/admin/" in path or path.startswith(sellers)
        assert ("not-permitted" in refused) == (has_role or is_scoped), f"{method} {path}"
