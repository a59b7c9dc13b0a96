"""What a coupon can be and give, and the states of a use of it, as data."""

PERCENTAGE, AMOUNT, FREE_SHIPPING = COUPON_KINDS = ("percentage", "amount", "free_shipping")
EVERYTHING, CATEGORIES, PRODUCTS, SELLERS = COUPON_SCOPES = ("all", "categories", "products", "sellers")

RESERVED, USED, RELEASED = COUPON_USES = ("reserved", "used", "released")
COUNTED = (RESERVED, USED)
"""Those that take one of the uses that a coupon allows; they are the names of its counters, too."""
