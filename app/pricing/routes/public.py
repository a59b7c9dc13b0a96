"""Prices for everybody."""

from dataclasses import replace
from typing import Any

from flask_smorest import Blueprint

from app.catalog.errors import CurrencyNotSold
from app.identity.auth import public
from app.platform.db import reading
from app.platform.openapi.notation import problems
from app.platform.pagination import Page
from app.platform.postal_rules import check_countries
from app.platform.settings import settings
from app.pricing import services
from app.pricing.schemas.public import ShippingMethodsQuery, ShippingMethodsSchema
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
@problems(CurrencyNotSold)
def list_shipping_methods(query: dict[str, Any]) -> Page[ShippingMethod]:
    """The ways to deliver to a country, the cheapest first; in the shop's own currency or in another."""
    check_countries({"country": query["country"]})
    destination, currency = Destination(query["country"], region=None, postal_code=None), query["currency"]
    with reading() as session:
        rules = services.current_rules(session, settings(), country=destination.country)
    if currency is not None:
        rules.check_sold_in(currency)
        rules = replace(rules, currency=currency)
    return Page(services.shipping_methods((), rules=rules, destination=destination), None)
