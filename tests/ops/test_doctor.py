import json
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.ops.services import doctor
from app.ops.services.invariants import INVARIANTS
from app.platform.db import transaction
from app.settlement.services import settle_refund
from tests.database import change
from tests.ops.broken_on_purpose import BREAKS, break_it, small_shop, undone
from tests.refunds import make_paid, owe, reported
from tests.sales import make_sale


def broken(session: Session, *, at_rest: bool = False) -> list[str]:
    """The ids of what does not hold."""
    session.flush()
    return [each.invariant.id for each in doctor.broken(doctor.examine(session, at_rest=at_rest))]


def test_a_shop_as_its_services_leave_it_is_healthy(session: Session) -> None:
    small_shop(session)

    assert broken(session) == broken(session, at_rest=True) == []


def test_work_under_way_is_a_violation_only_at_rest(session: Session) -> None:
    make_sale(session)

    assert broken(session) == []
    assert broken(session, at_rest=True) == ["I16"]


def test_every_invariant_has_an_id_of_its_own_and_a_way_to_be_broken() -> None:
    ids = [each.id for each in INVARIANTS]

    assert sorted(set(ids)) == sorted(ids) == sorted(BREAKS)


def test_what_is_broken_is_found_and_nothing_else(session: Session) -> None:
    shop = small_shop(session)
    found: dict[str, tuple[list[str], list[str]]] = {}

    for name in BREAKS:
        with undone(session):
            break_it(session, name, shop)
            found[name] = broken(session), broken(session, at_rest=True)

    assert found == {name: ([name], [name]) for name in BREAKS}


UNSENT = "UPDATE refunds SET status = 'owed', provider_id = NULL"
STILL_PAID = "UPDATE orders SET payment_status = 'paid' WHERE payment_status = 'refunded'"
DEAD = """
  UPDATE deliveries SET state = 'dead', done_at = NULL WHERE consumer = 'settlement.send_refund'"""
PENDING = """
  UPDATE deliveries SET state = 'pending', done_at = NULL WHERE consumer = 'settlement.send_refund'"""
DROPPED = """
  UPDATE deliveries SET dropped_at = now(), dropped_by = 'ada', drop_reason = 'paid in cash'
  WHERE consumer = 'settlement.send_refund'"""
IN_REVIEW = "UPDATE refunds SET failure_reason = 'refund_amount'"


@pytest.mark.parametrize(
    ("changes", "live", "at_rest"),
    [
        ((), ["I47"], ["I47"]),
        ((DEAD,), [], ["I16", "I47"]),
        ((PENDING,), [], ["I16"]),
        ((DEAD, DROPPED), [], ["I16"]),
        ((IN_REVIEW,), [], []),
    ],
    ids=["done", "dead", "pending", "dropped", "in review"],
)
def test_money_that_is_owed_at_rest_is_still_being_sent_or_somebody_knows_why_not(
    session: Session, changes: tuple[str, ...], live: list[str], at_rest: list[str]
) -> None:
    small_shop(session)

    for statement in (UNSENT, STILL_PAID, *changes):
        change(statement, session)

    assert (broken(session), broken(session, at_rest=True)) == (live, at_rest)


def test_units_that_came_back_twice_are_found(session: Session) -> None:
    shop = small_shop(session)
    change("UPDATE reservations SET returned = 1 WHERE holder_id = :id", session, id=shop.paid.order_id)

    assert broken(session) == ["I32", "I61"]


def test_who_is_told_of_money_that_came_back_is_told_the_truth(session: Session) -> None:
    order_id = small_shop(session).owed.order_id
    message = (
        "UPDATE messages SET kind = 'order_refunded', order_id = :id, refund_id = (SELECT id FROM refunds)"
    )
    change(message, session, id=order_id)
    truth = broken(session)

    change("UPDATE events SET topic = 'refunds.found' WHERE topic = 'refunds.succeeded'", session)

    assert "I21" not in truth
    assert broken(session) == ["I21"]


def two_refunds(session: Session) -> UUID:
    """A paid order of which two parts were given back; the second of these refunds."""
    sale = make_paid(session)
    first, second = owe(session, sale, 100), owe(session, sale, 200)
    settle_refund(session, reported(sale, 100, refund_id=first))
    settle_refund(session, reported(sale, 200, refund_id=second, provider_id="re_2"))
    return second


TOLD = """
  UPDATE deliveries SET state = 'done', done_at = now()
  WHERE consumer = 'notifications.order_refunded' AND dedupe_key = :key"""
NEVER_BACK = """
  UPDATE events SET topic = 'refunds.found'
  WHERE topic = 'refunds.succeeded' AND payload ->> 'refund_id' = :id"""
MESSAGE = """
  INSERT INTO messages (id, kind, order_id, refund_id, dedupe_key, recipient, locale, message_id)
  SELECT gen_random_uuid(), 'order_refunded', id, :refund, 'key', email, locale, 'id' FROM orders"""


def test_a_mail_about_one_refund_is_not_owed_by_the_work_of_another(session: Session) -> None:
    second = two_refunds(session)
    change(MESSAGE, session, refund=second)
    before = broken(session)

    change(TOLD, session, key=str(second))

    assert ("I19" in before, "I19" in broken(session)) == (False, True)


def test_a_mail_about_one_refund_is_not_true_because_of_another(session: Session) -> None:
    second = two_refunds(session)
    change(MESSAGE, session, refund=second)
    before = broken(session)

    change(NEVER_BACK, session, id=str(second))

    assert ("I21" in before, "I21" in broken(session)) == (False, True)


def in_part(session: Session) -> None:
    """Of the cancelled order's money 10.00 stays with the shop."""
    change("UPDATE refunds SET amount = amount - 1000 WHERE status = 'succeeded'", session)
    change("UPDATE payments SET refunded_amount = refunded_amount - 1000 WHERE refunded_amount > 0", session)
    change("UPDATE orders SET payment_status = 'partially_refunded' WHERE status = 'cancelled'", session)


FAILED = """
  INSERT INTO refunds
    (id, order_id, payment_id, status, amount, currency, reason, idempotency_key, failed_at, failure_reason)
  SELECT gen_random_uuid(), order_id, payment_id, 'failed', :amount, currency, reason, 'key', now(), 'lost'
  FROM refunds"""
REPEATED = """
  UPDATE refunds SET retry_of_id = (SELECT id FROM refunds WHERE status = 'failed')
  WHERE status <> 'failed'"""


@pytest.mark.parametrize(
    ("amount", "repeated", "found"),
    [(1000, False, []), (999, False, ["I40"]), (1000, True, ["I40"])],
    ids=["that waits for an operator", "of less", "that was repeated"],
)
def test_a_failed_refund_explains_money_that_is_kept_as_far_as_it_goes(
    session: Session, amount: int, *, repeated: bool, found: list[str]
) -> None:
    small_shop(session)
    in_part(session)
    change(FAILED, session, amount=amount)
    if repeated:
        change(REPEATED, session)

    assert broken(session) == found


def test_the_command_tells_a_healthy_shop_by_its_exit_code(client: FlaskClient, app: Flask) -> None:
    with transaction() as session:
        small_shop(session)

    ended = app.test_cli_runner().invoke(args=["doctor", "--at-rest"])

    assert ended.exit_code == 0
    assert ended.output.splitlines()[-1] == f"0 of {len(INVARIANTS)} invariants are broken."


def test_the_command_names_what_is_broken(client: FlaskClient, app: Flask) -> None:
    with transaction() as session:
        sale = make_sale(session)
    change("UPDATE stock_levels SET on_hand = 6")

    ended = app.test_cli_runner().invoke(args=["doctor", "--json"])

    told = json.loads(ended.output)
    assert (ended.exit_code, told["healthy"]) == (1, False)
    assert [each for each in told["invariants"] if each["violations"]] == [
        {
            "id": "I3",
            "sentence": "Units on hand are the sum of their movements.",
            "always": True,
            "violations": 1,
            "examples": [sale.product.sku],
        }
    ]
    assert "1 of " in app.test_cli_runner().invoke(args=["doctor"]).output


def test_all_is_asked_in_one_moment_of_a_database_that_is_only_read(client: FlaskClient) -> None:
    with doctor.snapshot() as seen:
        before = doctor.examine(seen)
        with transaction() as session:
            make_sale(session)
        change("UPDATE stock_levels SET on_hand = 6")
        assert doctor.examine(seen) == before
        assert seen.connection().exec_driver_sql("SHOW transaction_read_only").scalar() == "on"
