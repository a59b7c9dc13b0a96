"""Fills an empty shop: three accounts and a small catalog. A shop with users in it is left as it is."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.catalog import services as catalog
from app.catalog.services import listings
from app.identity import services as identity
from app.inventory import services as inventory
from app.platform import db
from app.platform.db import transaction
from config import load_or_exit
from sandbox.demo.goods import CATEGORIES, GOODS

PASSWORD = "backroom-dev"  # noqa: S105  # for accounts of a database that this made itself
PEOPLE = (
    ("admin", "admin@example.com", "Avery Admin"),
    ("seller", "seller@example.com", "Sam Seller"),
    ("customer", "buyer@example.com", "Bo Buyer"),
)


def main() -> None:
    """Seed the database that the settings name, unless somebody is in it."""
    settings = load_or_exit()
    db.start_engine(settings)
    password_hash = identity.hash_password(PASSWORD, email=PEOPLE[0][1])
    with transaction() as session:
        if identity.any_user(session):
            print("The shop has users: nothing to seed")
            return
        seller_id = _people(session, password_hash)
        _goods(session, seller_id, settings.currency)
    print(f"Seeded {len(PEOPLE)} accounts and {len(GOODS)} products")


def _people(session: Session, password_hash: str) -> UUID:
    """Make the accounts; answers the seller's id."""
    ids = {
        role: identity.create_user(
            session, email=email, full_name=name, role=role, password_hash=password_hash
        ).id
        for role, email, name in PEOPLE
    }
    return ids["seller"]


def _goods(session: Session, seller_id: UUID, currency: str) -> None:
    categories = {slug: catalog.create_category(session, name=name, slug=slug) for slug, name in CATEGORIES}
    made = []
    for category, name, brand, price, units, sizes in GOODS:
        variants = _variants(name, price, currency, sizes)
        product_id = catalog.create_product(
            session,
            seller_id=seller_id,
            name=name,
            currency=currency,
            brand=brand,
            category_id=categories[category],
            status="active",
            description=f"{name} by {brand}, made to be used every day.",
            variants=variants,
        )
        for variant in variants:
            inventory.count(session, sku=variant["sku"], on_hand=units, note="first stock")
        made.append(product_id)
    listings.refresh(session, made)  # nobody works yet who would show that they are in stock


def _variants(name: str, price: int, currency: str, sizes: tuple[str, ...]) -> list[dict[str, Any]]:
    """One variant per size, or a single one; the SKU is made from the names."""
    sku = name.upper().replace(" ", "-")
    return [
        {
            "sku": f"{sku}-{size.upper().replace(' ', '').replace('.', '')}" if size else sku,
            "name": size or name,
            "price": {"amount": price + 500 * position, "currency": currency},
            "weight_grams": 400,
            "position": position,
        }
        for position, size in enumerate(sizes or ("",))
    ]


if __name__ == "__main__":
    main()
