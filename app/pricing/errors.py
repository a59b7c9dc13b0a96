"""What can be wrong with a price that is asked for."""

from app.platform.errors import Invalid


class UnknownShippingMethod(Invalid):
    """No shipping method of this code delivers the items there; `errors` lists the codes that do."""

    code = "unknown-shipping-method"
    title = "Unknown shipping method"
