"""Keeping variants."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.catalog.errors import SkuTaken, VariantsFull
from app.catalog.models import Product, Variant
from app.catalog.services.listings import refresh
from app.catalog.services.price_lists import set_prices
from app.catalog.services.slugs import refusing_duplicates
from app.inventory.services import open_stock
from app.platform.db import locked
from app.platform.errors import Invalid, NotFound
from app.platform.ids import new_id

MOST_VARIANTS = 100
"""Of one product on sale: its page shows them all."""


def add_variant(
    session: Session,
    product_id: UUID,
    values: Mapping[str, Any],
    *,
    currency: str,
    seller_id: UUID | None = None,
) -> UUID:
    """Give a product one more variant, with an empty place in stock; answers its id.

    `values` are as in the API: sku, price {amount, currency} and, optionally, compare_at_price, name,
    weight_grams, attributes, position, and `prices` in other currencies. `currency` is the shop's;
    `seller_id` limits it to this seller's products. Raises NotFound, SkuTaken, VariantsFull, and Invalid for
    a price that is not one of this shop. Locks the product.
    """
    product = lock_product(session, product_id, seller_id)
    _refuse_too_many(session, product_id)
    return add_variants(session, product, [values], currency=currency)[0]


def add_variants(
    session: Session, product: Product, variants: Sequence[Mapping[str, Any]], *, currency: str
) -> list[UUID]:
    """The same for several variants of a product that this transaction made or locked."""
    added = [_add(session, product, values, currency) for values in variants]
    follow_variants(session, product)
    return added


def _refuse_too_many(session: Session, product_id: UUID) -> None:
    on_sale = select(func.count()).where(Variant.product_id == product_id, Variant.archived_at.is_(None))
    if session.scalars(on_sale).one() >= MOST_VARIANTS:
        raise VariantsFull(f"A product has {MOST_VARIANTS} variants at most. Remove one first.")


def _add(session: Session, product: Product, values: Mapping[str, Any], currency: str) -> UUID:
    variant = Variant(id=new_id(), product_id=product.id)
    _set(variant, values, currency)
    taken = SkuTaken(f"There is a variant with the SKU {variant.sku}. Choose another.", sku=variant.sku)
    with refusing_duplicates(session, taken):
        session.add(variant)
    open_stock(session, variant_id=variant.id, sku=variant.sku, seller_id=product.seller_id)
    if values.get("prices"):
        set_prices(session, variant.id, values["prices"], own=currency)
    return variant.id


def change_variant(
    session: Session,
    product_id: UUID,
    variant_id: UUID,
    changes: Mapping[str, Any],
    *,
    currency: str,
    seller_id: UUID | None = None,
) -> None:
    """Set the given values, as in `add_variant`, but never the SKU. Raises NotFound and Invalid."""
    product = lock_product(session, product_id, seller_id)
    _set(_variant(session, product, variant_id), changes, currency)
    if "prices" in changes:
        set_prices(session, variant_id, changes["prices"], own=currency)
    follow_variants(session, product)


def archive_variant(
    session: Session, product_id: UUID, variant_id: UUID, *, seller_id: UUID | None = None
) -> None:
    """Sell it no more; orders keep their lines, and its SKU stays taken. Raises NotFound."""
    product = lock_product(session, product_id, seller_id)
    _variant(session, product, variant_id).archived_at = func.now()
    follow_variants(session, product)


def lock_product(session: Session, product_id: UUID, seller_id: UUID | None = None) -> Product:
    """The product, held until the end of the transaction: its lowest price follows its variants'.

    With a `seller_id` only this seller's. Raises NotFound, for another's as for none.
    """
    statement = select(Product).where(Product.id == product_id)
    own = statement if seller_id is None else statement.where(Product.seller_id == seller_id)
    product = session.scalars(locked(own)).one_or_none()
    if product is None:
        raise NotFound("There is no such product.")
    return product


def follow_variants(session: Session, product: Product) -> None:
    """Copy the least price of a locked product's variants to the product, and list it as it is now."""
    session.flush()
    cheapest = (
        select(Variant.price_amount, Variant.currency)
        .where(Variant.product_id == product.id, Variant.archived_at.is_(None))
        .order_by(Variant.price_amount)
        .limit(1)
    )
    row = session.execute(cheapest).one_or_none()
    product.lowest_price_amount, product.currency = row or (0, None)
    product.updated_at = func.now()
    refresh(session, [product.id])


def _variant(session: Session, product: Product, variant_id: UUID) -> Variant:
    statement = select(Variant).where(
        Variant.id == variant_id, Variant.product_id == product.id, Variant.archived_at.is_(None)
    )
    variant = session.scalars(statement).one_or_none()
    if variant is None:
        raise NotFound("The product has no such variant.")
    return variant


def _set(variant: Variant, values: Mapping[str, Any], currency: str) -> None:
    plain = {name: value for name, value in values.items() if name != "prices"}
    if "price" in plain:
        variant.price_amount = _amount(plain.pop("price"), currency, "price")
        variant.currency = currency
    if "compare_at_price" in plain:
        compare_at = plain.pop("compare_at_price")
        variant.compare_at_amount = compare_at and _amount(compare_at, currency, "compare_at_price")
    for name, value in plain.items():
        setattr(variant, name, value)
    if variant.compare_at_amount is not None and variant.compare_at_amount <= variant.price_amount:
        raise Invalid(
            "The price to compare with must be above the price.",
            errors={"compare_at_price": ["Must be above the price."]},
        )


def _amount(price: Mapping[str, Any], currency: str, field: str) -> int:
    if price["currency"] != currency:
        raise Invalid(
            f"This shop sells in {currency}.", errors={f"{field}.currency": [f"Must be {currency}."]}
        )
    amount: int = price["amount"]
    return amount
