"""From cart to order, in one transaction. Nothing here commits."""

from app.checkout.services.facts import Terms, Wish
from app.checkout.services.picking_up import pick_up
from app.checkout.services.placing import Placed, place

__all__ = ["Placed", "Terms", "Wish", "pick_up", "place"]
