from typing import Any

import pytest
import stripe

from sandbox.ready import wait_until
from tests.stand_in import StandIn


def refund(stand_in: StandIn, intent: stripe.PaymentIntent, **more: Any) -> stripe.Refund:
    params: Any = {"payment_intent": intent.id, **more}
    return stand_in.client.v1.refunds.create(params)


def charge_of(stand_in: StandIn, intent: stripe.PaymentIntent) -> stripe.Charge:
    return stand_in.client.v1.charges.retrieve(str(intent.latest_charge))


def told(stand_in: StandIn, *patterns: str) -> list[str]:
    events = stand_in.client.v1.events
    return sorted(event.type for pattern in patterns for event in events.list({"type": pattern}).data)


def test_a_full_refund_gives_all_back(stand_in: StandIn) -> None:
    intent = stand_in.pay(amount=2000)

    made = refund(stand_in, intent, reason="requested_by_customer", metadata={"order": "7"})

    assert made.id.startswith("re_")
    assert (made.status, made.amount, made.currency) == ("succeeded", 2000, "usd")
    assert (made.charge, made.payment_intent) == (intent.latest_charge, intent.id)
    assert made.reason == "requested_by_customer"
    assert made.metadata is not None
    assert made.metadata.to_dict() == {"order": "7"}
    charge = charge_of(stand_in, intent)
    assert (charge.amount_refunded, charge.refunded) == (2000, True)
    assert charge.refunds is not None
    assert [shown.id for shown in charge.refunds.data] == [made.id]


def test_several_partial_refunds_add_up_but_never_to_more_than_was_paid(stand_in: StandIn) -> None:
    intent = stand_in.pay(amount=2000)
    refund(stand_in, intent, amount=500)
    stand_in.client.v1.refunds.create({"charge": str(intent.latest_charge), "amount": 700})

    with pytest.raises(stripe.InvalidRequestError) as too_much:
        refund(stand_in, intent, amount=801)
    rest = refund(stand_in, intent)
    with pytest.raises(stripe.InvalidRequestError) as nothing_left:
        refund(stand_in, intent)

    assert (too_much.value.code, too_much.value.param) == (None, "amount")
    assert "greater than unrefunded amount on charge" in str(too_much.value)
    assert rest.amount == 800
    assert nothing_left.value.code == "charge_already_refunded"
    assert sorted(made["amount"] for made in stand_in.books()["refunds"]) == [500, 700, 800]
    assert charge_of(stand_in, intent).refunded is True


def test_a_refund_takes_from_the_balance(stand_in: StandIn) -> None:
    made = refund(stand_in, stand_in.pay(amount=2000), amount=300, expand=["balance_transaction", "charge"])

    taken = made.balance_transaction
    assert isinstance(taken, stripe.BalanceTransaction)
    assert (taken.amount, taken.fee, taken.net, taken.type) == (-300, 0, -300, "refund")
    assert isinstance(made.charge, stripe.Charge)
    assert made.charge.amount_refunded == 300


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({}, "charge"),
        ({"charge": "ch_1", "payment_intent": "pi_1"}, "charge"),
        ({"charge": "ch_nobody"}, "charge"),
        ({"payment_intent": "pi_nobody"}, "payment_intent"),
    ],
)
def test_a_refund_needs_one_payment_that_exists(stand_in: StandIn, wrong: Any, param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stand_in.client.v1.refunds.create(wrong)

    assert (refused.value.http_status, refused.value.param) == (400, param)


@pytest.mark.parametrize("amount", [0, -5])
def test_nothing_cannot_be_refunded(stand_in: StandIn, amount: int) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        refund(stand_in, stand_in.pay(), amount=amount)

    assert refused.value.param == "amount"


def test_only_what_was_taken_can_be_refunded(stand_in: StandIn) -> None:
    held = stand_in.new_intent(payment_method="pm_card_visa", confirm=True, capture_method="manual")
    unpaid = stand_in.new_intent()
    with pytest.raises(stripe.CardError):
        stand_in.confirm(unpaid.id, "pm_card_chargeDeclined")
    failed = stand_in.books()["charges"][-1]["id"]

    requests: list[Any] = [
        {"payment_intent": unpaid.id},
        {"payment_intent": held.id},
        {"charge": failed},
        {"charge": held.latest_charge},
    ]
    for request in requests:
        with pytest.raises(stripe.InvalidRequestError):
            stand_in.client.v1.refunds.create(request)

    assert stand_in.books()["refunds"] == []


def test_refunds_are_listed_by_charge_and_by_intent(stand_in: StandIn) -> None:
    one, other = stand_in.pay(), stand_in.pay()
    first, second = refund(stand_in, one, amount=100), refund(stand_in, one, amount=200)
    third = refund(stand_in, other)
    refunds = stand_in.client.v1.refunds

    assert [made.id for made in refunds.list().data] == [third.id, second.id, first.id]
    assert [made.id for made in refunds.list({"payment_intent": one.id}).data] == [second.id, first.id]
    assert [made.id for made in refunds.list({"charge": str(other.latest_charge)}).data] == [third.id]
    assert refunds.list({"created": {"lt": first.created}}).data == []
    assert refunds.retrieve(first.id).amount == 100


def test_the_metadata_of_a_refund_can_change(stand_in: StandIn) -> None:
    made = refund(stand_in, stand_in.pay(), metadata={"kept": "1"})

    changed = stand_in.client.v1.refunds.update(made.id, {"metadata": {"new": "2"}})

    assert changed.metadata is not None
    assert changed.metadata.to_dict() == {"kept": "1", "new": "2"}


def test_a_refund_of_a_card_cannot_be_canceled_by_the_api(stand_in: StandIn) -> None:
    made = refund(stand_in, stand_in.pay("pm_card_pendingRefund"))

    with pytest.raises(stripe.InvalidRequestError) as refused:
        stand_in.client.v1.refunds.cancel(made.id)

    assert (refused.value.http_status, refused.value.code) == (400, None)


@pytest.mark.parametrize(
    ("method", "first", "last"),
    [
        ("pm_card_pendingRefund", "pending", "succeeded"),
        ("pm_card_refundFail", "succeeded", "failed"),
    ],
)
def test_some_refunds_end_later_by_themselves(stand_in: StandIn, method: str, first: str, last: str) -> None:
    intent = stand_in.pay(method)
    made = refund(stand_in, intent)
    retrieve = stand_in.client.v1.refunds.retrieve

    wait_until(lambda: retrieve(made.id).status == last, within=5, failure="The refund did not end")

    assert made.status == first
    assert charge_of(stand_in, intent).amount_refunded == (2000 if last == "succeeded" else 0)
    ended = ["charge.refund.updated", "charge.refunded", "refund.created", "refund.updated"]
    assert told(stand_in, "refund.*", "charge.refund*") == sorted(
        ended + (["refund.failed"] if last == "failed" else [])
    )


def test_a_failed_refund_gives_the_money_back_to_the_account_and_can_be_repeated(stand_in: StandIn) -> None:
    intent = stand_in.pay()
    made = refund(stand_in, intent)

    stand_in.order(f"refunds/{made.id}", {"status": "failed"})

    failed = stand_in.client.v1.refunds.retrieve(made.id, {"expand": ["failure_balance_transaction"]})
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    assert isinstance(failed.failure_balance_transaction, stripe.BalanceTransaction)
    assert failed.failure_balance_transaction.amount == 2000
    assert charge_of(stand_in, intent).refunded is False
    assert refund(stand_in, intent).status == "succeeded"


def test_a_refund_can_be_canceled_as_in_the_dashboard_but_not_twice(stand_in: StandIn) -> None:
    intent = stand_in.pay("pm_usBankAccount_success")
    wait_until(
        lambda: stand_in.client.v1.payment_intents.retrieve(intent.id).status == "succeeded",
        within=5,
        failure="The debit did not settle",
    )
    made = refund(stand_in, intent)
    assert made.status == "pending"

    stand_in.order(f"refunds/{made.id}", {"status": "canceled"})

    assert stand_in.client.v1.refunds.retrieve(made.id).status == "canceled"
    assert charge_of(stand_in, intent).amount_refunded == 0
    with pytest.raises(OSError, match="400"):
        stand_in.order(f"refunds/{made.id}", {"status": "succeeded"})
