"""Facts about payments and refunds. Their subject is the order, so that its timeline has them.

That of facts about saved payment methods is their owner.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from app.events.events import Event


@dataclass(frozen=True, slots=True)
class PaymentOpened(Event):
    """The provider has an object that the buyer can pay; `by_transfer`, which may take days."""

    topic: ClassVar[str] = "payments.opened"
    order_id: UUID
    payment_id: UUID
    provider_id: str
    by_transfer: bool


@dataclass(frozen=True, slots=True)
class OpenRequested(Event):
    """A payment may be opened: the provider is to make what the buyer pays."""

    topic: ClassVar[str] = "payments.open_requested"
    order_id: UUID
    payment_id: UUID


@dataclass(frozen=True, slots=True)
class ReplaceRequested(Event):
    """A new payment waits: the one before it must be closed at the provider, then it is opened."""

    topic: ClassVar[str] = "payments.replace_requested"
    order_id: UUID
    payment_id: UUID


@dataclass(frozen=True, slots=True)
class PaymentDeclined(Event):
    """An attempt failed; the payment stays open for another. `code` is the provider's closed list."""

    topic: ClassVar[str] = "payments.declined"
    order_id: UUID
    payment_id: UUID
    code: str


@dataclass(frozen=True, slots=True)
class PaymentProcessing(Event):
    """The buyer did their part; the provider decides later."""

    topic: ClassVar[str] = "payments.processing"
    order_id: UUID
    payment_id: UUID


@dataclass(frozen=True, slots=True)
class PaymentSucceeded(Event):
    """The money was taken."""

    topic: ClassVar[str] = "payments.succeeded"
    order_id: UUID
    payment_id: UUID
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class PaymentCancelled(Event):
    """This payment will never take money."""

    topic: ClassVar[str] = "payments.cancelled"
    order_id: UUID
    payment_id: UUID


@dataclass(frozen=True, slots=True)
class TransferNoted(Event):
    """An operator has noted a line of the bank's statement: money that came, or a refund that went out."""

    topic: ClassVar[str] = "payments.transfer_noted"
    order_id: UUID
    payment_id: UUID
    refund_id: UUID | None
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class CloseRequested(Event):
    """The order is to end: the payment must be closed at the provider before anything is given back.

    `reason` becomes the order's cancel reason; `hold_until` tells one ending from a later one.
    """

    topic: ClassVar[str] = "payments.close_requested"
    order_id: UUID
    hold_until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class ConfirmRequested(Event):
    """The buyer says that they paid: ask the provider."""

    topic: ClassVar[str] = "payments.confirm_requested"
    order_id: UUID
    payment_id: UUID


@dataclass(frozen=True, slots=True)
class EventReceived(Event):
    """A signed event of the provider is in the inbox."""

    topic: ClassVar[str] = "payments.event_received"
    event_id: str
    type: str


@dataclass(frozen=True, slots=True)
class RefundOwed(Event):
    """Money is to go back: we have no right to keep it, or an operator or a return says so."""

    topic: ClassVar[str] = "refunds.owed"
    order_id: UUID
    refund_id: UUID
    payment_id: UUID
    amount: int
    currency: str
    reason: str


@dataclass(frozen=True, slots=True)
class RefundSendRequested(Event):
    """A refund is owed that nobody was told to send."""

    topic: ClassVar[str] = "refunds.send_requested"
    order_id: UUID
    refund_id: UUID


@dataclass(frozen=True, slots=True)
class DisputeOpened(Event):
    """The buyer's bank asks for the money back. `reason` is the provider's word."""

    topic: ClassVar[str] = "disputes.opened"
    order_id: UUID
    dispute_id: UUID
    payment_id: UUID
    amount: int
    currency: str
    reason: str


@dataclass(frozen=True, slots=True)
class DisputeWithdrawn(Event):
    """The disputed money was taken from the shop's account."""

    topic: ClassVar[str] = "disputes.withdrawn"
    order_id: UUID
    dispute_id: UUID
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class DisputeReinstated(Event):
    """The disputed money is on the shop's account again."""

    topic: ClassVar[str] = "disputes.reinstated"
    order_id: UUID
    dispute_id: UUID
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class DisputeWon(Event):
    """The shop keeps the money, or nobody asks for it any more."""

    topic: ClassVar[str] = "disputes.won"
    order_id: UUID
    dispute_id: UUID


@dataclass(frozen=True, slots=True)
class DisputeLost(Event):
    """The buyer's bank keeps the money."""

    topic: ClassVar[str] = "disputes.lost"
    order_id: UUID
    dispute_id: UUID


@dataclass(frozen=True, slots=True)
class RefundFound(Event):
    """A refund of an order's payment that was made in the provider's dashboard, not here."""

    topic: ClassVar[str] = "refunds.found"
    order_id: UUID
    refund_id: UUID
    payment_id: UUID
    provider_id: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class RefundSent(Event):
    """The provider has the refund; the money is not back yet."""

    topic: ClassVar[str] = "refunds.sent"
    order_id: UUID
    refund_id: UUID
    payment_id: UUID
    provider_id: str


@dataclass(frozen=True, slots=True)
class RefundSucceeded(Event):
    """The money is back, as far as the provider knows: a bank may still send it to us again."""

    topic: ClassVar[str] = "refunds.succeeded"
    order_id: UUID
    refund_id: UUID
    payment_id: UUID
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class RefundFailed(Event):
    """The money does not go back, or came back to us. `code` is the provider's word for why, or ours."""

    topic: ClassVar[str] = "refunds.failed"
    order_id: UUID
    refund_id: UUID
    payment_id: UUID
    code: str


@dataclass(frozen=True, slots=True)
class ReviewLapsed(Event):
    """Nobody has decided about a review in time: its money, if there is any, goes back."""

    topic: ClassVar[str] = "payments.review_lapsed"
    order_id: UUID
    payment_id: UUID
    review_id: UUID


@dataclass(frozen=True, slots=True)
class ReviewDecided(Event):
    """A review is over: accept, refund, or ended, when the object took no money."""

    topic: ClassVar[str] = "payments.review_decided"
    order_id: UUID
    payment_id: UUID
    review_id: UUID
    decision: str


@dataclass(frozen=True, slots=True)
class MethodRemoved(Event):
    """A saved payment method was taken away by its owner: it is to be removed at the provider, too."""

    topic: ClassVar[str] = "payments.method_removed"
    user_id: UUID
    method_id: UUID


@dataclass(frozen=True, slots=True)
class SyncRequested(Event):
    """What a user has saved at the provider may have changed: our copy is to be made anew."""

    topic: ClassVar[str] = "payments.sync_requested"
    user_id: UUID
