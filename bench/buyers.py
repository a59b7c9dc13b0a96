"""People with carts, written straight into the database: their registration is not what is measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from uuid import UUID

import psycopg
from flask import Flask

from app.identity.auth import register_identity, tokens
from app.identity.models import User
from app.platform.ids import new_id
from config import Settings

_GOODS = """
SELECT variants.id, product_id, sku, products.name, price_amount
FROM variants JOIN products ON products.id = product_id
WHERE products.slug = ANY (%(slugs)s) ORDER BY sku
"""
_MOST_GOODS = 10_000
_TABLES = {
    "users": ("id", "email", "password_hash", "full_name"),
    "user_sessions": ("id", "user_id", "refresh_jti", "expires_at"),
    "carts": ("id", "user_id", "currency"),
    "cart_items": (
        "id",
        "cart_id",
        "variant_id",
        "product_id",
        "sku",
        "name",
        "quantity",
        "unit_price_amount",
    ),
}


@dataclass(frozen=True, slots=True)
class Good:
    """One variant that can be bought."""

    variant_id: UUID
    product_id: UUID
    sku: str
    name: str
    price: int


@dataclass(frozen=True, slots=True)
class Buyer:
    """Somebody who is signed in, with a cart of their own; `wanted` are two goods that are not in it."""

    cart_id: UUID
    token: str
    wanted: Sequence[Good]


class Crowd:
    """Makes buyers by the hundred. Draws goods from all over the catalog, the same ones in each run."""

    def __init__(self, connection: psycopg.Connection, settings: Settings, products: int) -> None:
        self._connection = connection
        self._random = Random(1)  # noqa: S311  # the same goods each time is what is wanted
        self._tokens = Flask("tokens")
        register_identity(self._tokens, settings)
        numbers = self._random.sample(range(1, products + 1), min(products, _MOST_GOODS))
        slugs = [f"product-{number}" for number in numbers]
        self.goods = [Good(*row) for row in connection.execute(_GOODS, {"slugs": slugs}).fetchall()]

    def buyers(self, count: int, *, lines: int, same: bool = False) -> list[Buyer]:
        """New buyers, each with a cart of so many articles, different ones; or all of them the `same`."""
        rows: dict[str, list[Sequence[object]]] = {table: [] for table in _TABLES}
        with self._tokens.app_context():
            made = [self._buyer(rows, lines, same=same) for _ in range(count)]
        with self._connection.transaction(), self._connection.cursor() as cursor:
            for table, columns in _TABLES.items():
                with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN".encode()) as copy:
                    for row in rows[table]:
                        copy.write_row(row)
        return made

    def _buyer(self, rows: dict[str, list[Sequence[object]]], lines: int, *, same: bool) -> Buyer:
        user_id, session_id, cart_id, token_id = new_id(), new_id(), new_id(), new_id()
        goods = self.goods[: lines + 2] if same else self._random.sample(self.goods, lines + 2)
        rows["users"].append((user_id, f"{user_id}@example.com", "-", "Bea Buyer"))
        rows["user_sessions"].append((session_id, user_id, token_id, "infinity"))
        rows["carts"].append((cart_id, user_id, "USD"))
        rows["cart_items"] += [
            (new_id(), cart_id, each.variant_id, each.product_id, each.sku, each.name, 1, each.price)
            for each in goods[:lines]
        ]
        user = User(id=user_id, role="customer")
        token = tokens(user, session_id=session_id, refresh_jti=token_id)["access_token"]
        return Buyer(cart_id, token, goods[lines:])
