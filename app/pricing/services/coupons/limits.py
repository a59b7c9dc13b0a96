"""What to say when a coupon has no use left."""

from app.pricing.errors import CouponUsedUp


def used_up() -> CouponUsedUp:
    """For anybody; what open orders hold may come back."""
    return CouponUsedUp(
        "All uses of this coupon are taken. One comes back when an order that holds one is not paid.",
        limit="coupon",
    )


def used_up_by_customer() -> CouponUsedUp:
    """For this customer."""
    return CouponUsedUp("You have used this coupon as often as one may.", limit="customer")
