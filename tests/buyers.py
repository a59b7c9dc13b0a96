"""Buyers at the counter: carts and checkouts over HTTP, on a committed database."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.identity.auth import tokens
from app.identity.services import sessions
from app.payments.gateway.protocol import ProviderPayment
from app.platform.db import transaction
from tests.factories import MadeProduct, make_product, make_user
from tests.sales import ADDRESS, object_of

CHECKOUT = {"shipping_address": ADDRESS, "shipping_method": "standard", "payment_flow": "payment_intent"}


@dataclass(frozen=True, slots=True)
class Buyer:
    """Somebody who is signed in."""

    client: FlaskClient
    headers: dict[str, str]

    def twin(self) -> Self:
        """The same one for another thread: clients are not for several."""
        return type(self)(self.client.application.test_client(), dict(self.headers))

    def put(self, product: MadeProduct, quantity: int = 2) -> None:
        """Add units to the cart."""
        line = {"variant_id": str(product.variant_id), "quantity": quantity}
        assert self.post("/v1/cart/items", line).status_code == 201

    def check_out(self, key: str | None = None, **changes: Any) -> TestResponse:
        """Order what is in the cart, under a new Idempotency-Key unless one is given."""
        return self.post("/v1/checkout", CHECKOUT | changes, key=key or str(uuid4()))

    def get(self, path: str) -> TestResponse:
        """Ask for something."""
        return self.client.get(path, headers=self.headers)

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> TestResponse:
        """Ask for something to be done."""
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        return self.client.post(path, headers=headers, json=body)


class Guest(Buyer):
    """Somebody without an account, who keeps the token that the first answer brings."""

    EMAIL = "guest@example.com"

    @property
    def token(self) -> str:
        """What opens the cart, and the orders that come of it."""
        return self.headers["X-Cart-Token"]

    def put(self, product: MadeProduct, quantity: int = 2) -> None:
        line = {"variant_id": str(product.variant_id), "quantity": quantity}
        answer = self.post("/v1/cart/items", line)
        assert answer.status_code == 201
        self.headers.update({name: value for name, value in answer.headers.items() if name == "X-Cart-Token"})

    def check_out(self, key: str | None = None, **changes: Any) -> TestResponse:
        return super().check_out(key, **{"email": self.EMAIL} | changes)


def make_guest(client: FlaskClient) -> Guest:
    """A new guest, with a client of their own."""
    return Guest(client.application.test_client(), {})


def both_in_one(guest: Guest, user: Buyer) -> Buyer:
    """The user with the guest's token, as after a login in the middle of shopping."""
    return Buyer(guest.client, user.headers | guest.headers)


def make_buyer(client: FlaskClient, role: str = "customer") -> Buyer:
    """A new user who is signed in, with a client of their own: clients are not for several threads.

    The login is opened directly: passwords are slow on purpose, and have tests of their own.
    """
    app = client.application
    with transaction() as session:
        user = make_user(session, role=role)
        login = sessions.open_session(
            session, user_id=user.id, password_hash=user.password_hash, lifetime=timedelta(hours=1)
        )
    with app.app_context():
        made = tokens(login.user, session_id=login.session_id, refresh_jti=login.refresh_jti)
    return Buyer(app.test_client(), {"Authorization": f"Bearer {made['access_token']}"})


def lines_of(somebody: Buyer) -> dict[UUID, int]:
    """What lies in somebody's cart: units by variant."""
    items = somebody.get("/v1/cart").get_json()["items"]
    return {UUID(item["variant_id"]): item["quantity"] for item in items}


def shelf(*, stock: int = 5, price: int = 1000, **values: Any) -> MadeProduct:
    """A committed product."""
    with transaction() as session:
        return make_product(session, price=price, stock=stock, **values)


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order that was just placed: two of five units, 26.99 in all. `provider_id` is empty if unknown."""

    buyer: Buyer
    product: MadeProduct
    order_id: UUID
    payment_id: UUID
    provider_id: str

    def seen(self, status: str, **values: Any) -> ProviderPayment:
        """The provider's object in a status, fitting the payment unless `values` say otherwise."""
        return object_of(self.order_id, self.payment_id, self.provider_id, status, values)


def purchase(client: FlaskClient, **changes: Any) -> Purchase:
    """A new buyer checks out two units of a new product."""
    buyer, product = make_buyer(client), shelf()
    buyer.put(product)
    body = buyer.check_out(**changes).get_json()
    payment = body["payment"]
    return Purchase(
        buyer, product, UUID(body["order"]["id"]), UUID(payment["id"]), payment["provider_id"] or ""
    )
