"""Facts about orders."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from app.events.events import Event


@dataclass(frozen=True, slots=True)
class OrderPlaced(Event):
    """The order exists and holds its stock; if it is `payable`, its payment is yet to be opened."""

    topic: ClassVar[str] = "orders.placed"
    order_id: UUID
    payment_id: UUID | None
    amount: int
    currency: str
    payable: bool = True


@dataclass(frozen=True, slots=True)
class OrderPaid(Event):
    """The money is there and the stock is sold. `late`: it came after the hold had expired.

    An order whose total is 0 has no payment.
    """

    topic: ClassVar[str] = "orders.paid"
    order_id: UUID
    payment_id: UUID | None
    late: bool


@dataclass(frozen=True, slots=True)
class OrderFinalized(Event):
    """Everything that follows from the payment stands: one fulfilment per seller."""

    topic: ClassVar[str] = "orders.finalized"
    order_id: UUID
    fulfillments: int


@dataclass(frozen=True, slots=True)
class CancelRequested(Event):
    """The buyer wants out while the payment is open; the provider decides what happens first."""

    topic: ClassVar[str] = "orders.cancel_requested"
    order_id: UUID


@dataclass(frozen=True, slots=True)
class OrderPacked(Event):
    """A parcel of it is packed: from now on only the shop can cancel the order."""

    topic: ClassVar[str] = "orders.packed"
    order_id: UUID


@dataclass(frozen=True, slots=True)
class OrderShipped(Event):
    """All of the goods are on their way."""

    topic: ClassVar[str] = "orders.shipped"
    order_id: UUID


@dataclass(frozen=True, slots=True)
class OrderDelivered(Event):
    """The buyer has all of the goods."""

    topic: ClassVar[str] = "orders.delivered"
    order_id: UUID


@dataclass(frozen=True, slots=True)
class WishChanged(Event):
    """The buyer wants the order on another day, or with another message; both stand in the order."""

    topic: ClassVar[str] = "orders.wish_changed"
    order_id: UUID


@dataclass(frozen=True, slots=True)
class OrderCancelled(Event):
    """The order is over and its stock given back. `paid`: so is what is left of the money."""

    topic: ClassVar[str] = "orders.cancelled"
    order_id: UUID
    reason: str
    paid: bool


@dataclass(frozen=True, slots=True)
class OrderClaimed(Event):
    """The guest who placed the order has an account now, and the order is in it."""

    topic: ClassVar[str] = "orders.claimed"
    order_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True)
class OrderUnavailable(Event):
    """Money came after the hold had expired and the stock was gone: it is owed back."""

    topic: ClassVar[str] = "orders.unavailable"
    order_id: UUID


@dataclass(frozen=True, slots=True)
class HoldExtended(Event):
    """The money is on its way: the stock is kept longer."""

    topic: ClassVar[str] = "orders.hold_extended"
    order_id: UUID
    hold_until: datetime


@dataclass(frozen=True, slots=True)
class HoldShortened(Event):
    """The bank refused: its days of waiting are over, and the stock is kept for another try only."""

    topic: ClassVar[str] = "orders.hold_shortened"
    order_id: UUID
    hold_until: datetime


@dataclass(frozen=True, slots=True)
class ReviewOpened(Event):
    """What the provider reports does not fit the order: nothing is accepted until an admin decides."""

    topic: ClassVar[str] = "orders.review_opened"
    order_id: UUID
    payment_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class OrderErased(Event):
    """The order has forgotten its buyer, who was a guest or whose account was deleted."""

    topic: ClassVar[str] = "orders.erased"
    order_id: UUID
