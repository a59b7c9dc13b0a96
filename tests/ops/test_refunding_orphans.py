"""Money at Stripe for orders that a restored backup does not know: given back when an operator says so."""

from typing import Any
from uuid import uuid4

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient

from app.platform.db import transaction
from sandbox.ready import wait_until
from tests.attempts import at_stripe, pay_hosted
from tests.buyers import Purchase
from tests.database import change, rows
from tests.refunds import owe
from tests.sales import TOTAL, topics
from tests.stand_in import StandIn
from tests.template import empty
from tests.webhooks import deliver_all
from tests.work import drain

FINDINGS = "SELECT kind, object_id, action FROM reconciliation_findings ORDER BY found_at, id"
REFUND = {"path": "/v1/refunds", "method": "POST"}


@pytest.fixture
def shop(app: Flask, client: FlaskClient, stripe: StandIn) -> Flask:
    """An empty shop, and Stripe with empty books."""
    return app


def ours() -> dict[str, str]:
    """Metadata as the shop makes it, of an order that nobody here knows."""
    return {"payment_id": str(uuid4()), "order_id": str(uuid4())}


def give_back(shop: Flask) -> Result:
    return shop.test_cli_runner().invoke(args=["reconcile", "--days", "7", "--refund-orphans"])


def lines(told: Result) -> list[str]:
    """What was said of each orphan, without its order, below the report."""
    _, said = told.output.split(" of Stripe's objects compared: ")
    return [" ".join(line.partition("; ")[0].split()) for line in said.splitlines()[1:]]


def refunded(stripe: StandIn) -> list[int]:
    """How much each refund at Stripe gave back, those that failed left out; oldest first."""
    return [each["amount"] for each in stripe.books()["refunds"] if each["status"] != "failed"]


@pytest.fixture
def lost(bought: Purchase, client: FlaskClient, stripe: StandIn) -> Purchase:
    """An order that was paid, in a shop that was restored from a backup from before."""
    stripe.confirm(bought.provider_id)
    deliver_all(client, stripe)
    drain()
    assert rows("SELECT status FROM orders") == [("paid",)]
    with transaction() as session:
        empty(session)
    return bought


def test_money_for_an_order_that_a_backup_does_not_know_goes_back_once(
    shop: Flask, lost: Purchase, stripe: StandIn
) -> None:
    first = give_back(shop)
    again = give_back(shop)

    assert first.exit_code == 0, first.output
    assert first.output.splitlines()[-1] == (
        f"refunded    {lost.provider_id:<32}26.99 USD given back; order {lost.order_id}"
    )
    assert rows(FINDINGS) == [("orphaned", lost.provider_id, "refunded")]
    assert refunded(stripe) == [TOTAL]
    assert (again.exit_code, lines(again)) == (
        0,
        [f"refunded {lost.provider_id} nothing was left to give back"],
    )
    (told,) = rows("SELECT subject, actor, call FROM events WHERE topic = 'settlement.orphan_refunded'")
    assert (told[0], told[2]) == (str(lost.order_id), "flask reconcile --refund-orphans")
    assert told[1].startswith("operator:")


def test_without_the_option_nothing_is_given_back_and_afterwards_nothing_is_left(
    shop: Flask, lost: Purchase, stripe: StandIn
) -> None:
    before = shop.test_cli_runner().invoke(args=["reconcile", "--days", "7"])
    assert (before.exit_code, refunded(stripe)) == (1, [])
    assert rows(FINDINGS) == [("orphaned", lost.provider_id, "nothing")]

    given = give_back(shop)
    after = shop.test_cli_runner().invoke(args=["reconcile", "--days", "7"])

    assert (given.exit_code, refunded(stripe)) == (0, [TOTAL])
    assert (after.exit_code, after.output) == (
        0,
        "2 of Stripe's objects compared: 0 healed, 0 disagreeing, 0 orphaned; done.\n",
    )


def test_what_went_back_in_the_dashboard_counts(shop: Flask, lost: Purchase, stripe: StandIn) -> None:
    stripe.client.v1.refunds.create({"payment_intent": lost.provider_id, "amount": 1000})

    told = give_back(shop)

    assert (told.exit_code, lines(told)) == (0, [f"refunded {lost.provider_id} 16.99 USD given back"])
    assert refunded(stripe) == [1000, TOTAL - 1000]


def test_what_stripe_refuses_is_left_with_the_reason_and_shields_nothing(
    shop: Flask, lost: Purchase, stripe: StandIn
) -> None:
    other = stripe.pay_for(ours(), 500)
    stripe.order("faults", REFUND | {"outcome": 400, "code": "charge_disputed"})

    told = give_back(shop)

    assert told.exit_code == 1
    assert lines(told) == [
        f"nothing {other} 5.00 USD: charge_disputed",
        f"refunded {lost.provider_id} 26.99 USD given back",
    ]
    assert rows(FINDINGS) == [("orphaned", other, "nothing"), ("orphaned", lost.provider_id, "refunded")]
    assert refunded(stripe) == [TOTAL]
    once_more = give_back(shop)
    assert (once_more.exit_code, refunded(stripe)) == (0, [TOTAL, 500])


def test_what_can_still_be_paid_is_closed_pages_before_their_intents(shop: Flask, stripe: StandIn) -> None:
    waiting = stripe.new_intent(500, metadata=ours()).id
    paid_page, open_page = (hosted(stripe) for _ in range(2))
    pay_hosted(paid_page.url)

    told = give_back(shop)

    assert told.exit_code == 0, told.output
    assert set(lines(told)[:2]) == {
        f"refunded {paid_page.id} 39.98 USD given back",
        f"closed {open_page.id} takes no money any more",
    }
    (of_page,) = [each["id"] for each in stripe.books()["payment_intents"] if each["id"] != waiting]
    assert set(lines(told)[2:]) == {
        f"refunded {of_page} nothing was left to give back",
        f"closed {waiting} takes no money any more",
    }
    assert at_stripe(stripe) == (["canceled", "succeeded"], ["complete", "expired"])
    assert refunded(stripe) == [3998]
    assert lines(give_back(shop)) == [
        f"refunded {paid_page.id} nothing was left to give back",
        f"refunded {of_page} nothing was left to give back",
    ]


def hosted(stripe: StandIn) -> Any:
    """A page of 39.98 for an order that nobody here knows."""
    named = ours()
    return stripe.new_session(metadata=named, payment_intent_data={"metadata": named})


@pytest.mark.parametrize("metadata", [{}, {"order_id": "4711", "payment_id": "P-4711"}])
def test_what_is_another_shops_is_not_touched(metadata: dict[str, str], shop: Flask, stripe: StandIn) -> None:
    stripe.pay_for(metadata, 500)
    stripe.new_intent(700, metadata=metadata)

    told = give_back(shop)

    assert (told.exit_code, lines(told), refunded(stripe)) == (0, [], [])
    assert at_stripe(stripe)[0] == ["succeeded", "requires_payment_method"]


def test_what_names_a_payment_and_no_order_is_not_touched(shop: Flask, stripe: StandIn) -> None:
    theirs = stripe.pay_for({"payment_id": str(uuid4())}, 500)

    told = give_back(shop)

    assert (told.exit_code, lines(told)) == (
        1,
        [f"nothing {theirs} 5.00 USD: it names no order of this shop"],
    )
    assert refunded(stripe) == []


def test_a_lost_answer_ends_it_and_the_next_run_gives_back_the_rest_and_nothing_twice(
    shop: Flask, lost: Purchase, stripe: StandIn
) -> None:
    other = stripe.pay_for(ours(), 500)
    stripe.order("faults", REFUND | {"outcome": "lost", "when": "after", "calls": 2})  # the SDK asks twice

    silent, told = give_back(shop), give_back(shop)

    stopped = "Stripe stopped answering: APIConnectionError. What is left is for the next time."
    assert (silent.exit_code, silent.output.splitlines()[-1]) == (1, stopped)
    assert lines(told) == [
        f"refunded {other} nothing was left to give back",
        f"refunded {lost.provider_id} 26.99 USD given back",
    ]
    assert (told.exit_code, refunded(stripe)) == (0, [500, TOTAL])


def test_a_refund_that_failed_later_is_given_once_more(shop: Flask, stripe: StandIn) -> None:
    intent = stripe.new_intent(500, payment_method="pm_card_refundFail", confirm=True, metadata=ours())
    assert give_back(shop).exit_code == 0
    wait_until(lambda: refunded(stripe) == [], within=5, failure="The refund did not fail")

    told = give_back(shop)

    assert lines(told) == [f"refunded {intent.id} 5.00 USD given back"]
    assert [each["amount"] for each in stripe.books()["refunds"]] == [500, 500]


def test_refunds_that_the_backup_does_not_know_have_done_what_there_was_to_do(
    shop: Flask, bought: Purchase, client: FlaskClient, stripe: StandIn
) -> None:
    stripe.confirm(bought.provider_id)
    deliver_all(client, stripe)
    drain()
    with transaction() as session:
        owe(session, bought, TOTAL)
    drain()
    with transaction() as session:
        empty(session)

    told = give_back(shop)

    assert (told.exit_code, refunded(stripe)) == (0, [TOTAL])
    assert {action for _, _, action in rows(FINDINGS)} == {"refunded"}
    assert len(lines(told)) == 2


def test_an_order_that_lost_its_payment_alone_tells_of_it(
    shop: Flask, bought: Purchase, stripe: StandIn
) -> None:
    change("DELETE FROM payments")
    stripe.confirm(bought.provider_id)

    give_back(shop)

    assert topics(bought)[-2:] == ["settlement.difference_found", "settlement.orphan_refunded"]
