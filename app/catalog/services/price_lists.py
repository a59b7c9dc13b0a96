"""What variants cost in other currencies than the shop's own: keeping it, and which are sold in."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.catalog.errors import CurrencyNotSold
from app.catalog.models import VariantPrice
from app.platform.db import Json
from app.platform.errors import Invalid


def check_sold_in(currency: str, currencies: Sequence[str]) -> None:
    """Raise CurrencyNotSold unless it is one of the shop's currencies."""
    if currency not in currencies:
        raise CurrencyNotSold(
            f"This shop does not sell in {currency}.",
            errors={"currency": [f"Choose one of: {', '.join(currencies)}."]},
        )


def set_prices(session: Session, variant_id: UUID, prices: Sequence[Mapping[str, Any]], *, own: str) -> None:
    """Have a variant of a locked product cost these, each a price and one to compare with, and no others.

    Raises Invalid for two in one currency, for one in the shop's `own`, and for one to compare with that is
    in another currency than its price, or not above it.
    """
    rows = [_row(variant_id, each) for each in prices]
    currencies = [row["currency"] for row in rows]
    if own in currencies or len(set(currencies)) < len(currencies):
        raise Invalid(
            f"Give one price for each currency besides {own}.",
            errors={"prices": [f"One in each currency, none in {own}."]},
        )
    session.flush()
    of_variant = VariantPrice.variant_id == variant_id
    session.execute(delete(VariantPrice).where(of_variant, VariantPrice.currency.not_in(currencies)))
    if rows:
        listed = insert(VariantPrice)
        amounts = {name: listed.excluded[name] for name in ("amount", "compare_at_amount")}
        session.execute(
            listed.on_conflict_do_update(index_elements=["variant_id", "currency"], set_=amounts), rows
        )


def _row(variant_id: UUID, listed: Mapping[str, Any]) -> Json:
    price, compare_at = listed["price"], listed["compare_at_price"]
    if compare_at is not None and (
        compare_at["currency"] != price["currency"] or compare_at["amount"] <= price["amount"]
    ):
        raise Invalid(
            "The price to compare with must be above the price.",
            errors={"prices": ["Each compare_at_price must be above its price, in the same currency."]},
        )
    return {
        "variant_id": variant_id,
        "currency": price["currency"],
        "amount": price["amount"],
        "compare_at_amount": compare_at and compare_at["amount"],
    }
