"""What the shop says against what the others say: each difference made on purpose is told, and no other."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from app.platform.db import transaction
from config import Settings
from proof.oracle import Request, Verdict, judge
from proof.oracle.checks import CHECKS
from sandbox.mail.inbox import Summary
from tests.database import change, rows
from tests.ops.broken_on_purpose import SmallShop, small_shop
from tests.sales import TOTAL, Sale


@dataclass
class Others:
    """What Stripe, the mailbox and the clients say."""

    books: dict[str, list[dict[str, Any]]]
    inbox: list[Summary]
    history: list[Request] = field(default_factory=list)


def intent(sale: Sale, status: str) -> dict[str, Any]:
    received = TOTAL if status == "succeeded" else 0
    metadata = {"payment_id": str(sale.payment_id), "order_id": str(sale.order_id)}
    facts = {"id": sale.provider_id, "status": status, "amount": TOTAL, "amount_received": received}
    return facts | {"currency": "usd", "metadata": metadata}


def charge(sale: Sale) -> dict[str, Any]:
    return {"id": f"ch_{sale.provider_id}", "payment_intent": sale.provider_id}


def movement(sale: Sale) -> dict[str, Any]:
    return {"id": f"txn_{sale.provider_id}", "source": f"ch_{sale.provider_id}", "amount": TOTAL}


def refund(sale: Sale, refund_id: str, amount: int) -> dict[str, Any]:
    facts = {"id": refund_id, "status": "succeeded", "amount": amount, "currency": "usd"}
    return facts | {"payment_intent": sale.provider_id}


def mail(message_id: str) -> Summary:
    return Summary("", datetime.now(UTC), "", "", "", message_id)


def agreeing(shop: SmallShop) -> Others:
    """Others who say what the small shop says."""
    ((message_id,),) = rows("SELECT message_id FROM messages")
    taken = (shop.paid, shop.owed)
    placed = Request(
        who="a", method="POST", path="/v1/checkout", key="1", status=201, order_id=str(shop.paid.order_id)
    )
    return Others(
        books={
            "payment_intents": [
                intent(shop.paid, "succeeded"),
                intent(shop.owed, "succeeded"),
                intent(shop.pending, "requires_payment_method"),
            ],
            "charges": [charge(sale) for sale in taken],
            "refunds": [refund(shop.owed, "re_1", TOTAL)],
            "balance_transactions": [
                *(movement(sale) for sale in taken),
                {"id": "txn_re_1", "source": "re_1", "amount": -TOTAL},
            ],
        },
        inbox=[mail(message_id)],
        history=[placed, placed, replace(placed, key="2", status=None, order_id=None)],
    )


@pytest.fixture
def shop(app: Flask, database: None) -> SmallShop:
    with transaction() as session:
        return small_shop(session)


Judge = Callable[[Others], Verdict]


@pytest.fixture
def told(settings: Settings) -> Judge:
    """The verdict over the committed shop and these others."""

    def ask(others: Others) -> Verdict:
        return judge(settings.database_url, books=others.books, inbox=others.inbox, history=others.history)

    return ask


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
        "messages sent": 1,
        "deliveries done": rows("SELECT count(*) FROM deliveries")[0][0],
        "mails caught": 1,
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
    "I29": _left_open,
    "I43": _made_twice,
    "I44": _event_lost,
    "I45": _key_used_twice,
    "I46": _mail_lost,
    "I75": _coupon_not_counted,
    "I97": _return_not_received,
}


def test_every_check_has_a_difference_that_it_must_find() -> None:
    assert sorted(each.id for each in CHECKS) == sorted(DIFFERENCES)


@pytest.mark.parametrize("name", DIFFERENCES)
def test_a_difference_is_told_and_no_other(shop: SmallShop, told: Judge, name: str) -> None:
    others = agreeing(shop)
    DIFFERENCES[name](others)

    assert [each.id for each in told(others).violations] == [name]
