"""What can stand between goods and their buyer."""

from app.platform.errors import Conflict, Invalid


class UnitsNotLeft(Conflict):
    """More units would be packed than are still to be sent; `lines` says how many of each are."""

    code = "units-not-left"
    title = "Units not left"


class UnitsPacked(Conflict):
    """What is wanted back lies in packed parcels; `lines` says how many units of each do not."""

    code = "units-packed"
    title = "Units packed"


class UnitsNotReturnable(Conflict):
    """More units would come back than may; `lines` says how many of each can be returned now."""

    code = "units-not-returnable"
    title = "Units not returnable"


class DeliveryDateImpossible(Invalid):
    """The goods cannot come on the day that is wished for; `earliest` is the first on which they can."""

    code = "delivery-date-impossible"
    title = "Delivery date impossible"
