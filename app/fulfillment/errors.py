"""What can stand between goods and their buyer."""

from app.platform.errors import Conflict


class UnitsNotLeft(Conflict):
    """More units would be packed than are still to be sent; `lines` says how many of each are."""

    code = "units-not-left"
    title = "Units not left"


class UnitsPacked(Conflict):
    """What is wanted back lies in packed parcels; `lines` says how many units of each do not."""

    code = "units-packed"
    title = "Units packed"
