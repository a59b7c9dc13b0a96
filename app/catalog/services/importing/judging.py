"""What rows would make of the catalog, one after the other; each is taken wholly, or refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.catalog.services.importing.columns import OF_PRODUCT, OF_VARIANT, Column
from app.catalog.services.importing.known import Draft, Known
from app.catalog.services.importing.rows import RawRow, Refusal
from app.catalog.services.variants import MOST_VARIANTS
from app.platform.exact import same
from app.platform.ids import new_id
from app.platform.money import step

NEW_PRODUCT: Mapping[str, Any] = {
    "description": "",
    "brand": None,
    "category_id": None,
    "status": "draft",
    "featured": False,
    "attributes": {},
}
NEW_VARIANT: Mapping[str, Any] = {
    "name": None,
    "compare_at_amount": None,
    "weight_grams": None,
    "attributes": {},
    "position": 0,
}
Values = Mapping[str, Any]


class _Refused(Exception):
    def __init__(self, column: str, problem: str) -> None:
        super().__init__(problem)
        self.column = column
        self.problem = problem


@dataclass(slots=True)
class Plan:
    """What is to be written: `units` are what the shelf shall hold, by SKU. Rows are counted by outcome.

    `currency` is the shop's; `seller_id` is whose a new product is unless its row says otherwise, and
    `may_sell` tells of whom it can be.
    """

    known: Known
    currency: str
    seller_id: UUID | None
    may_sell: Callable[[UUID], bool]
    units: dict[str, int] = field(default_factory=dict)
    made: dict[UUID, Draft] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    created: int = 0
    changed: int = 0
    unchanged: int = 0

    def take(self, row: RawRow, values: Values) -> None:
        """Add what a row says to what the rows before it say: where they differ, the later one stands."""
        try:
            variant, product = self._things(values)
            of_product = self._merged(product, OF_PRODUCT, self._placed(values))
            of_variant = self._priced(variant, values)
            stock = self._stock(variant, values)
        except _Refused as refused:
            self.refusals.append(row.refused(refused.problem, refused.column))
            return
        is_known = same(of_product, product.after) and same(of_variant, variant.after)
        differs = not is_known or stock is not None
        is_made = variant.is_new and not variant.after
        self.created += is_made
        self.known.on_sale[product.id] += is_made
        self.changed += differs and not is_made
        self.unchanged += not differs
        product.after, variant.after = of_product, of_variant
        self.known.products[product.fixed["slug"]] = self.made[product.id] = product
        self.known.variants[variant.fixed["sku"]] = variant
        if stock is not None:
            self.units[variant.fixed["sku"]] = stock

    def _things(self, values: Values) -> tuple[Draft, Draft]:
        variant = self.known.variants.get(values["sku"])
        if variant is None:
            product = self._product(values)
            if self.known.on_sale[product.id] >= MOST_VARIANTS:
                raise _Refused("product", f"A product has {MOST_VARIANTS} variants at most.")
            fixed = {"sku": values["sku"], "product_id": product.id, "archived_at": None}
            return Draft(new_id(), fixed, None), product
        if variant.fixed["archived_at"] is not None:
            raise _Refused("sku", "The variant of this SKU is archived, and a SKU is for ever.")
        product = self._owner(variant)
        slug = product.fixed["slug"]
        if values.get("product", slug) != slug:
            raise _Refused("product", f"The SKU belongs to the product {slug}.")
        self._check_seller(product, values)
        return variant, product

    def _owner(self, variant: Draft) -> Draft:
        """The product of a variant, which may be one of the rows before."""
        product_id = variant.fixed["product_id"]
        return self.known.owners.get(product_id) or self.made[product_id]

    def _product(self, values: Values) -> Draft:
        if "product" not in values:
            raise _Refused("product", "There is no variant of this SKU: a new one needs its product's slug.")
        known = self.known.products.get(values["product"])
        if known is not None:
            self._check_seller(known, values)
            return known
        if "name" not in values:
            raise _Refused("name", "There is no such product: a new one needs a name.")
        seller_id = values.get("seller", self.seller_id)
        if seller_id is None or not self.may_sell(seller_id):
            raise _Refused("seller", "A new product needs a seller who may sell.")
        return Draft(new_id(), {"slug": values["product"], "seller_id": seller_id}, None)

    def _check_seller(self, product: Draft, values: Values) -> None:
        if values.get("seller", product.fixed["seller_id"]) != product.fixed["seller_id"]:
            raise _Refused("seller", "The product is another seller's, and stays theirs.")

    def _placed(self, values: Values) -> Values:
        name = values.get("category")
        if name is None:
            return values
        if name not in self.known.categories:
            raise _Refused("category", "There is no category of this slug or path.")
        return {**values, "category": self.known.categories[name]}

    def _priced(self, variant: Draft, values: Values) -> dict[str, Any]:
        if values.get("currency", self.currency) != self.currency:
            raise _Refused("currency", f"This shop sells in {self.currency}.")
        merged = self._merged(variant, OF_VARIANT, values)
        if "price_amount" not in merged:
            raise _Refused("price", "There is no variant of this SKU: a new one needs a price.")
        if "price" in values:
            merged["currency"] = self.currency
        compare_at, least = merged["compare_at_amount"], step(self.currency)
        for name, amount in (("price", merged["price_amount"]), ("compare_at_price", compare_at)):
            if amount is not None and amount % least:
                raise _Refused(name, f"Must be a multiple of {least} in {self.currency}.")
        if compare_at is not None and compare_at <= merged["price_amount"]:
            raise _Refused("compare_at_price", "Must be above the price.")
        return merged

    def _merged(self, draft: Draft, columns: Mapping[str, Column], values: Values) -> dict[str, Any]:
        new: Mapping[str, Any] = NEW_PRODUCT if columns is OF_PRODUCT else NEW_VARIANT
        merged = dict(draft.after or new)
        for name, column in columns.items():
            if name in values and column.stored_as:
                merged[column.stored_as] = values[name]
        return merged

    def _stock(self, variant: Draft, values: Values) -> int | None:
        """The units that the shelf is to hold, if that is another number than now."""
        if "stock" not in values:
            return None
        units: int = values["stock"]
        level = self.known.levels.get(variant.id)
        on_hand = level.on_hand if level else 0
        if level and units < level.reserved and units != level.on_hand:
            raise _Refused("stock", f"{level.reserved} units are promised: fewer cannot be left.")
        if units == self.units.get(values["sku"], on_hand):
            return None
        return units


def remembering(may_sell: Callable[[UUID], bool]) -> Callable[[UUID], bool]:
    """The same, asked once for each user."""
    known: dict[UUID, bool] = {}

    def ask(user_id: UUID) -> bool:
        if user_id not in known:
            known[user_id] = may_sell(user_id)
        return known[user_id]

    return ask
