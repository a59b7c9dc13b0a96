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


def test_who_is_told_of_money_that_came_back_is_told_the_truth(session: Session) -> None:
    order_id = small_shop(session).owed.order_id
    change(
        "UPDATE messages SET kind = 'order_refunded', order_id = :id, refund_id = (SELECT id FROM refunds)",
        session,
        id=order_id,
    )
    untrue = broken(session)

    change(
        "INSERT INTO events (id, topic, subject, payload)"
        " VALUES (gen_random_uuid(), 'refunds.succeeded', :id, '{}')",
        session,
        id=str(order_id),
    )

    assert untrue == ["I21"]
    assert "I21" not in broken(session)


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
