"""Many buyers, few units, one moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.buyers import Buyer, make_buyer, shelf
from tests.database import count, rows
from tests.stand_in import StandIn
from tests.work import drain

BUYERS, UNITS = 64, 10


@pytest.mark.usefixtures("stripe")
def test_sixty_four_buyers_of_ten_units_place_ten_orders(client: FlaskClient, stripe: StandIn) -> None:
    lamp = shelf(stock=UNITS)
    buyers = [make_buyer(client) for _ in range(BUYERS)]
    for buyer in buyers:
        buyer.put(lamp, 1)
    start = Barrier(BUYERS)

    def attempt(buyer: Buyer) -> TestResponse:
        key = str(uuid4())
        start.wait(timeout=20)
        # On a busy machine some wait too long for a connection, and come again as they are told.
        while (answer := buyer.check_out(key)).status_code == 503:
            assert answer.headers["Retry-After"]
        return answer

    with ThreadPoolExecutor(BUYERS) as pool:
        answers = list(pool.map(attempt, buyers))

    sold_out = [answer for answer in answers if answer.status_code == 409]
    assert {answer.status_code for answer in answers} <= {201, 202, 409}
    assert len(sold_out) == BUYERS - UNITS
    for answer in sold_out:
        (short,) = answer.get_json()["shortage"]
        assert (short["sku"], short["requested"], short["available"]) == (lamp.sku, 1, 0)
    assert rows("SELECT on_hand, reserved FROM stock_levels") == [(UNITS, UNITS)]
    assert rows("SELECT sum(change) FROM stock_movements") == [(UNITS,)]
    assert (count("orders"), count("reservations"), count("idempotency_keys")) == (UNITS, UNITS, UNITS)
    drain()
    assert rows("SELECT status, count(*) FROM payments GROUP BY status") == [("open", UNITS)]
    assert len(stripe.books()["payment_intents"]) == UNITS
