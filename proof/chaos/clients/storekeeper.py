import random
import time
from collections.abc import Mapping

from proof.chaos.clients.caller import Caller, Json
from proof.chaos.clients.places import DELIVERY, DOLLARS, HOME, TAX_ZONES, YEN
from proof.chaos.clients.wishes import COUPON, GOODS
from proof.chaos.errors import ChaosFailed
from sandbox.demo.seed import PASSWORD

_FEW = (4, 12)


class Storekeeper:
    """The admin: few units of each article, few uses of a coupon, and more when buyers were turned away.

    There are prices in two currencies, and zones of taxes and delivery.
    """

    def __init__(self, caller: Caller, dice: random.Random) -> None:
        self._caller, self._dice = caller, dice
        self._last: dict[str, float] = {}
        self.skus: list[str] = []
        self._coupon_id, self._uses = "", 0

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
            variant = {
                "sku": sku,
                "price": {"amount": 700 + 130 * number, "currency": DOLLARS},
                "prices": [{"price": {"amount": 900 + 170 * number, "currency": YEN}}],
            }
            product = {"name": f"Thing {number}", "status": "active", "variants": [variant]}
            self._make("products", product)
            self.restock(sku)
        self._make_zones()
        self._make_coupon()

    def restock(self, what: str) -> None:
        """Have a few more units of an article, or uses of the coupon, unless that was done a moment ago."""
        if time.monotonic() - self._last.get(what, -9) < 1:
            return
        self._last[what] = time.monotonic()
        more = self._dice.randint(*_FEW)
        if what == COUPON:
            self._allow(more)
        else:
            units = {"change": more, "reason": "received"}
            self._caller.ask("POST", f"/v1/admin/inventory/{what}/adjustments", units, key=True)

    def _make_zones(self) -> None:
        for taxes in TAX_ZONES:
            self._make("tax-zones", taxes)
        for country, rates in DELIVERY.items():
            zone = {"name": country, "is_default": country == HOME, "places": [{"country": country}]}
            path = f"shipping-zones/{self._make('shipping-zones', zone)['id']}/rates"
            for currency, amount in rates.items():
                rate = {"code": "standard", "name": "Standard", "currency": currency, "amount": amount}
                self._make(path, rate | {"fewest_days": 3, "most_days": 5})

    def _make(self, what: str, body: Json) -> Json:
        made = self._caller.ask("POST", f"/v1/admin/{what}", body, key=True)
        if not made.ok:
            raise ChaosFailed(f"Of {what} something cannot be made: {made.body}")
        return made.body

    def _make_coupon(self) -> None:
        self._uses = self._dice.randint(*_FEW)
        coupon = {"code": COUPON, "kind": "percentage", "basis_points": 1000, "uses_limit": self._uses}
        self._coupon_id = self._make("coupons", coupon)["id"]

    def _allow(self, more: int) -> None:
        self._uses += more
        self._caller.ask("PATCH", f"/v1/admin/coupons/{self._coupon_id}", {"uses_limit": self._uses})
