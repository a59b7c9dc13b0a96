"""What third parties can hear: which facts of the shop they are told by which type, and what of them."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from app.platform.db import Json
from app.webhooks.events import EndpointPinged, NoticeReceived

ORDERS, STOCK, SERVICES = "orders:hear", "stock:read", "services:hear"
"""The scopes that an API key needs to hear a type."""
ORDER, PARCEL, VARIANT = "order", "parcel", "variant"
"""What an event is about: by this its numbers are looked up, and whose it is."""
PING = "PING"
PINGED, NOTICED = EndpointPinged.topic, NoticeReceived.topic
FOREIGN = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
LONGEST_TYPE = 64


@dataclass(frozen=True, slots=True)
class Kind:
    """One type: from which topic it comes, what it is about, and which fields of the payload it hands on."""

    type: str
    topic: str
    about: str
    fields: tuple[str, ...] = ()

    @property
    def scope(self) -> str:
        """What an API key needs to hear it."""
        return STOCK if self.about == VARIANT else ORDERS

    @property
    def for_sellers(self) -> bool:
        """Whether a seller may hear it, of what is theirs: an order may be of several."""
        return self.about != ORDER


def _order(name: str, topic: str, *fields: str) -> Kind:
    return Kind(name, topic, ORDER, fields)


_KINDS = (
    _order("ORDER_PLACED", "orders.placed", "payment_id"),
    _order("ORDER_PAID", "orders.paid", "payment_id", "late"),
    _order("ORDER_UNAVAILABLE", "orders.unavailable"),
    _order("ORDER_CANCELLED", "orders.cancelled", "reason", "paid"),
    _order("ORDER_PACKED", "orders.packed"),
    _order("ORDER_SHIPPED", "orders.shipped"),
    _order("ORDER_DELIVERED", "orders.delivered"),
    _order("PAYMENT_DECLINED", "payments.declined", "payment_id", "code"),
    _order("PAYMENT_PROCESSING", "payments.processing", "payment_id"),
    _order("PAYMENT_SUCCEEDED", "payments.succeeded", "payment_id", "amount"),
    _order("REFUND_OWED", "refunds.owed", "refund_id", "payment_id", "amount"),
    _order("REFUND_SUCCEEDED", "refunds.succeeded", "refund_id", "payment_id", "amount"),
    _order("REFUND_FAILED", "refunds.failed", "refund_id", "payment_id"),
    _order("DISPUTE_OPENED", "disputes.opened", "dispute_id", "payment_id", "amount"),
    _order("DISPUTE_WON", "disputes.won", "dispute_id"),
    _order("DISPUTE_LOST", "disputes.lost", "dispute_id"),
    Kind("PARCEL_PACKED", "fulfillment.parcel_packed", PARCEL, ("units",)),
    Kind("PARCEL_READY", "fulfillment.parcel_ready", PARCEL),
    Kind("PARCEL_SHIPPED", "fulfillment.parcel_shipped", PARCEL),
    Kind("PARCEL_DELIVERED", "fulfillment.parcel_delivered", PARCEL),
    Kind("LOW_STOCK", "inventory.low", VARIANT),
    Kind("SOLD_OUT", "inventory.sold_out", VARIANT),
    Kind("BACK_IN_STOCK", "inventory.back_in_stock", VARIANT),
    Kind("STOCK_ADJUSTED", "inventory.stock_adjusted", VARIANT, ("change", "reason")),
)
BY_TYPE: Mapping[str, Kind] = {each.type: each for each in _KINDS}
BY_TOPIC: Mapping[str, Kind] = {each.topic: each for each in _KINDS}


def type_of(topic: str, payload: Json) -> str | None:
    """By which type an event is heard; None for one that nobody outside hears of."""
    if topic == NOTICED:
        return str(payload["type"])
    if topic == PINGED:
        return PING
    kind = BY_TOPIC.get(topic)
    return kind.type if kind else None


def is_foreign(name: str) -> bool:
    """Whether this can be the type of what another service tells: it looks like ours, and is none of them."""
    return bool(FOREIGN.fullmatch(name)) and len(name) <= LONGEST_TYPE and name not in BY_TYPE


def unknown(types: Iterable[str]) -> list[str]:
    """Those that can be no type at all."""
    return [each for each in types if each not in BY_TYPE and not is_foreign(each)]


def out_of_reach(types: Iterable[str], *, scopes: Collection[str] | None, of_seller: bool) -> list[str]:
    """Those that somebody may not hear: a seller, and a key of these scopes (None: no key)."""
    refused = []
    for each in types:
        kind = BY_TYPE.get(each)
        needed = kind.scope if kind else SERVICES
        is_sellers = kind is not None and kind.for_sellers
        if (scopes is not None and needed not in scopes) or (of_seller and not is_sellers):
            refused.append(each)
    return refused
