"""What happens to endpoints in these tests."""

from typing import Any
from uuid import UUID

from app.events.services import publish
from app.inventory.events import StockLow
from app.platform.db import transaction
from app.webhooks.queries import Owner
from app.webhooks.services import endpoints
from app.webhooks.services.endpoints import NewSecret
from config import Settings
from tests.database import change, rows
from tests.factories import MadeProduct, make_product, make_user
from tests.log import let_log_settle
from tests.work import drain, tick

SENDING = ("webhooks",)
STOCK = ("LOW_STOCK", "SOLD_OUT", "BACK_IN_STOCK")


def listen(settings: Settings, url: str, *types: str, owner: Owner | None = None) -> NewSecret:
    """An endpoint of the shop's own, or of somebody's, that listens to these types."""
    let_log_settle()
    with transaction() as session:
        return endpoints.make(
            session,
            owner or Owner(),
            url=url,
            types=types or STOCK,
            description=None,
            notified_user_id=make_user(session, role="admin").id,
            rules=settings.webhooks,
        )


def make_lamp() -> MadeProduct:
    """An article on sale."""
    with transaction() as session:
        return make_product(session)


def run_low(*variant_ids: UUID) -> None:
    """Variants run low on stock, each in a transaction of its own."""
    for each in variant_ids:
        with transaction() as session:
            publish(session, StockLow(variant_id=each))


def send() -> list[str]:
    """Read the log of events, and make the calls that are due; what ran."""
    let_log_settle()
    tick("webhooks.feed")
    return drain(queues=SENDING)


def let_time_pass(period: str) -> None:
    """Everything about endpoints and their messages is so much older, and so are their deliveries."""
    for table, columns in {
        "webhook_messages": ("owed_at", "next_try_at", "ended_at"),
        "webhook_endpoints": ("failing_since", "paused_until"),
        "webhook_secrets": ("expires_at",),
        "deliveries": ("run_after",),
    }.items():
        older = ", ".join(f"{name} = {name} - CAST(:period AS interval)" for name in columns)
        change(f"UPDATE {table} SET {older}", period=period)  # noqa: S608  # our own words


def messages(*columns: str) -> list[tuple[Any, ...]]:
    """These columns of each message, in the order of their events."""
    return rows(f"SELECT {', '.join(columns)} FROM webhook_messages ORDER BY sequence, id")  # noqa: S608  # the same
