"""Handing a paid order to those who send it, moving its parcels, and stopping them. Nothing here commits."""

from app.fulfillment.services.moving import advance, correct, deliver, pack, ship, start, unpack
from app.fulfillment.services.opening import open_for_order, stop
from app.fulfillment.services.purchases import note_purchases
from app.fulfillment.services.tracking import Tracking
from app.fulfillment.services.withholding import withhold

__all__ = [
    "Tracking",
    "advance",
    "correct",
    "deliver",
    "note_purchases",
    "open_for_order",
    "pack",
    "ship",
    "start",
    "stop",
    "unpack",
    "withhold",
]
