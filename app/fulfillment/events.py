"""Facts about parcels and returns."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.events.events import Event


@dataclass(frozen=True, slots=True)
class ParcelStarted(Event):
    """Its seller works on the parcel."""

    topic: ClassVar[str] = "fulfillment.parcel_started"
    order_id: UUID
    parcel_id: UUID


@dataclass(frozen=True, slots=True)
class ParcelPacked(Event):
    """So many units are in the parcel."""

    topic: ClassVar[str] = "fulfillment.parcel_packed"
    order_id: UUID
    parcel_id: UUID
    units: int


@dataclass(frozen=True, slots=True)
class ParcelReady(Event):
    """The parcel lies in the store where its buyer picks it up."""

    topic: ClassVar[str] = "fulfillment.parcel_ready"
    order_id: UUID
    parcel_id: UUID


@dataclass(frozen=True, slots=True)
class ParcelUnpacked(Event):
    """The parcel is empty again: what was in it can be packed anew, or taken back."""

    topic: ClassVar[str] = "fulfillment.parcel_unpacked"
    order_id: UUID
    parcel_id: UUID


@dataclass(frozen=True, slots=True)
class ParcelShipped(Event):
    """The parcel is on its way."""

    topic: ClassVar[str] = "fulfillment.parcel_shipped"
    order_id: UUID
    parcel_id: UUID


@dataclass(frozen=True, slots=True)
class TrackingChanged(Event):
    """Where the parcel can be followed, or when it comes, was said anew."""

    topic: ClassVar[str] = "fulfillment.tracking_changed"
    order_id: UUID
    parcel_id: UUID


@dataclass(frozen=True, slots=True)
class ParcelDelivered(Event):
    """The buyer has the parcel."""

    topic: ClassVar[str] = "fulfillment.parcel_delivered"
    order_id: UUID
    parcel_id: UUID


@dataclass(frozen=True, slots=True)
class ReturnRequested(Event):
    """The buyer wants to send so many units back."""

    topic: ClassVar[str] = "fulfillment.return_requested"
    order_id: UUID
    return_id: UUID
    units: int


@dataclass(frozen=True, slots=True)
class ReturnApproved(Event):
    """The goods may be sent back."""

    topic: ClassVar[str] = "fulfillment.return_approved"
    order_id: UUID
    return_id: UUID


@dataclass(frozen=True, slots=True)
class ReturnRejected(Event):
    """The goods are not taken back."""

    topic: ClassVar[str] = "fulfillment.return_rejected"
    order_id: UUID
    return_id: UUID


@dataclass(frozen=True, slots=True)
class ReturnWithdrawn(Event):
    """The buyer keeps the goods after all."""

    topic: ClassVar[str] = "fulfillment.return_withdrawn"
    order_id: UUID
    return_id: UUID


@dataclass(frozen=True, slots=True)
class ReturnReceived(Event):
    """So many units are here again; their money has a fact of its own."""

    topic: ClassVar[str] = "fulfillment.return_received"
    order_id: UUID
    return_id: UUID
    units: int
