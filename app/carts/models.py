"""Carts and what lies in them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Amount, Base, Currency
from app.platform.ids import new_id

LINE_LIMIT = 99
"""Units of one article in a cart."""
CART_LIMIT = 100
"""Different articles in a cart: each answer shows them all."""


class Cart(Base):
    """The one cart of a user, or of a guest who holds the token with this hash.

    `coupon_code` is of the coupon that its owner wants to use, whether it may be used by now or not. What was
    left in it is reminded of once: `reminded_at` is later than `updated_at` then.
    """

    __tablename__ = "carts"
    __table_args__ = (CheckConstraint("num_nonnulls(user_id, token_hash) = 1", name="one_owner"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    token_hash: Mapped[str | None] = mapped_column(unique=True)
    currency: Mapped[Currency]
    coupon_code: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    reminded_at: Mapped[datetime | None]


class CartItem(Base):
    """Units of one variant. The price, and what it was called, are those of the moment it was added last.

    The price is in `currency`; of an older row without it, in that of its cart.
    """

    __tablename__ = "cart_items"
    __table_args__ = (
        UniqueConstraint("cart_id", "variant_id"),
        CheckConstraint(f"quantity BETWEEN 1 AND {LINE_LIMIT}", name="quantity_within_limit"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    cart_id: Mapped[UUID] = mapped_column(ForeignKey("carts.id", ondelete="CASCADE"))
    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variants.id"), index=True)
    product_id: Mapped[UUID]
    sku: Mapped[str]
    name: Mapped[str]
    quantity: Mapped[int]
    unit_price_amount: Mapped[Amount]
    currency: Mapped[Currency | None]
    added_at: Mapped[datetime] = mapped_column(server_default=func.now())
