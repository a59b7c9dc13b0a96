"""The end of an order's hold, and what it did at the provider."""

from tests.database import change
from tests.stand_in import StandIn
from tests.work import drain, make_due, tick


def sweep() -> list[str]:
    """What beat starts every 15 seconds, and the work that follows."""
    make_due()
    tick("settlement.expire_due")
    return drain()


def let_expire(*, hours: int = 0) -> None:
    """The hold is over, since so long."""
    change(
        "UPDATE orders SET hold_until = now() - make_interval(hours => :hours, secs => 1)"
        " WHERE status = 'pending'",
        hours=hours,
    )


def intents(stripe: StandIn) -> list[str]:
    """The status of each intent at the provider."""
    return [intent["status"] for intent in stripe.books()["payment_intents"]]


def let_carts_lie(days: int) -> None:
    """Let all carts lie untouched for so many days more."""
    for column in ("updated_at", "reminded_at"):
        change(f"UPDATE carts SET {column} = {column} - interval '{days} days'")  # noqa: S608  # all ours
