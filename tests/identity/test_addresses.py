"""The address book over HTTP: kept, changed, removed, with one default of each type, and nobody else's."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.identity.services import addresses
from tests.buyers import Buyer, make_buyer
from tests.database import count, rows
from tests.sales import ADDRESS

BOOK = "/v1/users/me/addresses"
HOME = ADDRESS | {"type": "shipping"}
ABSENT = str(uuid4())


@pytest.fixture
def ada(client: FlaskClient) -> Buyer:
    return make_buyer(client)


def add(buyer: Buyer, **values: Any) -> dict[str, Any]:
    answer = buyer.post(BOOK, HOME | values)
    assert answer.status_code == 201
    entry: dict[str, Any] = answer.get_json()
    return entry


def change(buyer: Buyer, address_id: str, **values: Any) -> TestResponse:
    return buyer.client.patch(f"{BOOK}/{address_id}", headers=buyer.headers, json=values)


def listed(buyer: Buyer, query: str = "") -> list[dict[str, Any]]:
    answer = buyer.get(f"{BOOK}{query}").get_json()
    assert answer["next_cursor"] is None
    items: list[dict[str, Any]] = answer["items"]
    return items


def test_an_address_is_kept_as_it_was_given_with_an_id_and_as_the_first_default(ada: Buyer) -> None:
    entry = add(ada)

    assert entry == HOME | {"id": entry["id"], "is_default": True}
    assert listed(ada) == [entry]
    assert ada.get(f"{BOOK}/{entry['id']}").get_json() == entry


def test_each_part_of_an_address_is_one_line_and_what_cannot_be_printed_is_dropped(ada: Buyer) -> None:
    entry = add(ada, name="\u202eAda\u202c \u2066 Love\u0007lace", line1="12\u000b Green\r\n Street\u2029")

    assert (entry["name"], entry["line1"]) == ("Ada Lovelace", "12 Green Street")
    empty = ada.post(BOOK, HOME | {"company": "\u202e\u0007"})
    assert (empty.status_code, empty.get_json()["errors"].keys()) == (422, {"company"})


def test_a_new_book_is_empty(ada: Buyer) -> None:
    assert listed(ada) == []


def test_each_type_has_one_default_which_stands_first(ada: Buyer) -> None:
    first, second = add(ada), add(ada, line1="2 Side Street")
    bill = add(ada, type="billing")
    third = add(ada, line1="3 Side Street", is_default=True)

    shipping = listed(ada, "?type=shipping")

    assert (first["is_default"], second["is_default"], bill["is_default"]) == (True, False, True)
    assert [entry["id"] for entry in shipping] == [third["id"], second["id"], first["id"]]
    assert [entry["is_default"] for entry in shipping] == [True, False, False]
    assert listed(ada, "?type=billing") == [bill]


def test_another_becomes_the_default_when_it_is_said_or_none_does(ada: Buyer) -> None:
    first, second = add(ada), add(ada, line1="2 Side Street")

    taken = change(ada, second["id"], is_default=True)
    given_up = change(ada, second["id"], is_default=False)

    assert (taken.status_code, taken.get_json()) == (200, second | {"is_default": True})
    assert given_up.get_json() == second
    assert listed(ada) == [second, first | {"is_default": False}]


def test_a_default_that_changes_its_type_takes_the_place_of_the_one_there(ada: Buyer) -> None:
    home, bill = add(ada), add(ada, type="billing")

    moved = change(ada, home["id"], type="billing")

    assert moved.get_json() == home | {"type": "billing"}
    assert listed(ada, "?type=billing") == [home | {"type": "billing"}, bill | {"is_default": False}]


def test_what_is_left_out_of_a_change_stays_and_the_whole_must_fit_the_country(ada: Buyer) -> None:
    entry = add(ada)

    moved = change(ada, entry["id"], line1="1 New Street", postal_code="ec1a 1bb")
    refused = change(ada, entry["id"], country="US")

    after = entry | {"line1": "1 New Street", "postal_code": "EC1A 1BB"}
    assert (moved.status_code, moved.get_json()) == (200, after)
    assert (refused.status_code, refused.get_json()["errors"].keys()) == (422, {"region", "postal_code"})
    assert listed(ada) == [after]


@pytest.mark.parametrize(
    "wrong",
    [
        {"postal_code": "97201"},
        {"type": "holiday"},
        {"is_default": None},
        {"user_id": ABSENT},
        {"city": None},
    ],
)
def test_a_wrong_address_is_neither_added_nor_changed_to(ada: Buyer, wrong: dict[str, Any]) -> None:
    entry = add(ada)

    added, changed = ada.post(BOOK, HOME | wrong), change(ada, entry["id"], **wrong)

    assert (added.status_code, changed.status_code) == (422, 422)
    assert added.get_json()["errors"].keys() == changed.get_json()["errors"].keys() == wrong.keys()
    assert listed(ada) == [entry]


def test_a_removed_address_is_gone(ada: Buyer) -> None:
    gone, stays = add(ada), add(ada)

    answers = [ada.client.delete(f"{BOOK}/{gone['id']}", headers=ada.headers) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 404]
    assert listed(ada) == [stays]


def test_nobody_sees_changes_or_removes_what_is_anothers(client: FlaskClient, ada: Buyer) -> None:
    entry, eve = add(ada), make_buyer(client)
    admin = make_buyer(client, "admin")

    for stranger in (eve, admin):
        for asked in (entry["id"], ABSENT):
            path = f"{BOOK}/{asked}"
            answers = [
                stranger.get(path),
                change(stranger, asked, city="Elsewhere"),
                stranger.client.delete(path, headers=stranger.headers),
            ]
            assert [answer.status_code for answer in answers] == [404, 404, 404]
            assert {answer.get_json()["type"] for answer in answers} == {"/problems/not-found"}
        assert listed(stranger) == []
    assert listed(ada) == [entry]


def test_a_repeated_request_adds_one_address(ada: Buyer) -> None:
    first, again = ada.post(BOOK, HOME, key="home"), ada.post(BOOK, HOME, key="home")

    assert first.get_json() == again.get_json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert count("addresses") == 1


def test_a_book_takes_so_many_entries(ada: Buyer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "MOST_ADDRESSES", 2)
    add(ada)
    add(ada, type="billing")

    answer = ada.post(BOOK, HOME)

    assert (answer.status_code, answer.get_json()["type"]) == (409, "/problems/address-book-full")
    assert count("addresses") == 2


def test_of_many_defaults_at_once_one_stays(ada: Buyer) -> None:
    twins = [ada.twin() for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda twin: twin.post(BOOK, HOME | {"is_default": True}), twins))

    assert [answer.status_code for answer in answers] == [201] * 4
    assert rows("SELECT is_default, count(*) FROM addresses GROUP BY 1 ORDER BY 1") == [(False, 3), (True, 1)]
