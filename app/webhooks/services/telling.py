"""What an event says to third parties: ids, numbers, amounts and states, and nothing about persons."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.events.feed import Told
from app.fulfillment.queries import senders
from app.inventory.queries import levels_of
from app.orders.queries import briefs
from app.platform.db import Json
from app.platform.money import Money
from app.webhooks.services import kinds
from app.webhooks.services.kinds import BY_TOPIC, ORDER, PARCEL, VARIANT, Kind


@dataclass(frozen=True, slots=True)
class Said:
    """The data of a message, and whose thing it is about; `for_all` is what no single seller is told."""

    data: Json
    for_all: Json
    seller_id: UUID | None = None

    def data_for(self, seller_id: UUID | None) -> Json:
        """What an endpoint of a seller is told; of the shop or a third party for None."""
        return self.data if seller_id is not None else self.data | self.for_all


@dataclass(frozen=True, slots=True)
class Facts:
    """What is looked up for many events at once."""

    orders: Mapping[UUID, tuple[str, Money]]
    parcels: Mapping[UUID, UUID]
    variants: Mapping[UUID, tuple[str, UUID]]


def look_up(session: Session, log: Sequence[Told]) -> Facts:
    """The numbers of orders, and whose parcels and articles they are, that these events are about."""
    orders = _ids(log, (ORDER, PARCEL), "order_id")
    parcels, variants = _ids(log, (PARCEL,), "parcel_id"), _ids(log, (VARIANT,), "variant_id")
    stock = levels_of(session, variants) if variants else {}
    return Facts(
        orders=briefs(session, orders) if orders else {},
        parcels=senders(session, parcels) if parcels else {},
        variants={key: (each.sku, each.seller_id) for key, each in stock.items()},
    )


def tell(event: Told, facts: Facts) -> Said:
    """What third parties are told of an event that has a type."""
    kind = BY_TOPIC.get(event.topic)
    if kind is None:
        return Said(dict(event.payload["data"]) if event.topic == kinds.NOTICED else {}, {})
    handed_on = {name: event.payload[name] for name in kind.fields}
    if "amount" in handed_on:
        handed_on["amount"] = {"amount": handed_on["amount"], "currency": event.payload["currency"]}
    return _TELLERS[kind.about](event, handed_on, facts)


def _of_order(event: Told, handed_on: Json, facts: Facts) -> Said:
    order_id = event.payload["order_id"]
    number, total = facts.orders[UUID(order_id)]
    sum_of_all = {"total": {"amount": total.amount, "currency": total.currency}}
    return Said({"order_id": order_id, "order_number": number} | handed_on, sum_of_all)


def _of_parcel(event: Told, handed_on: Json, facts: Facts) -> Said:
    parcel_id = event.payload["parcel_id"]
    told = _of_order(event, {"parcel_id": parcel_id} | handed_on, facts)
    return Said(told.data, {}, facts.parcels.get(UUID(parcel_id)))


def _of_variant(event: Told, handed_on: Json, facts: Facts) -> Said:
    variant_id = event.payload["variant_id"]
    sku, seller_id = facts.variants.get(UUID(variant_id), (None, None))
    return Said({"variant_id": variant_id, "sku": sku} | handed_on, {}, seller_id)


_TELLERS = {ORDER: _of_order, PARCEL: _of_parcel, VARIANT: _of_variant}


def _ids(log: Sequence[Told], about: Collection[str], name: str) -> set[UUID]:
    def is_about(kind: Kind | None) -> bool:
        return kind is not None and kind.about in about

    return {UUID(event.payload[name]) for event in log if is_about(BY_TOPIC.get(event.topic))}
