import time

import pytest
import stripe

from sandbox.ready import wait_until
from tests.sandbox.stripe.shop import Shop
from tests.stand_in import StandIn

DAY = 24 * 3600


def advance(stand_in: StandIn, seconds: float) -> None:
    stand_in.order("clock", {"advance_seconds": seconds})


def test_what_happens_after_a_move_bears_the_moved_time(stand_in: StandIn, shop: Shop) -> None:
    before = stand_in.new_intent()

    advance(stand_in, 3 * DAY)
    after = stand_in.new_intent()

    assert 3 * DAY <= after.created - before.created < 3 * DAY + 60
    assert stand_in.order("clock", method="GET")["ahead_seconds"] == 3 * DAY
    wait_until(lambda: len(shop.events) == 2, within=5, failure="The webhooks did not come")
    assert all(abs(moment - time.time()) < 60 for moment in shop.signed_at)
    first, second = sorted(event.created for event in shop.events)
    assert 3 * DAY <= second - first < 3 * DAY + 60


def test_a_key_makes_a_new_object_after_a_day(stand_in: StandIn) -> None:
    def create() -> stripe.PaymentIntent:
        params: stripe.params.PaymentIntentCreateParams = {"amount": 1999, "currency": "usd"}
        return stand_in.client.v1.payment_intents.create(params, {"idempotency_key": "once"})

    first = create()
    advance(stand_in, DAY - 60)
    repeated = create()
    advance(stand_in, 120)
    forgotten = stand_in.books()["idempotency_keys"]
    later = create()

    assert repeated.id == first.id
    assert forgotten == []
    assert later.id != first.id


def test_sessions_expire_when_their_time_has_passed(stand_in: StandIn, shop: Shop) -> None:
    short = stand_in.new_session(expires_at=int(time.time()) + 3600)
    long = stand_in.new_session()

    advance(stand_in, 3601)
    wait_until(lambda: len(shop.events) == 1, within=5, failure="No session expired")

    retrieve = stand_in.client.v1.checkout.sessions.retrieve
    assert shop.events[0].data.object["id"] == short.id
    assert (retrieve(short.id).status, retrieve(long.id).status) == ("expired", "open")


@pytest.mark.parametrize("wrong", [-1, 0, "1", True, 1e12])
def test_the_clock_moves_forward_only(stand_in: StandIn, wrong: float) -> None:
    with pytest.raises(OSError, match="400"):
        advance(stand_in, wrong)

    assert stand_in.order("clock", method="GET")["ahead_seconds"] == 0


def test_a_moved_clock_survives_a_crash_and_ends_with_the_books(own: tuple[StandIn, Shop]) -> None:
    stand_in, _ = own
    advance(stand_in, DAY)

    stand_in.child.kill()
    stand_in.start()
    survived = stand_in.order("clock", method="GET")["ahead_seconds"]
    stand_in.order("reset")

    assert survived == DAY
    assert stand_in.order("clock", method="GET")["ahead_seconds"] == 0
