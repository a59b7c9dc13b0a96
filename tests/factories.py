"""People and things for tests, made through services."""

from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.catalog import services as catalog
from app.catalog.services import listings
from app.identity import services as identity
from app.identity.models import User
from app.inventory import services as inventory
from app.platform.db import transaction

PASSWORD = "correct horse battery"
CURRENCY = "USD"

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class MadeProduct:
    """A product in the database; its variants in the order they were given."""

    id: UUID
    seller_id: UUID
    variant_ids: tuple[UUID, ...]
    skus: tuple[str, ...]

    @property
    def variant_id(self) -> UUID:
        """The first variant."""
        return self.variant_ids[0]

    @property
    def sku(self) -> str:
        """The SKU of the first variant."""
        return self.skus[0]


def make_user(session: Session, *, role: str = "customer", **values: Any) -> User:
    """An active account with `PASSWORD`."""
    values.setdefault("email", f"{role}{next(_numbers)}@example.com")
    values.setdefault("full_name", "Ada Lovelace")
    return identity.create_user(session, role=role, **({"password_hash": _password_hash()} | values))


@cache
def _password_hash() -> str:
    return identity.hash_password(PASSWORD, email="nobody@example.com")


def bearer(client: FlaskClient, email: str, password: str = PASSWORD) -> dict[str, str]:
    """Log in: the headers of somebody's requests."""
    answer = client.post("/v1/auth/login", json={"email": email, "password": password})
    return {"Authorization": f"Bearer {answer.get_json()['access_token']}"}


def signed_in(client: FlaskClient, role: str = "customer") -> dict[str, str]:
    """The headers of a new, committed user of this role."""
    with transaction() as session:
        email = make_user(session, role=role).email
    return bearer(client, email)


def make_category(session: Session, name: str = "Garden", **values: Any) -> UUID:
    """A category, at the root unless `parent_id` is given."""
    return catalog.create_category(session, name=name, **values)


def make_product(
    session: Session,
    *,
    seller_id: UUID | None = None,
    price: int = 1999,
    stock: int = 0,
    variants: list[dict[str, Any]] | None = None,
    **values: Any,
) -> MadeProduct:
    """An active product; one variant at `price` unless `variants` are given, `stock` units of each."""
    seller_id = seller_id or make_user(session, role="seller").id
    bodies = [{"price": money(price)}] if variants is None else variants
    bodies = [{"sku": f"SKU-{next(_numbers)}"} | body for body in bodies]
    values = {"name": "Garden chair", "status": "active"} | values
    product_id = catalog.create_product(
        session, seller_id=seller_id, currency=CURRENCY, variants=bodies, **values
    )
    skus = tuple(body["sku"] for body in bodies)
    for sku in skus:
        add_stock(session, sku, stock)
    if stock:
        _put_on_display(session, product_id)
    return MadeProduct(product_id, seller_id, tuple(_variant_id(session, sku) for sku in skus), skus)


def _put_on_display(session: Session, product_id: UUID) -> None:
    """Do what a product's first stock leaves to the backroom, so that tests find none of it to do."""
    listings.refresh(session, [product_id])
    shown = "UPDATE deliveries SET state = 'done', done_at = now() WHERE state = 'pending'"
    consumers = "'catalog.refresh_listing', 'notifications.tell_waiting'"
    session.execute(text(f"{shown} AND consumer IN ({consumers})"))


def add_stock(session: Session, sku: str, units: int) -> None:
    """Receive units of a variant."""
    if units:
        inventory.adjust(session, sku=sku, change=units, reason="received", note=None)


def money(amount: int, currency: str = CURRENCY) -> dict[str, Any]:
    """An amount as the API has it."""
    return {"amount": amount, "currency": currency}


def _variant_id(session: Session, sku: str) -> UUID:
    found = catalog.find_variant(session, sku)
    assert found is not None
    return found
