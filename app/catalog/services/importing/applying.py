"""Writing what rows make of the catalog: sets of rows at a time, in one transaction. Nothing here commits."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import TextClause
from sqlalchemy.orm import Session

from app.catalog.services import listings
from app.catalog.services.importing import statements
from app.catalog.services.importing.judging import Plan, remembering
from app.catalog.services.importing.known import CatalogMoved, Draft, look_up
from app.catalog.services.importing.rows import RawRow, Refusal, read
from app.identity.services import may_sell
from app.inventory.services.counting import NewLevel, count_all, open_levels


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many rows made a variant, changed something, or nothing; and why the others were refused."""

    created: int
    changed: int
    unchanged: int
    refusals: Sequence[Refusal]


def import_rows(
    session: Session,
    rows: Sequence[RawRow],
    *,
    currency: str,
    seller_id: UUID | None,
    reference: str,
    note: str,
    write: bool,
) -> Outcome:
    """Make products, variants and stock what these rows say, one after the other, and list them so.

    A row of a SKU that there is changes what it gives; of another, makes a variant, and its product if there
    is none of its slug: `seller_id`'s, unless the row names a seller. A row is taken wholly or refused, and
    a refused one costs no other. The same rows again change nothing. Without `write` they are judged alone.

    `reference` and `note` are those of the movements of stock. Locks products by ascending id, then the
    stock that changes; a number of statements that does not grow with the rows. Raises CatalogMoved.
    """
    parsed = [(row, *read(row)) for row in rows]
    good = [values for _, values, refusals in parsed if not refusals]
    plan = Plan(
        known=look_up(session, good),
        currency=currency,
        seller_id=seller_id,
        may_sell=remembering(lambda user_id: may_sell(session, user_id)),
    )
    for row, values, refusals in parsed:
        if refusals:
            plan.refusals += refusals
        else:
            plan.take(row, values)
    if write:
        _write(session, plan, reference=reference, note=note)
    return Outcome(plan.created, plan.changed, plan.unchanged, plan.refusals)


def _write(session: Session, plan: Plan, *, reference: str, note: str) -> None:
    products = [each for each in plan.made.values() if each.changed]
    variants = [each for each in plan.known.variants.values() if each.changed]
    _add(session, statements.ADD_PRODUCTS, _new_products(products, variants))
    _change(session, statements.CHANGE_PRODUCTS, products)
    _add(session, statements.ADD_VARIANTS, [_as_row(each) for each in variants if each.is_new])
    _change(session, statements.CHANGE_VARIANTS, variants)
    shown_otherwise = {each.id for each in products} | {each.fixed["product_id"] for each in variants}
    followed = {each.fixed["product_id"] for each in variants} - {each.id for each in products if each.is_new}
    if followed:
        session.execute(statements.FOLLOW_VARIANTS, {"ids": sorted(followed)})
    shown_otherwise |= _count(session, plan, reference=reference, note=note)
    if shown_otherwise:
        listings.refresh(session, shown_otherwise)


def _new_products(products: Iterable[Draft], variants: Collection[Draft]) -> list[dict[str, Any]]:
    """With the lowest price of their variants, which are all new, too."""
    prices: dict[UUID, int] = {}
    for variant in variants:
        owner, price = variant.fixed["product_id"], variant.after["price_amount"]
        prices[owner] = min(price, prices.get(owner, price))
    currencies = {variant.fixed["product_id"]: variant.after["currency"] for variant in variants}
    return [
        _as_row(each) | {"lowest_price_amount": prices[each.id], "currency": currencies[each.id]}
        for each in products
        if each.is_new
    ]


def _as_row(draft: Draft) -> dict[str, Any]:
    return {"id": draft.id, **draft.fixed, **draft.after}


def _add(session: Session, statement: TextClause, rows: Sequence[dict[str, Any]]) -> None:
    if rows and len(session.execute(statement, {"rows": _json(rows)}).all()) < len(rows):
        raise CatalogMoved("a product or a variant was made in this moment")


def _change(session: Session, statement: TextClause, drafts: Iterable[Draft]) -> None:
    rows = [_as_row(each) for each in drafts if not each.is_new]
    if rows:
        session.execute(statement, {"rows": _json(rows)})


def _json(rows: Sequence[dict[str, Any]]) -> str:
    return orjson.dumps(rows).decode()


def _count(session: Session, plan: Plan, *, reference: str, note: str) -> set[UUID]:
    """Put on the shelf what was counted: the products of which something is had again, or sold out."""
    variants, levels = plan.known.variants, plan.known.levels
    owners = {each.id: each.fixed["product_id"] for each in variants.values()}
    new = [
        NewLevel(each.id, sku, plan.made[owners[each.id]].fixed["seller_id"], plan.units.get(sku, 0))
        for sku, each in variants.items()
        if each.is_new
    ]
    if new:
        open_levels(session, new, reference=reference, note=note)
    counted = {variants[sku].id: units for sku, units in plan.units.items() if variants[sku].id in levels}
    differing = {each: units for each, units in counted.items() if units != levels[each].on_hand}
    crossed = count_all(session, differing, reference=reference, note=note) if differing else set()
    return {owners[each] for each in crossed}
