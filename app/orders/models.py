"""Orders: snapshots of what was bought, at which price, for whom."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Numeric,
    UniqueConstraint,
    func,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.orders.states import CANCEL_REASONS, FULFILLMENT_STATES, MOVES, PAYMENT_STATES
from app.platform.db import Amount, Base, Currency, Json, one_of
from app.platform.ids import new_id
from app.platform.money import Money

BasisPoints = Annotated[Decimal, mapped_column(Numeric(8, 3))]
"""A tax rate in ten-thousandths; 0 also for a tax of an order that was placed before rates were kept."""


# With the brackets that the database writes, so that migrations can be compared with it.
_NAMES = (
    "to_tsvector('simple', (coalesce(shipping_address ->> 'name', '')"
    " || ' ') || coalesce(billing_address ->> 'name', ''))"
)
NAMES: ColumnElement[Any] = literal_column(_NAMES)
"""The words of the names in an order's addresses."""


class Order(Base):
    """One purchase. Prices, addresses and totals are what they were when it was placed.

    `guest_token_hash` is of the cart token that a guest placed it with, and stays when it becomes a user's.
    `cart_id` is the cart that was checked out, `joined_cart_id` the one that this cart was merged into; both
    until what was bought has left it. Since `erased_at` nothing names the buyer any more.
    `discount_amount` and `tax_amount` are the sums of what the lines and shipping have of them; the tax is a
    part of the prices with `prices_include_tax`, else it is added to them. With a `pickup_store` the buyer
    comes for it: it is the store as it was then, and `shipping_address` is its address in the buyer's name.
    """

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint(one_of("status", tuple(MOVES)), name="status_known"),
        CheckConstraint(one_of("payment_status", PAYMENT_STATES), name="payment_status_known"),
        CheckConstraint(one_of("fulfillment_status", FULFILLMENT_STATES), name="fulfillment_status_known"),
        CheckConstraint(one_of("cancel_reason", CANCEL_REASONS), name="cancel_reason_known"),
        CheckConstraint("(status = 'cancelled') = (cancel_reason IS NOT NULL)", name="cancel_reason_given"),
        CheckConstraint("status IN ('pending', 'cancelled') OR paid_at IS NOT NULL", name="paid_at_given"),
        CheckConstraint(
            "total_amount = subtotal_amount - discount_amount + shipping_amount"
            " + CASE WHEN prices_include_tax THEN 0 ELSE tax_amount END",
            name="total_adds_up",
        ),
        CheckConstraint(
            "least(subtotal_amount, discount_amount, shipping_amount, tax_amount, total_amount) >= 0",
            name="amounts_not_negative",
        ),
        CheckConstraint(
            "shipping_discount_amount BETWEEN 0 AND shipping_amount", name="shipping_discount_possible"
        ),
        CheckConstraint(
            "shipping_tax_amount >= 0 AND shipping_tax_basis_points >= 0", name="shipping_tax_possible"
        ),
        CheckConstraint("(shipping_method = 'pickup') = (pickup_store IS NOT NULL)", name="store_given"),
        Index("uq_orders_pending_cart", "cart_id", unique=True, postgresql_where=text("status = 'pending'")),
        Index("ix_orders_cart_id", "cart_id"),
        Index(
            "ix_orders_joined_cart_id", "joined_cart_id", postgresql_where=text("joined_cart_id IS NOT NULL")
        ),
        Index(
            "ix_orders_guest_token_hash_placed_at_id",
            "guest_token_hash",
            "placed_at",
            "id",
            postgresql_where=text("guest_token_hash IS NOT NULL"),
        ),
        Index("ix_orders_hold_until", "hold_until", postgresql_where=text("status = 'pending'")),
        Index("ix_orders_user_id_placed_at_id", "user_id", "placed_at", "id"),
        Index("ix_orders_lower_email_id", func.lower(text("email")), "id"),
        Index("ix_orders_status_id", "status", "id"),
        Index("ix_orders_payment_status_id", "payment_status", "id"),
        Index("ix_orders_names", text(_NAMES), postgresql_using="gin"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    guest_token_hash: Mapped[str | None]
    email: Mapped[str]
    locale: Mapped[str]
    cart_id: Mapped[UUID | None] = mapped_column(ForeignKey("carts.id", ondelete="SET NULL"))
    joined_cart_id: Mapped[UUID | None] = mapped_column(ForeignKey("carts.id", ondelete="SET NULL"))
    cart_fingerprint: Mapped[str]
    coupon_code: Mapped[str | None]

    currency: Mapped[Currency]
    subtotal_amount: Mapped[Amount]
    discount_amount: Mapped[Amount]
    shipping_amount: Mapped[Amount]
    tax_amount: Mapped[Amount]
    total_amount: Mapped[Amount]
    prices_include_tax: Mapped[bool] = mapped_column(server_default="false")
    shipping_discount_amount: Mapped[Amount] = mapped_column(server_default="0")
    shipping_tax_amount: Mapped[Amount] = mapped_column(server_default="0")
    shipping_tax_basis_points: Mapped[BasisPoints] = mapped_column(server_default="0")
    tax_number: Mapped[str | None]

    shipping_address: Mapped[Json]
    billing_address: Mapped[Json]
    shipping_method: Mapped[str]
    shipping_method_name: Mapped[str]
    shipping_estimate: Mapped[str]
    pickup_store: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    delivery_date: Mapped[date | None]
    gift_message: Mapped[str | None]
    parcels: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))

    status: Mapped[str] = mapped_column(server_default="pending")
    payment_status: Mapped[str] = mapped_column(server_default="unpaid")
    fulfillment_status: Mapped[str] = mapped_column(server_default="unfulfilled")
    cancel_reason: Mapped[str | None]
    hold_until: Mapped[datetime]
    expiry_requested_at: Mapped[datetime | None]
    cancel_requested_at: Mapped[datetime | None]
    cancel_requested_reason: Mapped[str | None]

    placed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    paid_at: Mapped[datetime | None]
    finalized_at: Mapped[datetime | None]
    shipped_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
    erased_at: Mapped[datetime | None]

    lines: Mapped[list["OrderLine"]] = relationship(
        lazy="raise", order_by="OrderLine.position", cascade="save-update, merge"
    )

    @property
    def totals(self) -> Json:
        """What the total is made of: each sum as money, and whether the tax is contained in the others."""
        names = ("subtotal", "discount", "shipping", "tax", "total")
        sums = {name: Money(getattr(self, f"{name}_amount"), self.currency) for name in names}
        return sums | {"tax_included": self.prices_include_tax}

    def charged(self, line: "OrderLine") -> int:
        """What the buyer pays for all units of a line of it, after its discount, with its tax."""
        added = 0 if self.prices_include_tax else line.tax_amount
        return line.line_total_amount - line.discount_amount + added

    @property
    def shipping_charged(self) -> int:
        """What the buyer pays for shipping, after its discount, with its tax."""
        added = 0 if self.prices_include_tax else self.shipping_tax_amount
        return self.shipping_amount - self.shipping_discount_amount + added

    @property
    def shipping(self) -> Json:
        """How it is sent, and for how much."""
        return {
            "method": self.shipping_method,
            "name": self.shipping_method_name,
            "cost": Money(self.shipping_amount, self.currency),
            "estimate": self.shipping_estimate,
        }


class OrderLine(Base):
    """One variant of an order, with the name and price it had; `image` is the key of the picture it had.

    `parcelled` units lie in parcels, packed or on their way or there; `withheld` ones are never sent: their
    money went back before they were. `returned` ones are to come back to the shop, or have.
    """

    __tablename__ = "order_lines"
    __table_args__ = (
        UniqueConstraint("order_id", "variant_id", name="uq_order_lines_order_id_variant_id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("line_total_amount = unit_price_amount * quantity", name="line_total_adds_up"),
        CheckConstraint("unit_price_amount >= 0", name="unit_price_not_negative"),
        CheckConstraint("discount_amount BETWEEN 0 AND line_total_amount", name="discount_possible"),
        CheckConstraint("tax_amount >= 0 AND tax_basis_points >= 0", name="tax_possible"),
        CheckConstraint(
            "least(parcelled, withheld) >= 0 AND parcelled + withheld <= quantity",
            name="no_more_sent_than_sold",
        ),
        CheckConstraint("returned BETWEEN 0 AND parcelled", name="no_more_returned_than_sent"),
        Index("ix_order_lines_seller_id_order_id", "seller_id", "order_id"),
        Index("ix_order_lines_sku_order_id", "sku", "order_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    position: Mapped[int]
    product_id: Mapped[UUID]
    variant_id: Mapped[UUID]
    seller_id: Mapped[UUID]
    sku: Mapped[str]
    name: Mapped[str]
    image: Mapped[str | None]
    quantity: Mapped[int]
    currency: Mapped[Currency]
    unit_price_amount: Mapped[Amount]
    line_total_amount: Mapped[Amount]
    discount_amount: Mapped[Amount] = mapped_column(server_default="0")
    tax_amount: Mapped[Amount] = mapped_column(server_default="0")
    tax_basis_points: Mapped[BasisPoints] = mapped_column(server_default="0")
    parcelled: Mapped[int] = mapped_column(server_default="0")
    withheld: Mapped[int] = mapped_column(server_default="0")
    returned: Mapped[int] = mapped_column(server_default="0")

    @property
    def unpacked(self) -> int:
        """Units that are still to be packed, as long as the order is not cancelled."""
        return self.quantity - self.parcelled - self.withheld

    @property
    def unit_price(self) -> Money:
        """The price of one unit."""
        return Money(self.unit_price_amount, self.currency)

    @property
    def line_total(self) -> Money:
        """The price of all its units."""
        return Money(self.line_total_amount, self.currency)

    @property
    def discount(self) -> Money:
        """What comes off that price."""
        return Money(self.discount_amount, self.currency)

    @property
    def tax(self) -> Money:
        """The tax on the rest: a part of it, or added, as the order says."""
        return Money(self.tax_amount, self.currency)
