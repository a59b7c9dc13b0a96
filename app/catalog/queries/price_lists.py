"""What variants cost in other currencies than the shop's own."""

from collections.abc import Collection
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    FromClause,
    ScalarSelect,
    Select,
    Uuid,
    any_,
    bindparam,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

from app.catalog.models import Variant, VariantPrice
from app.platform.db import Json, table_of

_PRICES, _VARIANTS = table_of(VariantPrice).c, table_of(Variant).c


def amounts_of(variants: FromClause) -> ScalarSelect[Any]:
    """For a statement about variants: the amount by currency, or null."""
    return _by_currency(variants, _PRICES.amount)


def prices_of(variants: FromClause) -> ScalarSelect[Any]:
    """The same with the `amount` and what it is to be compared with, `compare_at`."""
    price = func.jsonb_build_object(
        literal_column("'amount'"),
        _PRICES.amount,
        literal_column("'compare_at'"),
        _PRICES.compare_at_amount,
    )
    return _by_currency(variants, price)


def lowest_prices(session: Session, product_ids: Collection[UUID], currency: str) -> dict[UUID, Json]:
    """The lowest price of each of these products in another currency than the shop's own."""
    found = session.execute(_lowest(), {"product_ids": list(product_ids), "wanted": currency})
    return {product_id: {"amount": amount, "currency": currency} for product_id, amount in found}


@cache
def _lowest() -> Select[Any]:
    return (
        select(_VARIANTS.product_id, func.min(_PRICES.amount))
        .where(
            _PRICES.variant_id == _VARIANTS.id,
            _VARIANTS.archived_at.is_(None),
            _VARIANTS.product_id == any_(bindparam("product_ids", type_=ARRAY(Uuid))),
            _PRICES.currency == bindparam("wanted"),
        )
        .group_by(_VARIANTS.product_id)
    )


def _by_currency(variants: FromClause, price: Any) -> ScalarSelect[Any]:
    listed = func.jsonb_object_agg(_PRICES.currency, price, type_=JSONB)
    return select(listed).where(_PRICES.variant_id == variants.c.id).scalar_subquery()
