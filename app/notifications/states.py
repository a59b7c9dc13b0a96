"""What mails there are, the states of a message, and the legal moves between them, as data."""

from app.notifications.errors import IllegalMessageMove

ORDER_KINDS = (
    "order_received",
    "order_paid",
    "order_cancelled",
    "order_unavailable",
    "order_refunded",
    "paid_order_cancelled",
    "order_shipped",
    "order_delivered",
)
ACCOUNT_KINDS = (
    "password_reset",
    "password_changed",
    "email_verification",
    "email_change",
    "email_change_asked",
    "email_changed",
    "login_ended",
    "export_ready",
    "seller_approved",
    "seller_rejected",
)
STOCK_KINDS = ("low_stock", "back_in_stock")
KINDS = (*ORDER_KINDS, *ACCOUNT_KINDS, *STOCK_KINDS)

QUEUED, SENDING, SENT, DEAD = "queued", "sending", "sent", "dead"

MOVES: dict[str, frozenset[str]] = {
    QUEUED: frozenset({SENDING, DEAD}),
    # Twice in a row: whoever sent it first was killed, and nobody knows how far the mail came.
    SENDING: frozenset({SENDING, QUEUED, SENT, DEAD}),
    SENT: frozenset({QUEUED}),
    # Directly when an operator replays the dead delivery.
    DEAD: frozenset({QUEUED, SENDING}),
}


def check_move(current: str, target: str) -> None:
    """Raise IllegalMessageMove unless a message may go from one status to the other."""
    if target not in MOVES[current]:
        raise IllegalMessageMove(
            f"A message that is {current} cannot become {target}.", message_status=current
        )
