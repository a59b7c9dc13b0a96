from datetime import timedelta
from typing import Any

from app.carts.models import Cart
from app.events.services import publish
from app.orders import services as orders
from app.orders.events import OrderPlaced
from app.orders.models import Order
from app.orders.services import Line, Placement
from app.platform.db import transaction
from app.platform.ids import new_id
from tests.factories import make_user

ADDRESS = {
    "name": "Ada Lovelace",
    "company": None,
    "line1": "12 Analytical Way",
    "line2": None,
    "city": "London",
    "region": None,
    "postal_code": "NW1 5LS",
    "country": "GB",
    "phone": "+44 20 7946 0958",
}


TOTALS = {
    "currency": "USD",
    "subtotal_amount": 4000,
    "discount_amount": 0,
    "shipping_amount": 499,
    "tax_amount": 320,
    "total_amount": 4819,
}
SHIPPING = {
    "shipping_method": "standard",
    "shipping_method_name": "Standard",
    "shipping_estimate": "3 to 5 working days",
    "delivery_date": None,
    "gift_message": None,
}


def place(*, product: str = "Garden chair", **values: Any) -> Order:
    """A committed pending order of two chairs for 48.19 USD, and what its placing owes to others."""
    with transaction() as session:
        user = make_user(session)
        cart = Cart(user_id=user.id, currency="USD")
        session.add(cart)
        session.flush()
        address = ADDRESS | values.pop("address", {})
        placement: dict[str, Any] = (
            TOTALS
            | SHIPPING
            | {
                "user_id": user.id,
                "email": "ada@example.com",
                "locale": "en",
                "cart_id": cart.id,
                "cart_fingerprint": "unused",
                "shipping_address": address,
                "billing_address": address,
            }
            | values
        )
        chairs = Line(
            product_id=new_id(),
            variant_id=new_id(),
            seller_id=user.id,
            sku="CHAIR-1",
            name=product,
            image=None,
            quantity=2,
            unit_price_amount=2000,
        )
        order = orders.place(session, Placement(**placement), [chairs], hold=timedelta(minutes=15))
        event = OrderPlaced(order_id=order.id, payment_id=new_id(), amount=4819, currency="USD")
        publish(session, event)
        return order


def pay(order: Order) -> None:
    """The money is there."""
    with transaction() as session:
        orders.mark_paid(session, orders.lock(session, order.id), payment_id=new_id())


def cancel(order: Order, reason: str) -> None:
    """The order is over."""
    with transaction() as session:
        orders.cancel(session, orders.lock(session, order.id), reason=reason)


def come_too_late(order: Order) -> None:
    """The order has expired, then money comes, but the stock is gone."""
    cancel(order, "expired")
    with transaction() as session:
        orders.mark_unavailable(session, orders.lock(session, order.id))
