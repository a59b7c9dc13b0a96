"""Where things are sent: each country has taxes and rates of its own."""

from sandbox.demo.buyer import WISH

HOME, ABROAD = "US", "DE"
DOLLARS, YEN = "USD", "JPY"
"""The shop's own currency, and one without decimals that its price lists have, too."""
ADDRESSES = {
    HOME: WISH["shipping_address"],
    ABROAD: {
        "name": "Bea Buyer",
        "line1": "Hauptstrasse 1",
        "city": "Berlin",
        "postal_code": "10115",
        "country": ABROAD,
    },
}
TAX_ZONES = (
    {"country": HOME, "rates": {"standard": "8"}, "is_default": True},
    {"country": ABROAD, "rates": {"standard": "19"}, "prices_include_tax": True},
)
DELIVERY = {HOME: {DOLLARS: 499, YEN: 700}, ABROAD: {DOLLARS: 1290, YEN: 1900}}
"""What it costs, in minor units."""
