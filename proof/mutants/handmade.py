"""Mutants that were made by hand: each breaks one promise, in the way in which it is easily broken."""

from proof.mutants.words import Mutant

_CLAIMS, _SETTLING = "app/events/claims.py", "app/settlement/services/settling.py"
_EVENTS, _ORDERS, _SETTLEMENT = "tests/events/", "tests/orders/", "tests/settlement/"
_STOCK, _COUPONS = "tests/inventory/test_reserving.py::", "tests/settlement/test_coupons.py::"

CLAIMS = (
    Mutant(
        key="the token check is dropped",
        file=_CLAIMS,
        old="if session.execute(_holding(), self._mine).first() is None:",
        new="if session.execute(_holding(), self._mine) is None:",
        tests=(f"{_EVENTS}test_fencing.py::test_an_old_token_commits_nothing",),
    ),
    Mutant(
        key="work is done for a token that is stale",
        file=_CLAIMS,
        old="if session.execute(_finishing(), self._mine).first() is None:",
        new="if session.execute(_finishing(), self._mine) is None:",
        tests=(f"{_EVENTS}test_fencing.py::test_an_old_token_commits_nothing",),
    ),
    Mutant(
        key="any token is the right one",
        file=_CLAIMS,
        old='_D.token == bindparam("held_token")',
        new='_D.token >= bindparam("held_token")',
        tests=(f"{_EVENTS}test_fencing.py::test_an_old_token_changes_nothing",),
    ),
    Mutant(
        key="a lease keeps nobody out",
        file=_CLAIMS,
        old='DeliveryRecord.state == "running", DeliveryRecord.lease_until < func.now())',
        new='DeliveryRecord.state == "running")',
        tests=(f"{_EVENTS}test_claiming.py::test_who_has_it_keeps_it_until_the_lease_ends",),
    ),
    Mutant(
        key="the claim is not committed before the work",
        file="tasks/base.py",
        old="held = claim(session, delivery_id, consumer=name, lease=lease)",
        new="held = claim(session, delivery_id, consumer=name, lease=lease); session.rollback()",
        tests=("tests/tasks/test_run_delivery.py::test_the_effect_and_done_commit_together_and_once",),
    ),
    Mutant(
        key="done is committed before its effect",
        file="tasks/base.py",
        old="                function(session, held.delivery)\n                held.finish(session)",
        new="                held.finish(session)\n            with transaction() as session:\n"
        "                function(session, held.delivery)",
        tests=("tests/tasks/test_consumers.py::test_a_consumer_that_fails_has_done_nothing_and_is_not_done",),
    ),
    Mutant(
        key="running work is tried again by hand",
        file="app/events/repairs.py",
        old="if is_held:",
        new="if False:",
        tests=(f"{_EVENTS}test_repairs.py::test_what_is_done_or_under_way_is_refused",),
    ),
)
"""One worker at a time, and nothing is lost with it."""

MESSAGES = (
    Mutant(
        key="the doorbell rings before the commit",
        file="app/platform/db.py",
        old="        yield session\n    for hook in tuple(_after_commit.values()):\n        hook(session)",
        new="        yield session\n"
        "        for hook in tuple(_after_commit.values()):\n            hook(session)",
        tests=("tests/tasks/test_doorbell.py::test_it_rings_when_others_can_see_the_work",),
    ),
    Mutant(
        key="work is published outside of its transaction",
        file="app/events/services.py",
        old="    ring_later(session, rings)\n    return rings",
        new="    session.commit()\n    ring_later(session, rings)\n    return rings",
        tests=(f"{_EVENTS}test_publishing.py::test_what_is_rolled_back_was_never_said",),
    ),
    Mutant(
        key="no unique index on what is owed to a consumer",
        sql="ALTER TABLE deliveries DROP CONSTRAINT uq_deliveries_consumer_dedupe_key",
        tests=(f"{_EVENTS}test_publishing.py::test_work_that_is_owed_is_not_owed_twice",),
    ),
    Mutant(
        key="the relay rings without a limit",
        file="app/events/relay.py",
        old="        .limit(room)\n",
        new="",
        tests=(f"{_EVENTS}test_relay.py::test_never_more_than_there_is_room_for_and_the_oldest_first",),
    ),
    Mutant(
        key="no unique index on events of the provider",
        sql="ALTER TABLE provider_events DROP CONSTRAINT pk_provider_events CASCADE",
        tests=(
            "tests/payments/test_signatures.py::test_the_same_event_again_is_welcome_and_changes_nothing",
        ),
    ),
    Mutant(
        key="the webhook says 200 and keeps nothing",
        file="app/payments/routes/events.py",
        old="new = inbox.store(session, event)",
        new="new = inbox.store(session, event); session.rollback()",
        tests=(
            "tests/payments/test_signatures.py::test_a_signed_event_is_kept_whole_and_its_processing_is_owed",
        ),
    ),
    Mutant(
        key="an event is kept and its processing is not owed",
        file="app/payments/services/inbox.py",
        old='publish(session, EventReceived(event_id=event["id"], type=event["type"]))\n    return True',
        new="return True",
        tests=(
            "tests/payments/test_signatures.py::test_a_signed_event_is_kept_whole_and_its_processing_is_owed",
        ),
    ),
    Mutant(
        key="a mail that was sent is sent again",
        file="app/notifications/services/ledger.py",
        old="if message.status == states.SENT:",
        new="if False:",
        tests=("tests/notifications/test_sending.py::test_the_same_work_done_again_sends_nothing",),
    ),
    Mutant(
        key="an answer is forgotten under its key",
        file="app/platform/idempotency.py",
        old="if row.fingerprint is None:",
        new="if True:",
        tests=("tests/checkout/test_idempotency.py::test_the_answer_comes_again_and_says_so",),
    ),
)
"""Every message arrives, and counts once."""

STOCK = (
    Mutant(
        key="stock is taken without its condition, and the database lets it",
        file="app/inventory/services/reserving.py",
        old="where(stock.c.variant_id == queued.c.variant_id, enough)",
        new="where(stock.c.variant_id == queued.c.variant_id)",
        sql="ALTER TABLE stock_levels DROP CONSTRAINT ck_stock_levels_reserved_within_on_hand",
        tests=(f"{_STOCK}test_the_last_unit_is_held_once",),
    ),
    Mutant(
        key="no constraint on stock",
        sql="ALTER TABLE stock_levels DROP CONSTRAINT ck_stock_levels_reserved_within_on_hand",
        tests=(f"{_STOCK}test_the_database_itself_refuses_what_must_not_be",),
    ),
    Mutant(
        key="no unique index on what is held",
        sql="DROP INDEX uq_reservations_live",
        tests=(f"{_STOCK}test_holding_the_same_again_changes_nothing",),
    ),
    Mutant(
        key="units come back twice",
        file="app/inventory/services/stock.py",
        old='if _is_recorded(session, variant_id, "returned", reference):',
        new="if False:",
        sql="ALTER TABLE stock_movements DROP CONSTRAINT uq_stock_movements_reason_reference",
        tests=("tests/inventory/test_taking_back.py::test_the_same_return_again_changes_nothing",),
    ),
    Mutant(
        key="the stock is free before the provider has closed the payment",
        file="app/settlement/workflows/closing.py",
        old="if payment is None or order.hold_until + holds.longest < now(session):",
        new="if True:",
        tests=(f"{_SETTLEMENT}test_expiry.py::test_a_provider_that_cannot_be_reached_keeps_the_hold",),
    ),
    Mutant(
        key="an expiry ignores that the hold was extended",
        file="app/settlement/workflows/closing.py",
        old="return order.status == PENDING and (asked or order.hold_until <= now(session))",
        new="return order.status == PENDING",
        tests=(f"{_SETTLEMENT}test_expiry.py::test_a_hold_that_was_extended_meanwhile_is_no_expiry",),
    ),
    Mutant(
        key="an order ends and keeps its stock",
        file="app/settlement/services/holdings.py",
        old="    inventory.release(session, holder_id=order.id)\n",
        new="",
        tests=(f"{_SETTLEMENT}test_cancel.py::test_without_a_live_payment_it_is_final_at_once",),
    ),
)
"""Nothing is sold twice, and nothing stays on the shelf unsold."""

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
        file="app/settlement/services/holdings.py",
        old="with session.begin_nested():",
        new="if True:",
        tests=(
            f"{_SETTLEMENT}test_settle_late.py::test_money_after_the_expiry_is_owed_back_when_the_stock_is_gone",
        ),
    ),
    Mutant(
        key="a second payment of a paid order is kept",
        file=_SETTLING,
        old='_owe(case, "cancelled" if order.status == CANCELLED else "surplus")',
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
        old="if _left(locked[each.id]) >= (amount or 1):",
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
        file="app/settlement/services/holdings.py",
        old="coupons.release_all(session, (order.id,))",
        new="pass",
        tests=(f"{_COUPONS}test_a_use_is_reserved_used_and_given_back_as_often_as_it_is_said",),
    ),
    Mutant(
        key="late money needs no use of the coupon",
        file="app/settlement/services/holdings.py",
        old="coupons.reserve_again(session, order_id=order.id)",
        new="pass",
        tests=(
            f"{_COUPONS}test_late_money_gets_the_use_that_is_still_there_whatever_else_the_coupon_asks_for",
        ),
    ),
)
"""Every cent belongs to an order, once."""

HANDMADE: tuple[Mutant, ...] = CLAIMS + MESSAGES + STOCK + MONEY
