import json

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.ops.services import doctor
from app.ops.services.invariants import INVARIANTS
from app.platform.db import transaction
from tests.database import change
from tests.ops.broken_on_purpose import BREAKS, break_it, small_shop
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


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_is_found_and_nothing_else(session: Session, name: str) -> None:
    break_it(session, name, small_shop(session))

    assert broken(session) == broken(session, at_rest=True) == [name]


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
    ("changes", "at_rest"),
    [
        ((), ["I47"]),
        ((DEAD,), ["I16", "I47"]),
        ((PENDING,), ["I16"]),
        ((DEAD, DROPPED), ["I16"]),
        ((IN_REVIEW,), []),
    ],
    ids=["done", "dead", "pending", "dropped", "in review"],
)
def test_money_that_is_owed_at_rest_is_still_being_sent_or_somebody_knows_why_not(
    session: Session, changes: tuple[str, ...], at_rest: list[str]
) -> None:
    small_shop(session)

    for statement in (UNSENT, STILL_PAID, *changes):
        change(statement, session)

    assert (broken(session), broken(session, at_rest=True)) == ([], at_rest)


def test_units_that_came_back_twice_are_found(session: Session) -> None:
    shop = small_shop(session)
    change("UPDATE reservations SET returned = 1 WHERE holder_id = :id", session, id=shop.paid.order_id)

    assert broken(session) == ["I32"]


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
