"""One Idempotency-Key is one order, however often and by whomever it is sent."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask.testing import FlaskClient

from app.payments import workflows
from app.payments.gateway.protocol import ProviderPayment
from tests.buyers import Buyer, make_buyer, shelf
from tests.database import change, count, rows
from tests.gateway import FakeGateway
from tests.stand_in import StandIn
from tests.webhooks import deliver_all
from tests.work import drain, make_due

pytestmark = pytest.mark.usefixtures("stripe")


@pytest.fixture
def buyer(client: FlaskClient) -> Buyer:
    """Somebody with two units in the cart."""
    buyer = make_buyer(client)
    buyer.put(shelf())
    return buyer


def test_the_answer_comes_again_and_says_so(buyer: Buyer, stripe: StandIn) -> None:
    first, second = (buyer.check_out(key="mine") for _ in range(2))

    assert [answer.status_code for answer in (first, second)] == [201, 201]
    assert second.get_json() == first.get_json()
    assert [answer.headers.get("Idempotent-Replayed") for answer in (first, second)] == [None, "true"]
    assert (count("orders"), len(stripe.books()["payment_intents"])) == (1, 1)


def test_a_replay_shows_the_present_state_and_no_secret_of_a_finished_payment(
    buyer: Buyer, client: FlaskClient, stripe: StandIn
) -> None:
    first = buyer.check_out(key="mine").get_json()
    stripe.confirm(first["payment"]["provider_id"])
    deliver_all(client, stripe)
    drain()

    again = buyer.check_out(key="mine")

    body = again.get_json()
    assert again.status_code == 201
    assert (body["order"]["id"], body["order"]["status"]) == (first["order"]["id"], "paid")
    assert (body["payment"]["status"], body["payment"]["client_secret"]) == ("succeeded", None)


def test_the_order_that_is_there_already_is_refused_for_another_total(buyer: Buyer) -> None:
    total = buyer.check_out().get_json()["order"]["totals"]["total"]

    answer = buyer.check_out(expected_total=total | {"amount": total["amount"] - 1})

    assert (answer.status_code, answer.get_json()["total"]) == (409, total)
    assert buyer.check_out(expected_total=total).status_code == 201


def test_a_checkout_again_before_the_cart_is_cleared_is_the_same_purchase(
    buyer: Buyer, client: FlaskClient, stripe: StandIn
) -> None:
    first = buyer.check_out(key="one").get_json()
    stripe.confirm(first["payment"]["provider_id"])
    deliver_all(client, stripe)
    drain(queues=("critical",))  # paid, and the cart is still full

    again = buyer.check_out(key="two")

    assert (again.status_code, again.get_json()["order"]["id"]) == (201, first["order"]["id"])
    assert (count("orders"), count("payments"), count("reservations")) == (1, 1, 1)


def test_the_same_goods_again_after_the_purchase_are_another_order(
    buyer: Buyer, client: FlaskClient, stripe: StandIn
) -> None:
    sku = buyer.get("/v1/cart").get_json()["items"][0]["sku"]
    first = buyer.check_out(key="one").get_json()
    stripe.confirm(first["payment"]["provider_id"])
    deliver_all(client, stripe)
    drain()
    buyer.post("/v1/cart/items", {"sku": sku, "quantity": 2})

    again = buyer.check_out(key="two").get_json()

    assert again["order"]["id"] != first["order"]["id"]
    assert again["order"]["lines"][0]["quantity"] == first["order"]["lines"][0]["quantity"] == 2


@pytest.mark.parametrize("more", [True, False], ids=["more of the same", "something else"])
def test_what_was_paid_a_moment_ago_is_not_bought_again_with_what_was_added_since(
    buyer: Buyer, client: FlaskClient, stripe: StandIn, *, more: bool
) -> None:
    first = buyer.check_out().get_json()
    stripe.confirm(first["payment"]["provider_id"])
    deliver_all(client, stripe)
    assert "carts.remove_ordered" not in drain(queues=("critical",))
    (line,) = first["order"]["lines"]
    sku = line["sku"] if more else shelf().sku
    buyer.post("/v1/cart/items", {"sku": sku, "quantity": 1})

    second = buyer.check_out().get_json()["order"]

    assert [(each["sku"], each["quantity"]) for each in second["lines"]] == [(sku, 1)]
    drain()
    in_cart = [(each["sku"], each["quantity"]) for each in buyer.get("/v1/cart").get_json()["items"]]
    assert in_cart == [(sku, 1)]
    assert rows("SELECT sum(reserved), sum(on_hand) FROM stock_levels WHERE sku = :sku", sku=line["sku"]) == [
        (1 if more else 0, 3)
    ]


def test_the_kept_answer_holds_ids_only(buyer: Buyer) -> None:
    body = buyer.check_out(key="mine").get_json()

    kept = rows("SELECT convert_from(body, 'UTF8')::jsonb FROM idempotency_keys")
    assert kept == [({"order_id": body["order"]["id"], "payment_id": body["payment"]["id"]},)]


def test_another_body_under_the_key_is_refused(buyer: Buyer) -> None:
    buyer.check_out(key="mine")

    answer = buyer.check_out(key="mine", gift_message="Hello")

    assert (answer.status_code, answer.get_json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert count("orders") == 1


def test_another_user_with_the_same_key_has_an_order_of_their_own(buyer: Buyer, client: FlaskClient) -> None:
    other = make_buyer(client)
    other.put(shelf())

    first, second = buyer.check_out(key="ours"), other.check_out(key="ours")

    assert [first.status_code, second.status_code] == [201, 201]
    assert "Idempotent-Replayed" not in second.headers
    assert first.get_json()["order"]["id"] != second.get_json()["order"]["id"]
    assert count("orders") == 2


def test_a_refusal_is_not_kept(client: FlaskClient) -> None:
    buyer = make_buyer(client)
    assert buyer.check_out(key="mine").status_code == 422
    buyer.put(shelf())

    assert buyer.check_out(key="mine").status_code == 201


def test_after_a_day_the_key_is_free(buyer: Buyer) -> None:
    first = buyer.check_out(key="mine").get_json()["order"]["id"]
    change("UPDATE idempotency_keys SET created_at = now() - interval '24 hours 1 second'")
    change("UPDATE payments SET status = 'cancelled'")
    buyer.post(f"/v1/orders/{first}/cancel")

    answer = buyer.check_out(key="mine")

    assert answer.status_code == 201
    assert "Idempotent-Replayed" not in answer.headers
    assert answer.get_json()["order"]["id"] != first


def test_one_key_from_many_threads_is_one_order(buyer: Buyer, stripe: StandIn) -> None:
    start = Barrier(8)

    def attempt(_: int) -> int:
        own = buyer.twin()
        start.wait(timeout=10)
        answer = own.check_out(key="mine")
        if answer.status_code == 409:
            assert answer.get_json()["type"] == "/problems/idempotency-key-in-use"
            assert answer.headers["Retry-After"] == "1"
        return answer.status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(attempt, range(8)))

    assert 201 in statuses
    assert set(statuses) <= {201, 202, 409}
    assert (count("orders"), count("payments"), count("reservations")) == (1, 1, 1)
    assert len(stripe.books()["payment_intents"]) == 1


def test_many_keys_from_many_threads_for_one_cart_are_one_order(buyer: Buyer, stripe: StandIn) -> None:
    """woocommerce-gateway-stripe #4878: a reload during a slow checkout made a second order."""
    start = Barrier(6)

    def attempt(number: int) -> str:
        own = buyer.twin()
        start.wait(timeout=10)
        order_id: str = own.check_out(key=f"key-{number}").get_json()["order"]["id"]
        return order_id

    with ThreadPoolExecutor(6) as pool:
        found = set(pool.map(attempt, range(6)))

    assert len(found) == 1
    assert (count("orders"), len(stripe.books()["payment_intents"])) == (1, 1)


class Crash(BaseException):
    """The process dies here."""


def test_after_a_crash_right_after_the_commit_the_key_finds_the_order_and_a_worker_opens_it(
    buyer: Buyer, stripe: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object, **__: object) -> None:
        raise Crash

    with monkeypatch.context() as dying:
        dying.setattr(workflows, "open_at_counter", die)
        with pytest.raises(Crash):
            buyer.check_out(key="mine")

    again = buyer.check_out(key="mine")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (202, "true")
    assert again.get_json()["payment"]["client_secret"] is None
    assert drain() == []  # the dead request still holds the work
    make_due()
    assert drain() == ["payments.open"]
    opened = buyer.check_out(key="mine")
    assert opened.status_code == 201
    (intent,) = stripe.books()["payment_intents"]
    assert opened.get_json()["payment"]["client_secret"] == intent["client_secret"]
    assert (count("orders"), count("payments")) == (1, 1)


def test_after_a_crash_while_the_provider_answers_there_is_still_one_intent(
    buyer: Buyer, stripe: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = buyer.client.application.extensions["payment_gateway"]

    class Dying(FakeGateway):
        def open(self, request: object) -> ProviderPayment:
            gateway.open(request)
            raise Crash

    with monkeypatch.context() as dying:
        dying.setitem(buyer.client.application.extensions, "payment_gateway", Dying())
        with pytest.raises(Crash):
            buyer.check_out(key="mine")
    make_due()
    drain()

    opened = buyer.check_out(key="mine").get_json()["payment"]
    (intent,) = stripe.books()["payment_intents"]
    assert (opened["status"], opened["provider_id"]) == ("open", intent["id"])
