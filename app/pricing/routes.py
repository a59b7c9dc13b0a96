"""Prices for everybody."""

from typing import Any

from flask_smorest import Blueprint

from app.identity.auth import public
from app.platform.pagination import Page
from app.platform.settings import settings
from app.pricing import services
from app.pricing.schemas import ShippingMethodsQuery, ShippingMethodsSchema
from app.pricing.services import Destination, ShippingMethod

blueprint = Blueprint(
    "Delivery",
    __name__,
    url_prefix="/v1",
    description="The ways to deliver, and what they cost.",
)


@blueprint.route("/shipping-methods", methods=["GET"])
@public
@blueprint.arguments(ShippingMethodsQuery, location="query")
@blueprint.response(200, ShippingMethodsSchema)
def list_shipping_methods(query: dict[str, Any]) -> Page[ShippingMethod]:
    """The ways to deliver to a country, the cheapest first."""
    destination = Destination(query["country"], region=None, postal_code=None)
    rules = services.rules_from(settings())
    return Page(services.shipping_methods((), rules=rules, destination=destination), None)
