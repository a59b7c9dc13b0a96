"""Who buys, and what there is to buy."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import orjson

from app.catalog import services as catalog
from app.identity import services as identity
from app.identity.auth import tokens
from app.identity.services import sessions
from app.inventory import services as inventory
from app.platform.db import transaction
from proof.crash.life import Answer, Life
from proof.crash.process import Stuck
from proof.crash.world import World

SKU, STOCK, PRICE, QUANTITY = "CHAIR", 5, 1000, 2
TOTAL = 2699
"""Of two units at 10.00, 4.99 for shipping, and 8 percent of tax on both."""
UNIT = 1080
"""Of one unit with its tax."""
GUEST = "guest@example.com"
ADDRESS = {"name": "Ada Lovelace", "line1": "12 St James's Square", "city": "London", "country": "GB"}
CHECKOUT = {"shipping_address": ADDRESS, "shipping_method": "standard"}
PASSWORD = "correct horse battery"  # noqa: S105  # of accounts that live for a second
_FORM = {"Content-Type": "multipart/form-data; boundary=rows"}
Json = dict[str, Any]


@cache
def _password_hash() -> str:
    """Slow on purpose, so made once, while rehearsing."""
    return identity.hash_password(PASSWORD, email="nobody@example.com")


def make_person(life: Life, role: str) -> dict[str, str]:
    """A new account with `PASSWORD` that is logged in: the headers of its requests."""
    with transaction() as session:
        user = identity.create_user(
            session,
            email=f"{role}@example.com",
            full_name="Ada Lovelace",
            role=role,
            password_hash=_password_hash(),
        )
        login = sessions.open_session(
            session, user_id=user.id, password_hash=user.password_hash, lifetime=timedelta(hours=1)
        )
    with life.parts.app.app_context():
        made = tokens(login.user, session_id=login.session_id, refresh_jti=login.refresh_jti)
    return {"Authorization": f"Bearer {made['access_token']}"}


def make_goods(life: Life) -> str:
    """Put five units of one thing on sale: the id of its variant."""
    with transaction() as session:
        seller = identity.create_user(
            session,
            email="seller@example.com",
            full_name="Sam Seller",
            role="seller",
            password_hash=_password_hash(),
        )
        variant = {"sku": SKU, "price": {"amount": PRICE, "currency": "USD"}}
        catalog.create_product(
            session,
            seller_id=seller.id,
            name="Garden chair",
            currency="USD",
            status="active",
            variants=[variant],
        )
        inventory.adjust(session, sku=SKU, change=STOCK, reason="received", note=None)
        found = catalog.find_variant(session, SKU)
    if found is None:
        raise Stuck(f"nothing is for sale in {life.parts.app.name}")
    return str(found)


@dataclass(slots=True)
class Buyer:
    """Somebody with a browser. Each request is repeated until it is answered."""

    world: World
    headers: dict[str, str]
    order_id: str = ""
    payment_id: str = ""

    def fill_cart(self, variant_id: str, quantity: int = QUANTITY) -> None:
        """Put units of something into the cart; a guest keeps the token that comes back."""
        answer = self.post("/v1/cart/items", {"variant_id": variant_id, "quantity": quantity})
        if "X-Cart-Token" in answer.headers:
            self.headers = self.headers | {"X-Cart-Token": answer.headers["X-Cart-Token"]}

    def check_out(self, flow: str = "payment_intent", **more: Any) -> Json:
        """Order what is in the cart: the payment, ready to be paid; empty when there is nothing to pay."""
        return self._order(CHECKOUT | {"payment_flow": flow} | more)

    def pick_up(self, store_id: str) -> Json:
        """Order it, too, to be picked up in a store."""
        return self._order({"pickup_store_id": store_id, "payment_flow": "payment_intent"})

    def _order(self, body: Json) -> Json:
        made = _json(self.post("/v1/checkout", body))
        self.order_id = made["order"]["id"]
        if made["payment"] is None:
            return {}
        self.payment_id = made["payment"]["id"]
        return self.payable()

    def attempt(self, flow: str = "payment_intent") -> Json:
        """Pay the order in another way: the new payment, ready to be paid."""
        made = _json(self.post(f"/v1/orders/{self.order_id}/payments", {"payment_flow": flow}))
        self.payment_id = made["id"]
        return self.payable()

    def payable(self) -> Json:
        """The payment, when it can be paid: what the counter could not open, a worker does."""
        payment = self.payment()
        if payment["status"] == "creating":
            self.world.work()
            payment = self.payment()
        return payment

    def log_in(self, email: str) -> None:
        """Become a user; what a guest has put into the cart comes along."""
        answer = self.post("/v1/auth/login", {"email": email, "password": PASSWORD})
        self.headers = {"Authorization": f"Bearer {_json(answer)['access_token']}"}

    def get(self, path: str) -> Answer:
        """Ask for something."""
        return self.world.request("GET", path, self.headers)

    def post(self, path: str, body: Any = None) -> Answer:
        """Ask for something to be done, once."""
        return self.world.request("POST", path, self.headers, body)

    def payment(self) -> Json:
        """The payment as it is now."""
        return _json(self.get(f"/v1/payments/{self.payment_id}"))

    def pay(self, method: str = "pm_card_visa") -> Json:
        """Confirm the intent at the provider."""
        return self.world.stripe.confirm(self.payment()["provider_id"], method)

    def give_back(self, order_id: str, *, units: int) -> Json:
        """As an operator, refund so many units of an order's only line, and put them on the shelf."""
        (line,) = _json(self.get(f"/v1/orders/{order_id}"))["lines"]
        body = {
            "reason": "requested_by_customer",
            "lines": [{"line_id": line["id"], "quantity": units, "restock": True}],
        }
        return _json(self.post(f"/v1/admin/orders/{order_id}/refunds", body))

    def note_transfer(self, payment_id: str, line: str, amount: int) -> Json:
        """As an operator, confirm that a line of the bank's statement pays a payment."""
        body = {"reference": line, "amount": {"amount": amount, "currency": "USD"}}
        return _json(self.post(f"/v1/admin/payments/{payment_id}/transfers", body))

    def pay_out(self, refund_id: str, line: str) -> Json:
        """As an operator, confirm that a line of the bank's statement paid a refund out."""
        return _json(self.post(f"/v1/admin/refunds/{refund_id}/paid-out", {"reference": line}))

    def parcels(self, order_id: str) -> list[Json]:
        """As an operator, the parcels of an order."""
        return list(_json(self.get(f"/v1/admin/orders/{order_id}/fulfillments"))["items"])

    def listen(self, url: str, *types: str) -> None:
        """As an operator, have a third party told of these types of events from now on."""
        _json(self.post("/v1/webhook-endpoints", {"url": url, "types": list(types)}))

    def bring_rows(self, rows: str) -> Json:
        """As an operator, have a file of rows imported. It has no key: sent again it is another import."""
        part = f'--rows\r\nContent-Disposition: form-data; name="file"; filename="rows.csv"\r\n\r\n{rows}'
        form = f"{part}\r\n--rows--\r\n".encode()
        return _json(self.world.request("POST", "/v1/admin/imports", self.headers | _FORM, raw=form))

    def open_store(self) -> str:
        """As an operator, open a store where orders are picked up: its id."""
        place = {"line1": "1 Strand", "city": "London", "postal_code": "WC2N 5HR", "country": "GB"}
        store = {"name": "Backroom", "address": place, "latitude": 51.5, "longitude": -0.1}
        return str(_json(self.post("/v1/admin/stores", store))["id"])

    def move(self, parcel_id: str, step: str, body: Any = None) -> Json:
        """As an operator, pack, ship or deliver a parcel."""
        return _json(self.post(f"/v1/parcels/{parcel_id}/{step}", body))

    def send_back(self, *, units: int) -> Json:
        """Ask for a return of so many units of the order's only line."""
        (line,) = _json(self.get(f"/v1/orders/{self.order_id}"))["lines"]
        body = {"lines": [{"line_id": line["id"], "quantity": units, "reason": "damaged"}]}
        (back,) = _json(self.post(f"/v1/orders/{self.order_id}/returns", body))["items"]
        return dict(back)

    def take_in(self, back: Json) -> Json:
        """As an operator, approve a return and receive all of it, to the shelf."""
        path = f"/v1/returns/{back['id']}"
        units = [{name: line[name] for name in ("line_id", "quantity")} for line in back["lines"]]
        _json(self.post(f"{path}/approve"))
        return _json(self.post(f"{path}/receive", {"lines": [line | {"restock": True} for line in units]}))

    def decide(self, payment_id: str, decision: str) -> Json:
        """As an operator, end a review."""
        return _json(self.post(f"/v1/admin/payments/{payment_id}/resolve", {"decision": decision}))


def _json(answer: Answer) -> Json:
    if answer.status >= 400:
        raise Stuck(f"a buyer was answered {answer.status} {answer.body[:300]!r}")
    return dict(orjson.loads(answer.body))


def user(world: World) -> Buyer:
    """A customer who is logged in."""
    return Buyer(world, world.tell(make_person, "customer"))


def admin(world: World) -> Buyer:
    """Somebody of the shop."""
    return Buyer(world, world.tell(make_person, "admin"))


def lose_stock(life: Life, units: int) -> None:
    """So many units turn out to be missing."""
    with transaction() as session:
        inventory.adjust(session, sku=SKU, change=-units, reason="damaged", note=life.parts.app.name)


def guest(world: World) -> Buyer:
    """Somebody without an account."""
    return Buyer(world, {})
