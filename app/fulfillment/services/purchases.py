"""What was delivered to whom, told to the catalog."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.catalog.services import note_purchases as note_in_catalog
from app.fulfillment.services.standing import parcels_of
from app.fulfillment.states import DELIVERED
from app.orders import services as orders


def note_purchases(session: Session, order_id: UUID) -> None:
    """Tell the catalog what a user was delivered of an order, as it stands now. Repeating changes nothing.

    A guest's order is nobody's yet: it counts once it is claimed. Locks the order. Raises NotFound.
    """
    order = orders.lock(session, order_id)
    arrived = [each for each in parcels_of(session, order_id) if each.status == DELIVERED]
    lines = {content.order_line_id for parcel in arrived for content in parcel.contents}
    products = [line.product_id for line in order.lines if line.id in lines]
    if products and order.user_id is not None:
        note_in_catalog(session, order_id=order_id, user_id=order.user_id, product_ids=products)
