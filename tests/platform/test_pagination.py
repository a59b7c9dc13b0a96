import base64
import json
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.platform.errors import Invalid
from app.platform.pagination import paged, read_cursor
from app.platform.schemas import PageQuery
from tests.factories import signed_in

ROWS = [("apple", 1), ("apple", 2), ("pear", 3)]


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def test_a_page_ends_where_the_next_begins() -> None:
    page = paged(ROWS, 2, lambda row: row)

    assert page.items == ROWS[:2]
    assert read_cursor(page.next_cursor, str, int) == ("apple", 2)


@pytest.mark.parametrize("limit", [3, 4])
def test_the_last_page_has_no_next_one(limit: int) -> None:
    page = paged(ROWS, limit, lambda row: row)

    assert (page.items, page.next_cursor) == (ROWS, None)


def test_without_a_cursor_a_list_begins_at_its_start() -> None:
    assert read_cursor(None, str) is None


def test_the_longest_cursor_that_a_list_gives_out_is_taken_back() -> None:
    row = ("name", True, True, "\x01" * 200, str(UUID(int=7)))
    cursor = paged([row, row], 1, lambda row: row).next_cursor

    assert PageQuery().load({"cursor": cursor})["cursor"] == cursor


BROKEN = ["", "x", "é", "%00"]
OTHERS = [
    "[",
    "{}",
    "5",
    "null",
    "[1]",
    "[1,2,3]",
    '["no id",2]',
    "[null,2]",
    "[[],{}]",
    f'["{UUID(int=7)}",1e999]',
]


@pytest.mark.parametrize("cursor", [*BROKEN, *map(encoded, OTHERS)])
def test_a_cursor_that_is_none_of_ours_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_cursor(cursor, UUID, int)

    assert caught.value.extra == {"errors": {"cursor": ["Use next_cursor as it was given."]}}


def lists(client: FlaskClient) -> list[str]:
    """The address of every list of the API that has pages."""
    document: dict[str, Any] = client.get("/openapi.json").get_json()
    return [
        path
        for path, calls in document["paths"].items()
        if any(each.get("name") == "cursor" for each in calls.get("get", {}).get("parameters", []))
        and "{" not in path
    ]


NOBODY = str(UUID(int=0))
POPULAR = ("/v1/products?sort=popularity", "popularity", False, False)
FITTING = ("/v1/products?q=a", "relevance", False)


@pytest.mark.parametrize(
    ("path", "right", "wrong"),
    [
        ("/v1/categories?", [1, "a"], [2**40, "a"]),
        (POPULAR[0], [*POPULAR[1:], 1, NOBODY], [*POPULAR[1:], 2**40, NOBODY]),
        (FITTING[0], [*FITTING[1:], 0, 5, 1, NOBODY], [*FITTING[1:], 0, 5, 2**40, NOBODY]),
        (FITTING[0], [*FITTING[1:], 0, 5, 1, NOBODY], [*FITTING[1:], -10, -1, 1, NOBODY]),
        (FITTING[0], [*FITTING[1:], 0, 5, 1, NOBODY], [*FITTING[1:], 0, 6, 1, NOBODY]),
    ],
)
def test_a_cursor_with_numbers_that_no_row_can_have_is_refused(
    client: FlaskClient, path: str, right: list[object], wrong: list[object]
) -> None:
    taken, refused = (client.get(f"{path}&cursor={encoded(json.dumps(each))}") for each in (right, wrong))

    assert (taken.status_code, refused.status_code) == (200, 422)
    assert refused.get_json()["errors"] == {"cursor": ["Use next_cursor as it was given."]}


def test_every_list_answers_422_to_a_bad_cursor(client: FlaskClient) -> None:
    admin, seller = signed_in(client, role="admin"), signed_in(client, role="seller")
    addresses = {path: seller if path.startswith("/v1/seller/") else admin for path in lists(client)}

    answers = {
        path: client.get(path, query_string={"cursor": "x"}, headers=headers)
        for path, headers in addresses.items()
    }

    assert {"/v1/products", "/v1/orders"} <= answers.keys()
    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(addresses, 422)
    assert all("cursor" in answer.get_json()["errors"] for answer in answers.values())
