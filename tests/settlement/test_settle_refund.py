"""What the provider says about refunds, in any order, and what the books say then."""

from itertools import permutations

import pytest
from sqlalchemy.orm import Session

from app.platform.ids import new_id
from app.settlement.errors import NotYet
from app.settlement.services import Outcome, settle, settle_refund, settle_refunds
from tests.database import change, rows
from tests.refunds import books, make_paid, owe, reported
from tests.sales import HOLDS, TOTAL, Sale, make_sale, state, topics


@pytest.fixture
def paid(session: Session) -> Sale:
    """An order of 26.99 that is paid."""
    return make_paid(session)


def test_a_refund_of_ours_is_known_by_its_metadata_and_then_by_the_providers_id(
    session: Session, paid: Sale
) -> None:
    refund_id = owe(session, paid, 1000)
    order = state(paid, session).order

    pending = settle_refund(session, reported(paid, 1000, "pending", refund_id=refund_id))
    assert (pending, books(paid, session)) == (
        Outcome.APPLIED,
        ("paid", 1000, [("shop", "pending", 1000)]),
    )

    seen = [reported(paid, 1000), reported(paid, 1000, refund_id=refund_id)]
    assert [settle_refund(session, each) for each in seen] == [Outcome.APPLIED, Outcome.UNCHANGED]
    assert books(paid, session) == ("partially_refunded", 1000, [("shop", "succeeded", 1000)])
    assert topics(paid, session)[-3:] == ["refunds.owed", "refunds.sent", "refunds.succeeded"]
    assert state(paid, session).order == (order[0], "partially_refunded", None)
    assert rows("SELECT provider_id, succeeded_at = now() FROM refunds", session) == [("re_1", True)]


@pytest.mark.parametrize("status", ["failed", "canceled"])
def test_a_refund_that_fails_after_it_had_succeeded_counts_no_more(
    session: Session, paid: Sale, status: str
) -> None:
    refund_id = owe(session, paid, TOTAL)
    settle_refund(session, reported(paid, TOTAL, refund_id=refund_id))
    assert books(paid, session) == ("refunded", TOTAL, [("shop", "succeeded", TOTAL)])

    outcomes = [settle_refund(session, reported(paid, TOTAL, status)) for _ in range(2)]

    assert outcomes == [Outcome.APPLIED, Outcome.UNCHANGED]
    assert books(paid, session) == ("paid", 0, [("shop", "failed", TOTAL)])
    code = "expired_or_canceled_card" if status == "failed" else "canceled"
    assert rows("SELECT failure_reason FROM refunds", session) == [(code,)]
    assert topics(paid, session)[-1:] == ["refunds.failed"]


@pytest.mark.parametrize("order", list(permutations(["pending", "succeeded", "failed"])))
def test_the_end_is_the_same_in_whatever_order_the_reports_come(
    session: Session, paid: Sale, order: tuple[str, ...]
) -> None:
    refund_id = owe(session, paid, 500)

    for status in order:
        settle_refund(session, reported(paid, 500, status, refund_id=refund_id))

    assert books(paid, session) == ("paid", 0, [("shop", "failed", 500)])


def test_a_refund_from_the_dashboard_counts_like_one_of_ours(session: Session, paid: Sale) -> None:
    outcomes = [settle_refund(session, reported(paid, 700)) for _ in range(2)]
    settle_refund(session, reported(paid, TOTAL - 700, "requires_action", provider_id="re_2"))

    assert outcomes == [Outcome.APPLIED, Outcome.UNCHANGED]
    after = [("provider", "succeeded", 700), ("provider", "pending", TOTAL - 700)]
    assert books(paid, session) == ("partially_refunded", TOTAL, after)
    assert topics(paid, session)[-3:] == ["refunds.found", "refunds.succeeded", "refunds.found"]
    keys = rows("SELECT idempotency_key, reason, intent_id FROM refunds ORDER BY provider_id", session)
    assert keys == [("provider:re_1", "provider", None), ("provider:re_2", "provider", None)]


def test_one_from_the_dashboard_that_has_failed_is_kept_and_does_not_count(
    session: Session, paid: Sale
) -> None:
    settle_refund(session, reported(paid, TOTAL, provider_id="re_2"))

    outcomes = [settle_refund(session, reported(paid, TOTAL, "failed")) for _ in range(2)]

    assert outcomes == [Outcome.APPLIED, Outcome.UNCHANGED]
    after = {("provider", "succeeded", TOTAL), ("provider", "failed", TOTAL)}
    status, back, found = books(paid, session)
    assert (status, back, set(found)) == ("refunded", TOTAL, after)


def test_one_from_the_dashboard_waits_for_the_end_of_ours_when_both_do_not_fit(
    session: Session, paid: Sale
) -> None:
    refund_id = owe(session, paid, TOTAL)
    before = books(paid, session)

    with pytest.raises(NotYet):
        settle_refund(session, reported(paid, 1))
    assert books(paid, session) == before

    failed = reported(paid, TOTAL, "failed", provider_id="re_2", refund_id=refund_id)
    settle_refunds(session, [reported(paid, 1), failed])

    after = {("shop", "failed", TOTAL), ("provider", "succeeded", 1)}
    status, back, found = books(paid, session)
    assert (status, back, set(found)) == ("partially_refunded", 1, after)


def test_one_that_comes_before_its_payments_success_waits_for_that(session: Session) -> None:
    sale = make_sale(session)

    with pytest.raises(NotYet):
        settle_refund(session, reported(sale, 1))
    settle(session, sale.seen("succeeded"), holds=HOLDS)

    assert settle_refund(session, reported(sale, 1)) is Outcome.APPLIED
    assert books(sale, session)[0] == "partially_refunded"


def test_objects_of_others_are_not_touched(session: Session, paid: Sale) -> None:
    before = books(paid, session), topics(paid, session)
    strangers = reported(paid, 5, intent_id="pi_other")
    lost = reported(paid, 5, intent_id=None, refund_id=new_id())

    outcomes = [settle_refund(session, each) for each in (strangers, lost)]

    assert outcomes == [Outcome.UNMATCHED, Outcome.UNMATCHED]
    assert (books(paid, session), topics(paid, session)) == before


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"amount": 999}, "refund_amount"),
        ({"currency": "EUR"}, "refund_currency"),
        ({"intent_id": "pi_other"}, "refund_intent"),
        ({"order_id": new_id()}, "refund_order"),
    ],
)
def test_what_does_not_fit_our_row_is_not_accepted_and_opens_one_review(
    session: Session, paid: Sale, wrong: dict[str, object], reason: str
) -> None:
    refund_id = owe(session, paid, 1000)
    seen = reported(paid, **{"amount": 1000, "refund_id": refund_id} | wrong)  # type: ignore[arg-type]

    first, again = settle_refund(session, seen), settle_refund(session, seen)

    assert (first, again) == (Outcome.APPLIED, Outcome.UNCHANGED)
    assert books(paid, session) == ("review", 1000, [("shop", "owed", 1000)])
    opened = "SELECT payload ->> 'reason' FROM events WHERE topic = 'orders.review_opened'"
    assert rows(opened, session) == [(reason,)]
    change("UPDATE orders SET payment_status = 'paid'", session)
    assert settle_refund(session, seen) is Outcome.UNCHANGED


@pytest.mark.parametrize("wrong", [{"amount": TOTAL + 1}, {"currency": "EUR"}])
def test_the_dashboard_cannot_have_given_back_more_than_was_taken(
    session: Session, paid: Sale, wrong: dict[str, object]
) -> None:
    seen = reported(paid, **{"amount": TOTAL} | wrong)  # type: ignore[arg-type]

    assert [settle_refund(session, seen) for _ in range(2)] == [Outcome.APPLIED, Outcome.UNCHANGED]

    assert books(paid, session) == ("review", 0, [])


def test_one_that_we_gave_up_turns_up_at_the_provider_after_all(session: Session, paid: Sale) -> None:
    refund_id = owe(session, paid, 1000)
    change("UPDATE refunds SET status = 'failed', failure_reason = 'not_made'", session)
    change("UPDATE payments SET refunded_amount = 0", session)

    settle_refund(session, reported(paid, 1000, refund_id=refund_id))

    assert books(paid, session) == ("partially_refunded", 1000, [("shop", "succeeded", 1000)])
    assert rows("SELECT failure_reason, failed_at FROM refunds", session) == [(None, None)]


def test_one_that_we_gave_up_waits_while_another_has_its_room(session: Session, paid: Sale) -> None:
    refund_id = owe(session, paid, TOTAL)
    change("UPDATE refunds SET status = 'failed', failure_reason = 'not_made'", session)
    change("UPDATE payments SET refunded_amount = 0", session)
    owe(session, paid, 1000)
    before = books(paid, session)

    with pytest.raises(NotYet):
        settle_refund(session, reported(paid, TOTAL, refund_id=refund_id))

    assert books(paid, session) == before


def test_a_second_refund_with_the_id_of_one_of_ours_counts_as_one_of_its_own(
    session: Session, paid: Sale
) -> None:
    refund_id = owe(session, paid, 1000)
    settle_refund(session, reported(paid, 1000, refund_id=refund_id))

    settle_refund(session, reported(paid, 1000, refund_id=refund_id, provider_id="re_2"))

    after = {("shop", "succeeded", 1000), ("provider", "succeeded", 1000)}
    assert set(books(paid, session)[2]) == after


def test_what_the_dashboard_gives_back_of_an_object_beside_the_one_that_paid_leaves_the_order_paid(
    session: Session, paid: Sale
) -> None:
    owe(session, paid, 500, "review")
    change("UPDATE refunds SET intent_id = 'pi_beside', status = 'failed'", session)
    change("UPDATE payments SET captured_amount = captured_amount + 500, refunded_amount = 0", session)
    session.expire_all()

    settle_refund(session, reported(paid, 500, intent_id="pi_beside"))
    beside = books(paid, session)[0]
    settle_refund(session, reported(paid, 700, provider_id="re_2"))

    assert (beside, books(paid, session)[0]) == ("paid", "partially_refunded")


def test_a_surplus_payment_that_is_back_leaves_the_order_paid(session: Session, paid: Sale) -> None:
    owe(session, paid, TOTAL, "surplus")
    change(
        "INSERT INTO payments (id, order_id, provider, flow, status, amount, currency, idempotency_key,"
        " parameters, provider_id, succeeded_at, captured_amount) SELECT gen_random_uuid(), order_id,"
        " provider, flow, status, amount, currency, 'x', parameters, 'pi_other', now(), amount FROM payments",
        session,
    )

    settle_refund(session, reported(paid, TOTAL, refund_id=rows("SELECT id FROM refunds", session)[0][0]))
    assert books(paid, session)[0] == "paid"

    settle_refund(session, reported(paid, TOTAL, provider_id="re_2", intent_id="pi_other"))
    assert books(paid, session)[0] == "refunded"
