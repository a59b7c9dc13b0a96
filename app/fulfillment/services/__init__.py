"""Handing a paid order to its senders, moving its parcels, and taking goods back. Nothing here commits."""

from app.fulfillment.services.moving import advance, correct, deliver, make_ready, pack, ship, start, unpack
from app.fulfillment.services.opening import open_for_order, stop
from app.fulfillment.services.purchases import note_purchases
from app.fulfillment.services.returnable import returnable
from app.fulfillment.services.returning import (
    Arrived,
    Unwanted,
    approve,
    forget_comments,
    lock_return,
    receive,
    reject,
    request,
    withdraw,
)
from app.fulfillment.services.standing import sent_units
from app.fulfillment.services.tracking import Tracking
from app.fulfillment.services.withholding import withhold

__all__ = [
    "Arrived",
    "Tracking",
    "Unwanted",
    "advance",
    "approve",
    "correct",
    "deliver",
    "forget_comments",
    "lock_return",
    "make_ready",
    "note_purchases",
    "open_for_order",
    "pack",
    "receive",
    "reject",
    "request",
    "returnable",
    "sent_units",
    "ship",
    "start",
    "stop",
    "unpack",
    "withdraw",
    "withhold",
]
