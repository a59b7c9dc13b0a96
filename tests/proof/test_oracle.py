"""What the shop says against what the others say: each difference made on purpose is told, and no other."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from proof.oracle.checks import CHECKS
from tests.database import change, rows
from tests.ops.broken_on_purpose import SmallShop
from tests.proof.mails import given_up, never_made
from tests.proof.others import Judge, Others, agreeing


def test_who_agrees_is_told_so_with_figures(shop: SmallShop, told: Judge) -> None:
    verdict = told(agreeing(shop))

    assert verdict.holds, verdict.table()
    assert verdict.figures == {
        "orders cancelled, refunded": 1,
        "orders paid, paid": 1,
        "orders pending, unpaid": 1,
        "payments open": 1,
        "payments succeeded": 2,
        "refunds succeeded": 1,
        "messages sent": 6,
        "deliveries done": rows("SELECT count(*) FROM deliveries")[0][0],
        "mails caught": 6,
        "mails doubled": 0,
        "requests 201": 2,
        "requests unanswered": 1,
    }


def test_the_database_itself_is_examined_as_at_rest(shop: SmallShop, told: Judge) -> None:
    change(
        "UPDATE deliveries SET state = 'dead', done_at = NULL"
        " WHERE id = (SELECT min(id) FROM deliveries WHERE queue = 'critical')"
    )

    verdict = told(agreeing(shop))

    assert [(each.id, each.count) for each in verdict.violations] == [("I16", 1)]
    assert "I16 broken 1 times" in verdict.table()


def _another(others: Others, **changes: Any) -> None:
    """The paid intent once more, with these changes."""
    others.books["payment_intents"].append(deepcopy(others.books["payment_intents"][0]) | changes)


def _stray_money(others: Others) -> None:
    _another(others, id="pi_x", metadata={"payment_id": "unknown"})


def _too_little(others: Others) -> None:
    others.books["payment_intents"][0]["amount_received"] = 1


def _refund_of_the_dashboard(others: Others) -> None:
    others.books["refunds"].append(others.books["refunds"][0] | {"id": "re_x", "amount": 1})


def _moved_twice(others: Others) -> None:
    others.books["balance_transactions"].append(others.books["balance_transactions"][0] | {"id": "txn_x"})


def _left_open(others: Others) -> None:
    _another(others, id="pi_x", status="requires_action", metadata={"payment_id": "unknown"})


def _made_twice(others: Others) -> None:
    _another(others, id="pi_x", status="canceled")


def _event_lost(others: Others) -> None:
    others.books["deliveries"] = [{"event": "evt_x", "state": "delivered"}]


def _order_lost(others: Others) -> None:
    others.history.append(replace(others.history[0], key=None, order_id="lost"))


def _key_used_twice(others: Others) -> None:
    ((other,),) = rows(
        "SELECT min(id::text) FROM orders WHERE id::text <> :id", id=others.history[0].order_id
    )
    others.history.append(replace(others.history[0], order_id=other))


def _coupon_not_counted(others: Others) -> None:
    others.history.append(replace(others.history[0], key=None, coupon="CHAOS-TEN"))


def _return_not_received(others: Others) -> None:
    path = "/v1/returns/lost/receive"
    others.history.append(replace(others.history[0], key=None, order_id=None, path=path, status=200))


def _cancellation_forgotten(others: Others) -> None:
    path = f"/v1/orders/{others.history[0].order_id}/cancel"
    others.history.append(replace(others.history[0], key=None, order_id=None, path=path, status=200))


def _admin_not_noted(others: Others) -> None:
    made = replace(others.history[0], key=None, order_id=None, path="/v1/admin/products", request_id="lost")
    others.history.append(made)


def _mail_lost(others: Others) -> None:
    others.inbox.clear()


def _mail_doubled(others: Others) -> None:
    others.inbox *= 2


DIFFERENCES: dict[str, Callable[[Others], None]] = {
    "I6": _stray_money,
    "I7": _too_little,
    "I11": _refund_of_the_dashboard,
    "I12": _moved_twice,
    "I14": _order_lost,
    "I20": _mail_doubled,
    "I28": _admin_not_noted,
    "I29": _left_open,
    "I43": _made_twice,
    "I44": _event_lost,
    "I45": _key_used_twice,
    "I46": _mail_lost,
    "I75": _coupon_not_counted,
    "I97": _return_not_received,
    "I133": never_made,
    "I134": given_up,
    "I135": _cancellation_forgotten,
}


def test_every_check_has_a_difference_that_it_must_find() -> None:
    assert sorted(each.id for each in CHECKS) == sorted(DIFFERENCES)


@pytest.mark.parametrize("name", DIFFERENCES)
def test_a_difference_is_told_and_no_other(shop: SmallShop, told: Judge, name: str) -> None:
    others = agreeing(shop)
    DIFFERENCES[name](others)

    assert [each.id for each in told(others).violations] == [name]
