"""Every cent belongs to an order, once."""

from proof.mutants.words import Mutant

_ORDERS = "tests/orders/"
_SETTLEMENT = "tests/settlement/"
_COUPONS = "tests/settlement/test_coupons.py::"
_SETTLING = "app/settlement/services/settling.py"
_HOLDINGS = "app/settlement/services/holdings.py"

MONEY = (
    Mutant(
        key="an order is read without a lock",
        file="app/orders/services/moving.py",
        old="return locked(one.options(selectinload(Order.lines)))",
        new="return one.options(selectinload(Order.lines))",
        tests=(f"{_ORDERS}test_locking.py::test_the_next_one_waits_and_reads_the_order_anew",),
    ),
    Mutant(
        key="a lock leaves what was read before it",
        file="app/platform/db.py",
        old=".execution_options(populate_existing=True)",
        new="",
        tests=(f"{_ORDERS}test_locking.py::test_the_next_one_waits_and_reads_the_order_anew",),
    ),
    Mutant(
        key="no unique index on live payments",
        sql="DROP INDEX uq_payments_live",
        tests=(f"{_ORDERS}test_states.py::test_the_database_itself_refuses",),
    ),
    Mutant(
        key="any amount pays an order",
        file=_SETTLING,
        old='"amount_received": seen.status != SUCCEEDED or seen.amount_received == payment.amount,',
        new="",
        tests=(f"{_SETTLEMENT}test_settle_review.py::test_money_that_does_not_fit_opens_a_review",),
    ),
    Mutant(
        key="late money without a savepoint",
        file=_HOLDINGS,
        old="with session.begin_nested():",
        new="if True:",
        tests=(
            f"{_SETTLEMENT}test_settle_late.py::test_money_after_the_expiry_is_owed_back_when_the_stock_is_gone",
        ),
    ),
    Mutant(
        key="a second payment of a paid order is kept",
        file=_SETTLING,
        old="_owe(case, CALLED_OFF if order.status == CANCELLED else states.SURPLUS)",
        new="pass",
        tests=(
            f"{_SETTLEMENT}test_settle_late.py::test_a_second_payment_of_a_paid_order_is_owed_back_alone",
        ),
    ),
    Mutant(
        key="an object that nobody waits for stays open",
        file="app/settlement/workflows/observing.py",
        old="        outcome = _settle(guard, gateway.close(object_id), holds, finish)",
        new="        outcome = _settle(guard, gateway.find(object_id), holds, finish)",
        tests=(
            (
                f"{_SETTLEMENT}test_expiry.py::"
                "test_a_day_after_the_hold_the_open_intent_is_still_closed_when_the_provider_is_back"
            ),
        ),
    ),
    Mutant(
        key="a payment is asked for under another key each time",
        file="app/payments/services/opening.py",
        old="return PaymentRequest(payment.flow, payment.idempotency_key, payment.parameters)",
        new='return PaymentRequest(payment.flow, f"payment:{new_id()}", payment.parameters)',
        tests=(
            "tests/checkout/test_slow_provider.py::test_the_order_stands_and_a_worker_opens_its_payment_once",
        ),
    ),
    Mutant(
        key="a refund is asked for under another key each time",
        file="app/settlement/services/sending.py",
        old="request = RefundRequest(refund.idempotency_key, _parameters(refund, intent_id))",
        new='request = RefundRequest(f"refund:{moment}", _parameters(refund, intent_id))',
        tests=(
            f"{_SETTLEMENT}test_send_refund.py::test_a_call_without_an_answer_is_repeated_and_makes_one_refund",
        ),
    ),
    Mutant(
        key="more is given back than is left",
        file="app/settlement/services/giving.py",
        old="if left[each.id] >= (amount or 1):",
        new="if True:",
        tests=(
            f"{_SETTLEMENT}test_admin_refunds.py::test_of_two_at_once_that_are_too_much_together_one_is_made",
        ),
    ),
    Mutant(
        key="money that a bank has taken back is given back, too",
        file="app/settlement/services/giving.py",
        old="payment_queries.is_withdrawn(session, payment.id) for payment in taken",
        new="False for payment in taken",
        tests=(
            (
                f"{_SETTLEMENT}test_admin_refunds.py::"
                "test_money_that_a_bank_has_taken_back_is_not_given_back_by_us_too"
            ),
        ),
    ),
    Mutant(
        key="a coupon's use is not given back",
        file=_HOLDINGS,
        old="coupons.release_all(session, (order.id,))",
        new="pass",
        tests=(f"{_COUPONS}test_a_use_is_reserved_used_and_given_back_as_often_as_it_is_said",),
    ),
    Mutant(
        key="late money needs no use of the coupon",
        file=_HOLDINGS,
        old="coupons.reserve_again(session, order_id=order.id)",
        new="pass",
        tests=(
            f"{_COUPONS}test_late_money_gets_the_use_that_is_still_there_whatever_else_the_coupon_asks_for",
        ),
    ),
)
