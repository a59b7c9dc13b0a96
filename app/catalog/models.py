"""Categories, products and their variants, what lists and search read of them, and what buyers think."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Numeric,
    SmallInteger,
    Text,
    UniqueConstraint,
    Uuid,
    column,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Amount, Base, Currency, Json, one_of
from app.platform.exact import ExactJson
from app.platform.ids import new_id

STATUSES = ("draft", "active", "archived")
REVIEW_STATES = ("pending", "published", "rejected")
TIERS = (1_000, 5_000, 25_000, 125_000, 500_000)
"""How many of the most popular listings the first tiers hold together; the last one holds the rest."""
LAST_TIER = len(TIERS)
LISTING_ORDERS = {
    "newest": "created_at",
    "price": "lowest_amount",
    "name": "sort_name",
    "rating": "rating_average",
    "popularity": "popularity",
}
"""What lists can be ordered by: each has an index over all listings, and one within each category."""
_LISTED = text("status = 'active' AND lowest_price_amount > 0")


class Category(Base):
    """A shelf of the shop. `path` is the slugs from the root, joined by `/`; moving keeps it right."""

    __tablename__ = "categories"
    __table_args__ = (
        CheckConstraint("path = slug OR path LIKE '%/' || slug", name="path_ends_with_slug"),
        CheckConstraint("(parent_id IS NULL) = (path = slug)", name="path_of_root"),
        Index("ix_categories_position_slug", "position", "slug"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("categories.id"), index=True)
    slug: Mapped[str] = mapped_column(unique=True)
    path: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    position: Mapped[int] = mapped_column(server_default="0")
    translations: Mapped[Json] = mapped_column(server_default="{}")
    image_key: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Product(Base):
    """What is offered; what is sold are its variants.

    `lowest_price_amount` is the least price of its variants that are not archived, 0 when it has none. It is
    kept here because every list sorts and filters by it; services write it under a lock of the product's row.
    `rating_sum` and `rating_count` are the stars and the number of its published reviews.
    `image_key` is the small size of its primary image, or of the first that can be shown, and kept likewise.
    """

    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint(one_of("status", STATUSES), name="status_known"),
        CheckConstraint("(lowest_price_amount = 0) = (currency IS NULL)", name="price_with_currency"),
        CheckConstraint("rating_sum BETWEEN rating_count AND 5 * rating_count", name="rating_possible"),
        Index("ix_products_listed_newest", "created_at", "id", postgresql_where=_LISTED),
        Index("ix_products_listed_price", "lowest_price_amount", "id", postgresql_where=_LISTED),
        Index("ix_products_listed_name", func.lower(text("name")), "id", postgresql_where=_LISTED),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    seller_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    category_id: Mapped[UUID | None] = mapped_column(ForeignKey("categories.id"), index=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    brand: Mapped[str | None] = mapped_column(index=True)
    status: Mapped[str] = mapped_column(server_default="draft")
    featured: Mapped[bool] = mapped_column(server_default="false")
    tax_category: Mapped[str] = mapped_column(server_default="standard")
    attributes: Mapped[Json] = mapped_column(ExactJson(), server_default="{}")
    delivery_information: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    translations: Mapped[Json] = mapped_column(server_default="{}")
    lowest_price_amount: Mapped[Amount] = mapped_column(server_default="0")
    currency: Mapped[Currency | None]
    rating_sum: Mapped[int] = mapped_column(server_default="0")
    rating_count: Mapped[int] = mapped_column(server_default="0")
    image_key: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class Variant(Base):
    """What is put into a cart. Without a name of its own it goes by the product's."""

    __tablename__ = "variants"
    __table_args__ = (
        CheckConstraint("price_amount BETWEEN 1 AND 99999999", name="price_chargeable"),
        CheckConstraint("compare_at_amount > price_amount", name="compare_at_above_price"),
        CheckConstraint("weight_grams >= 0", name="weight_not_negative"),
        Index("ix_variants_product_id_position", "product_id", "position", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    sku: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str | None]
    price_amount: Mapped[Amount]
    compare_at_amount: Mapped[Amount | None]
    currency: Mapped[Currency]
    weight_grams: Mapped[int | None]
    attributes: Mapped[Json] = mapped_column(ExactJson(), server_default="{}")
    position: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    archived_at: Mapped[datetime | None]


class VariantPrice(Base):
    """What a variant costs in another currency than the shop's own."""

    __tablename__ = "variant_prices"
    __table_args__ = (
        CheckConstraint("amount BETWEEN 1 AND 99999999", name="amount_chargeable"),
        CheckConstraint("compare_at_amount > amount", name="compare_at_above_amount"),
    )

    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variants.id", ondelete="CASCADE"), primary_key=True)
    currency: Mapped[Currency] = mapped_column(primary_key=True)
    amount: Mapped[Amount]
    compare_at_amount: Mapped[Amount | None]


class Listing(Base):
    """A product as the public finds it: active, and with a price. All of it follows from other rows.

    `facts` are what lists filter by, one word each (see `queries.facts`); `document` is what search reads.
    `popularity` are the units that were sold lately; `tier` is its place among all by that: search looks into
    the first tiers first. `category_ids` go from the root to its own. An average of 0 is of no rating.
    """

    __tablename__ = "listings"
    __table_args__ = (
        CheckConstraint("lowest_amount BETWEEN 1 AND highest_amount", name="prices_in_order"),
        CheckConstraint("(rating_count = 0) = (rating_average = 0)", name="rating_by_somebody"),
        CheckConstraint("tier BETWEEN 0 AND 5", name="tier_known"),
        *(
            Index(f"ix_listings_{name}", column_name, "product_id")
            for name, column_name in LISTING_ORDERS.items()
        ),
        *(
            Index(f"ix_listings_category_{name}", "category_id", column_name, "product_id")
            for name, column_name in LISTING_ORDERS.items()
        ),
        Index("ix_listings_sold_out", "product_id", postgresql_where=text("NOT available")),
        Index("ix_listings_facts", "facts", postgresql_using="gin"),
        *(
            Index(
                f"ix_listings_document_{tier}",
                "document",
                "facts",
                postgresql_using="gin",
                postgresql_where=column("tier") == tier,
            )
            for tier in range(LAST_TIER + 1)
        ),
    )

    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    slug: Mapped[str]
    name: Mapped[str]
    sort_name: Mapped[str]
    brand: Mapped[str | None]
    seller_id: Mapped[UUID]
    category_id: Mapped[UUID | None]
    category_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    featured: Mapped[bool]
    currency: Mapped[Currency]
    lowest_amount: Mapped[Amount]
    highest_amount: Mapped[Amount]
    available: Mapped[bool]
    rating_average: Mapped[Decimal] = mapped_column(Numeric(3, 2), server_default="0")
    rating_count: Mapped[int] = mapped_column(server_default="0")
    popularity: Mapped[int] = mapped_column(server_default="0")
    tier: Mapped[int] = mapped_column(SmallInteger, server_default=str(LAST_TIER))
    created_at: Mapped[datetime]
    image_key: Mapped[str | None]
    facts: Mapped[list[str]] = mapped_column(ARRAY(Text))
    document: Mapped[str] = mapped_column(TSVECTOR)


class SearchWord(Base):
    """A word that some listing's name, brand or SKU has: what a mistyped one may have meant."""

    __tablename__ = "search_words"
    __table_args__ = (
        Index(
            "ix_search_words_trigrams",
            "word",
            postgresql_using="gin",
            postgresql_ops={"word": "gin_trgm_ops"},
        ),
    )

    word: Mapped[str] = mapped_column(primary_key=True)


class Review(Base):
    """What one user thinks of a product; others see it when it is published."""

    __tablename__ = "reviews"
    __table_args__ = (
        UniqueConstraint("product_id", "user_id", name="uq_reviews_product_id_user_id"),
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating_possible"),
        CheckConstraint(one_of("status", REVIEW_STATES), name="status_known"),
        CheckConstraint("(status = 'rejected') = (reject_reason IS NOT NULL)", name="reject_reason_given"),
        Index(
            "ix_reviews_published",
            "product_id",
            "created_at",
            "id",
            postgresql_where=text("status = 'published'"),
        ),
        Index("ix_reviews_status_created_at_id", "status", "created_at", "id"),
        Index("ix_reviews_user_id_created_at_id", "user_id", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    rating: Mapped[int]
    title: Mapped[str]
    comment: Mapped[str]
    status: Mapped[str]
    reject_reason: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class Purchase(Base):
    """A product was delivered to a user. Noted here, because the catalog does not know orders."""

    __tablename__ = "purchases"
    __table_args__ = (Index("ix_purchases_user_id_product_id", "user_id", "product_id"),)

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))


class ProductImage(Base):
    """How the upload of the same id is shown as a picture of a product; one of them is the primary."""

    __tablename__ = "product_images"
    __table_args__ = (
        CheckConstraint("position >= 0", name="position_not_negative"),
        Index("ix_product_images_product_id_position", "product_id", "position", "id"),
        Index("uq_product_images_primary", "product_id", unique=True, postgresql_where=text("is_primary")),
    )

    id: Mapped[UUID] = mapped_column(ForeignKey("media_uploads.id"), primary_key=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    alt: Mapped[str | None]
    is_primary: Mapped[bool] = mapped_column(server_default="false")
    position: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
