"""What Stripe, the mailbox and the clients say of the small shop."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from app.orders import services as orders
from app.platform.db import transaction
from app.settlement import services as settlement
from proof.oracle import Request, Verdict
from sandbox.mail.inbox import Summary
from tests.database import rows
from tests.ops.broken_on_purpose import SmallShop
from tests.sales import HOLDS, TOTAL, Sale


@dataclass
class Others:
    """What Stripe, the mailbox and the clients say."""

    books: dict[str, list[dict[str, Any]]]
    inbox: list[Summary]
    history: list[Request] = field(default_factory=list)


Judge = Callable[[Others], Verdict]


def agreeing(shop: SmallShop) -> Others:
    """Others who say what the small shop says."""
    taken = (shop.paid, shop.owed)
    placed = Request(
        who="a", method="POST", path="/v1/checkout", key="1", status=201, order_id=str(shop.paid.order_id)
    )
    return Others(
        books={
            "payment_intents": [
                _intent(shop.paid, "succeeded"),
                _intent(shop.owed, "succeeded"),
                _intent(shop.pending, "requires_payment_method"),
            ],
            "charges": [_charge(sale) for sale in taken],
            "refunds": [_refund(shop.owed, "re_1", TOTAL)],
            "balance_transactions": [
                *(_movement(sale) for sale in taken),
                {"id": "txn_re_1", "source": "re_1", "amount": -TOTAL},
            ],
        },
        inbox=[_mail(message_id) for (message_id,) in rows("SELECT message_id FROM messages ORDER BY id")],
        history=[placed, placed, replace(placed, key="2", status=None, order_id=None)],
    )


def pay_late(sale: Sale) -> None:
    """An order's hold ends, and then its money comes."""
    with transaction() as session:
        settlement.end(session, orders.lock(session, sale.order_id), reason="expired")
    with transaction() as session:
        settlement.settle(session, sale.seen("succeeded"), holds=HOLDS)


def _intent(sale: Sale, status: str) -> dict[str, Any]:
    received = TOTAL if status == "succeeded" else 0
    metadata = {"payment_id": str(sale.payment_id), "order_id": str(sale.order_id)}
    facts = {"id": sale.provider_id, "status": status, "amount": TOTAL, "amount_received": received}
    return facts | {"currency": "usd", "metadata": metadata}


def _charge(sale: Sale) -> dict[str, Any]:
    return {"id": f"ch_{sale.provider_id}", "payment_intent": sale.provider_id}


def _movement(sale: Sale) -> dict[str, Any]:
    return {"id": f"txn_{sale.provider_id}", "source": f"ch_{sale.provider_id}", "amount": TOTAL}


def _refund(sale: Sale, refund_id: str, amount: int) -> dict[str, Any]:
    facts = {"id": refund_id, "status": "succeeded", "amount": amount, "currency": "usd"}
    return facts | {"payment_intent": sale.provider_id}


def _mail(message_id: str) -> Summary:
    return Summary("", datetime.now(UTC), "", "", "", message_id)
