"""What is true of the shop at every moment, whatever befalls it. The ids below 31 are RELIABILITY's."""

from app.ops.services.invariants.carts import CARTS
from app.ops.services.invariants.catalog import CATALOG
from app.ops.services.invariants.coupons import COUPONS
from app.ops.services.invariants.invariant import Invariant
from app.ops.services.invariants.invoices import INVOICES
from app.ops.services.invariants.money import MONEY
from app.ops.services.invariants.orders import ORDERS
from app.ops.services.invariants.parcels import PARCELS
from app.ops.services.invariants.pictures import PICTURES
from app.ops.services.invariants.returns import RETURNS
from app.ops.services.invariants.stock import STOCK
from app.ops.services.invariants.transfers import TRANSFERS
from app.ops.services.invariants.webhooks import WEBHOOKS
from app.ops.services.invariants.work import WORK

_GROUPS = (
    STOCK,
    CARTS,
    ORDERS,
    MONEY,
    WORK,
    CATALOG,
    COUPONS,
    PICTURES,
    PARCELS,
    RETURNS,
    TRANSFERS,
    INVOICES,
    WEBHOOKS,
)
INVARIANTS: tuple[Invariant, ...] = tuple(
    sorted((each for group in _GROUPS for each in group), key=lambda each: int(each.id[1:]))
)

__all__ = ["INVARIANTS", "Invariant"]
