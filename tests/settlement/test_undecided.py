"""Reviews that nobody decides: after the longest hold, the money goes back."""

from flask.testing import FlaskClient

from tests.buyers import Purchase
from tests.database import change, rows
from tests.expiry import let_expire, sweep
from tests.sales import EXPIRED, TOTAL, state, topics
from tests.settlement.reviews import healthy, other_amount, owed, second_object
from tests.stand_in import StandIn
from tests.work import tick

LAPSED = "UPDATE payment_reviews SET opened_at = now() - interval '25 hours'"


def test_what_nobody_decides_within_the_longest_hold_goes_back(
    bought: Purchase, client: FlaskClient, stripe: StandIn
) -> None:
    second = second_object(bought, client, stripe)
    tick("settlement.expire_due")
    assert owed(bought) == []
    change(LAPSED)

    for _ in range(2):
        sweep()

    assert owed(bought) == [(TOTAL, "review", second)]
    assert topics(bought).count("payments.review_lapsed") == 1
    assert healthy()


def test_an_order_in_review_that_nobody_decides_ends_as_expired(bought: Purchase, stripe: StandIn) -> None:
    other_amount(bought, stripe, 5000)
    change(LAPSED)
    let_expire()

    for _ in range(2):
        sweep()

    after = state(bought)
    assert (after.order[0], after.order[2], after.stock) == ("cancelled", "expired", EXPIRED.stock)
    assert owed(bought) == [(5000, "review", None)]
    assert rows("SELECT decision FROM payment_reviews") == [("refund",)]
