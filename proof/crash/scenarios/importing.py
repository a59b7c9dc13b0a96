"""Files of rows, which a worker makes goods of."""

from app.transfers.services.reading import STEP
from proof.crash.ending import Ending
from proof.crash.people import PRICE, SKU, STOCK, admin
from proof.crash.scenarios.scenario import Scenario, begin
from proof.crash.world import World

_HEADER = "sku,product,name,status,price,stock"
_BEFORE = f"{SKU},garden-chair,Garden chair,active,{PRICE - 1},{STOCK - 1}"
_REFUSED = "a chair,,,,,"
_NOW = f"{SKU},garden-chair,Garden chair,active,{PRICE},{STOCK}"
_ROWS = "\n".join([_HEADER, _BEFORE, *[_REFUSED] * (STEP - 1), _NOW])
"""One row more than a step does: it changes what the first one has made."""
IMPORTED = Ending(
    orders=(),
    payments=(),
    reservations=(),
    stock=(STOCK, 0),
    mails=(),
    intents=(),
    captured=0,
    imports=(f"done: {STEP + 1} rows, {STEP - 1} refused",),
)


def _imported(world: World) -> None:
    operator = admin(world)
    begin(world)
    operator.bring_rows(_ROWS)
    world.work()


SCENARIOS = (Scenario("imported", "an operator brings goods in a file of two steps", _imported, IMPORTED),)
