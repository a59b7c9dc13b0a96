import random
import time
from collections.abc import Mapping

from proof.chaos.clients.caller import Caller
from proof.chaos.clients.wishes import GOODS
from proof.chaos.errors import ChaosFailed
from sandbox.demo.seed import PASSWORD

_FEW = (4, 12)


class Storekeeper:
    """The admin: puts few units of each article on the shelf, and more when buyers were turned away."""

    def __init__(self, caller: Caller, dice: random.Random) -> None:
        self._caller, self._dice = caller, dice
        self._last: dict[str, float] = {}
        self.skus: list[str] = []

    @property
    def headers(self) -> Mapping[str, str]:
        """By which the API knows the admin, once the shop is laid out."""
        return self._caller.headers

    def open(self) -> None:
        """Log in and lay out the goods. Raises ChaosFailed."""
        who = {"email": "admin@example.com", "password": PASSWORD}
        login = self._caller.ask("POST", "/v1/auth/login", who)
        if not login.ok:
            raise ChaosFailed(f"The admin cannot log in: {login.body}")
        self._caller.headers["Authorization"] = f"Bearer {login.body['access_token']}"
        self.skus = [f"CHAOS-{number}" for number in range(GOODS)]
        for number, sku in enumerate(self.skus):
            price = {"amount": 700 + 130 * number, "currency": "USD"}
            product = {
                "name": f"Thing {number}",
                "status": "active",
                "variants": [{"sku": sku, "price": price}],
            }
            made = self._caller.ask("POST", "/v1/admin/products", product, key=True)
            if not made.ok:
                raise ChaosFailed(f"The goods cannot be laid out: {made.body}")
            self.restock(sku)

    def restock(self, sku: str) -> None:
        """Receive a few more units, unless that was done a moment ago."""
        if time.monotonic() - self._last.get(sku, -9) < 1:
            return
        self._last[sku] = time.monotonic()
        units = {"change": self._dice.randint(*_FEW), "reason": "received"}
        self._caller.ask("POST", f"/v1/admin/inventory/{sku}/adjustments", units, key=True)
