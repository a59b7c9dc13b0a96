"""What can be wrong with a price that is asked for."""

from app.platform.errors import Conflict, Invalid


class UnknownShippingMethod(Invalid):
    """No shipping method of this code delivers the items there; `errors` lists the codes that do."""

    code = "unknown-shipping-method"
    title = "Unknown shipping method"


class CouponUnknown(Invalid):
    """There is no coupon of this code, or not any more."""

    code = "coupon-unknown"
    title = "Coupon unknown"


class CouponNotStarted(Invalid):
    """The coupon cannot be used yet; `starts_at` is from when on."""

    code = "coupon-not-started"
    title = "Coupon not started"


class CouponExpired(Invalid):
    """The coupon's time is over; `ended_at` is since when."""

    code = "coupon-expired"
    title = "Coupon expired"


class CouponNotMet(Invalid):
    """The purchase is not what the coupon is for; `minimum` is what has to be bought, where that is why."""

    code = "coupon-not-met"
    title = "Coupon not met"


class CouponUsedUp(Conflict):
    """The coupon has no use left: `limit` says whether for anybody (`coupon`) or this `customer`."""

    code = "coupon-used-up"
    title = "Coupon used up"


class CodeTaken(Conflict):
    """Another coupon has this code."""

    code = "code-taken"
    title = "Code taken"


class CouponLimitTooLow(Conflict):
    """More uses are taken than that; `taken` is how many."""

    code = "coupon-limit-too-low"
    title = "Coupon limit too low"


class PlaceTaken(Conflict):
    """A place belongs to another shipping zone already; `places` names those."""

    code = "place-taken"
    title = "Place taken"


class RateTaken(Conflict):
    """The zone has a rate of this code in this currency already."""

    code = "rate-taken"
    title = "Rate taken"


class TaxZoneTaken(Conflict):
    """There is a zone for this country and region."""

    code = "tax-zone-taken"
    title = "Tax zone taken"
