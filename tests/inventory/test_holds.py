"""Stock for other channels, over HTTP with an API key."""

import pytest
from flask.testing import FlaskClient

from tests.buyers import shelf
from tests.database import count, rows
from tests.inventory.till import Till, broken, level, refusal, topics
from tests.keys import key_headers, next_key_headers


def test_units_are_held_as_long_as_those_of_an_order(till: Till) -> None:
    lamp, chair = shelf(stock=5), shelf(stock=5)

    answer = till.reserve({lamp: 2, chair: 1})

    hold = answer.get_json()
    assert answer.status_code == 201
    assert (hold["reference"], hold["status"]) == ("r1", "active")
    assert hold["items"] == [
        {"sku": sku, "quantity": n} for sku, n in sorted([(lamp.sku, 2), (chair.sku, 1)])
    ]
    assert rows("SELECT extract(epoch FROM hold_until - created_at) FROM stock_holds") == [(900,)]
    assert (level(lamp), level(chair)) == ((5, 2), (5, 1))
    assert (topics(), broken()) == (["inventory.hold_placed"], [])


def test_a_sale_leaves_the_shelf_and_stands_in_the_ledger(till: Till) -> None:
    lamp = shelf(stock=5)
    till.reserve({lamp: 2})

    answer = till.commit()

    assert (answer.status_code, answer.get_json()["status"]) == (200, "committed")
    assert level(lamp) == (3, 0)
    ((hold_id, client_id),) = rows("SELECT id, client_id FROM stock_holds")
    assert rows("SELECT change, reference, actor FROM stock_movements WHERE reason = 'sale'") == [
        (-2, str(hold_id), f"api_client:{client_id}")
    ]
    assert (topics()[1:], broken()) == (["inventory.hold_committed"], [])


def test_what_is_given_back_is_free_again(till: Till) -> None:
    lamp = shelf(stock=5)
    till.reserve({lamp: 2})

    answer = till.release()

    assert (answer.status_code, answer.get_json()["status"]) == (200, "released")
    assert level(lamp) == (5, 0)
    assert (topics()[1:], broken()) == (["inventory.hold_released"], [])


def test_each_call_may_be_repeated(till: Till) -> None:
    lamp = shelf(stock=9)

    reserved = [till.reserve({lamp: 2}) for _ in range(2)]
    sold = [till.commit() for _ in range(2)]
    late = till.reserve({lamp: 2})
    till.reserve({lamp: 3}, "r2")
    freed = [till.release("r2") for _ in range(2)]

    assert [each.status_code for each in (*reserved, *sold, late, *freed)] == [
        201,
        201,
        200,
        200,
        201,
        200,
        200,
    ]
    assert reserved[0].get_json() == reserved[1].get_json()
    assert late.get_json() == sold[0].get_json() == sold[1].get_json()
    assert (level(lamp), count("reservations"), count("stock_movements")) == ((7, 0), 2, 2)
    assert topics() == [
        "inventory.hold_placed",
        "inventory.hold_committed",
        "inventory.hold_placed",
        "inventory.hold_released",
    ]


def test_lines_of_one_sku_are_one(till: Till) -> None:
    lamp = shelf(stock=5)
    line = {"sku": lamp.sku, "quantity": 1}

    answer = till.client.post(
        "/v1/inventory/reserve", json={"reference": "r1", "items": [line, line]}, headers=till.headers
    )

    assert answer.get_json()["items"] == [{"sku": lamp.sku, "quantity": 2}]
    assert till.reserve({lamp: 2}).status_code == 201
    assert level(lamp) == (5, 2)


def test_more_than_there_is_holds_nothing_and_says_how_much_there_is(till: Till) -> None:
    plenty, scarce = shelf(stock=5), shelf(stock=1)

    answer = till.reserve({plenty: 1, scarce: 2})

    assert refusal(answer) == (409, "out-of-stock")
    ((short,),) = [answer.get_json()["shortage"]]
    assert (short["sku"], short["requested"], short["available"]) == (scarce.sku, 2, 1)
    assert (level(plenty), count("stock_holds"), topics()) == ((5, 0), 0, [])


def test_other_units_under_a_used_reference_are_refused(till: Till) -> None:
    lamp = shelf(stock=5)
    till.reserve({lamp: 2})

    answer = till.reserve({lamp: 3})

    assert refusal(answer) == (409, "reservation-conflict")
    assert level(lamp) == (5, 2)


def test_a_sku_that_nobody_has_is_refused(till: Till) -> None:
    items = [{"sku": "NONE", "quantity": 1}]

    answer = till.client.post(
        "/v1/inventory/reserve", json={"reference": "r1", "items": items}, headers=till.headers
    )

    assert (refusal(answer), count("stock_holds")) == ((404, "not-found"), 0)


def test_what_was_sold_is_not_given_back(till: Till) -> None:
    lamp = shelf(stock=5)
    till.reserve({lamp: 2})
    till.commit()

    answer = till.release()

    assert refusal(answer) == (409, "reservation-conflict")
    assert answer.get_json()["hold_status"] == "committed"
    assert level(lamp) == (3, 0)


def test_what_was_given_back_is_neither_sold_nor_held_again(till: Till) -> None:
    lamp = shelf(stock=5)
    till.reserve({lamp: 2})
    till.release()

    answers = [till.commit(), till.reserve({lamp: 2})]

    assert [refusal(each) for each in answers] == [(409, "reservation-conflict")] * 2
    assert level(lamp) == (5, 0)


@pytest.mark.parametrize("action", ["commit", "release"])
def test_an_unknown_reference_is_not_found(till: Till, action: str) -> None:
    assert refusal(getattr(till, action)("other")) == (404, "not-found")


def test_another_clients_reference_is_not_found_and_may_be_used(client: FlaskClient, till: Till) -> None:
    lamp, other = shelf(stock=5), Till(client, key_headers("stock:hold"))
    till.reserve({lamp: 2})

    refused = [other.commit(), other.release()]
    own = other.reserve({lamp: 1})

    assert [refusal(each) for each in refused] == [(404, "not-found")] * 2
    assert (own.status_code, level(lamp)) == (201, (5, 3))


def test_an_idempotency_key_belongs_to_the_client_who_sent_it(client: FlaskClient, till: Till) -> None:
    lamp, key = shelf(stock=5), {"Idempotency-Key": "one"}
    tills = [Till(client, headers | key) for headers in (till.headers, key_headers("stock:hold"))]

    first, others = (each.reserve({lamp: 1}) for each in tills)
    again = tills[0].reserve({lamp: 1})

    assert [each.status_code for each in (first, others, again)] == [201, 201, 201]
    assert ["Idempotent-Replayed" in each.headers for each in (first, others, again)] == [False, False, True]
    assert level(lamp) == (5, 2)


def test_a_sellers_key_reaches_that_sellers_stock_only(client: FlaskClient) -> None:
    lamp, other = shelf(stock=5), shelf(stock=5)
    till = Till(client, key_headers("stock:hold", seller_id=lamp.seller_id))

    refused, let_in = till.reserve({lamp: 1, other: 1}), till.reserve({lamp: 1})

    assert (refusal(refused), let_in.status_code) == ((404, "not-found"), 201)
    assert (level(lamp), level(other)) == ((5, 1), (5, 0))


def test_a_key_that_replaced_another_goes_on_with_its_references(client: FlaskClient, till: Till) -> None:
    lamp = shelf(stock=5)
    till.reserve({lamp: 2})
    ((key_id,),) = rows("SELECT id FROM api_keys")
    next_key = next_key_headers(key_id)

    assert Till(client, next_key).commit().status_code == 200
    assert level(lamp) == (3, 0)
