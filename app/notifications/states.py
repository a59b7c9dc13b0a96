"""What mails there are, the states of a message, and the legal moves between them, as data."""

from app.notifications.errors import IllegalMessageMove

ORDER_KINDS = (
    "order_received",
    "order_paid",
    "order_cancelled",
    "order_unavailable",
    "order_refunded",
    "paid_order_cancelled",
    "order_ready",
    "order_shipped",
    "order_delivered",
)
TEXT_KINDS = ("order_ready_text", "order_shipped_text")
"""Text messages; the others are mails."""
PARCEL_KINDS = ("order_ready", "order_shipped", *TEXT_KINDS)
"""Those that are about one parcel."""
RETURN_KINDS = ("return_requested", "return_approved", "return_rejected", "return_received")
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
NOT_TO_OWN_ADDRESS = ("email_change", "email_changed")
"""Those that do not go to the address that the account has, but to one that is wanted, or that it had."""
CART_REMINDER = "cart_reminder"
"""What is only sent to those who have agreed to it, and says how they take that back."""
STOCK_KINDS = ("low_stock", "back_in_stock")
SERVICE_KINDS = {"webhook_disabled": "webhooks.endpoint_disabled", "service_alert": "webhooks.alert_raised"}
"""With the topic of the event that such a mail tells of."""
DECLINABLE_KINDS = (*STOCK_KINDS, "service_alert")
"""What readers may decline, as their accounts know it; the mail says how."""
MAIL_KINDS = (*ORDER_KINDS, *RETURN_KINDS, *ACCOUNT_KINDS, *STOCK_KINDS, *SERVICE_KINDS, CART_REMINDER)
KINDS = (*MAIL_KINDS, *TEXT_KINDS)

EMAIL, SMS = "email", "sms"
CHANNELS = (EMAIL, SMS)

BOUNCE, COMPLAINT = "bounce", "complaint"
BOUNCES = (BOUNCE, COMPLAINT)
"""Why nothing more is sent to an address: no mailbox takes it, or its owner called a mail spam."""

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
