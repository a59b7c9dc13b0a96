"""Coupons, and who has used them; uses are counted like stock, and the database keeps the counts sane."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.db import Amount, Base, Currency, one_of
from app.platform.ids import new_id
from app.platform.money import Money
from app.pricing.states import COUPON_KINDS, COUPON_SCOPES, COUPON_USES

CODE = "^[A-Z0-9][A-Z0-9_-]{2,39}$"


class Coupon(Base):
    """A code that makes a purchase cheaper; what it gives, and for what, never changes.

    `amount` and `minimum_amount` are minor units of `currency`; without a currency it is good in all. Of the
    uses that `uses_limit` allows, `reserved` belong to orders that wait for their money, `used` to paid ones.
    `scope_ids` are of the categories, products or sellers that it is limited to.
    """

    __tablename__ = "coupons"
    __table_args__ = (
        CheckConstraint(f"code ~ '{CODE}'", name="code_normal"),
        CheckConstraint(one_of("kind", COUPON_KINDS), name="kind_known"),
        CheckConstraint(one_of("scope", COUPON_SCOPES), name="scope_known"),
        CheckConstraint("(scope = 'all') = (cardinality(scope_ids) = 0)", name="scope_ids_given"),
        CheckConstraint("(kind = 'percentage') = (basis_points IS NOT NULL)", name="basis_points_given"),
        CheckConstraint("(kind = 'amount') = (amount IS NOT NULL)", name="amount_given"),
        CheckConstraint("basis_points BETWEEN 1 AND 10000", name="basis_points_known"),
        CheckConstraint("amount > 0 AND minimum_amount >= 0", name="amounts_not_negative"),
        CheckConstraint(
            "currency IS NOT NULL OR num_nonnulls(amount, minimum_amount) = 0", name="currency_given"
        ),
        CheckConstraint("starts_at < ends_at", name="window_in_order"),
        CheckConstraint("least(uses_limit, customer_limit) > 0", name="limits_positive"),
        CheckConstraint("least(reserved, used) >= 0 AND reserved + used <= uses_limit", name="uses_limited"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(unique=True)
    note: Mapped[str | None]
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    kind: Mapped[str]
    basis_points: Mapped[int | None]
    amount: Mapped[Amount | None]
    currency: Mapped[Currency | None]
    minimum_amount: Mapped[Amount | None]
    scope: Mapped[str]
    scope_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    uses_limit: Mapped[int | None]
    customer_limit: Mapped[int | None]
    reserved: Mapped[int] = mapped_column(server_default="0")
    used: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())

    @property
    def value(self) -> Money | None:
        """What one of a fixed amount takes off."""
        return self._money(self.amount)

    @property
    def minimum(self) -> Money | None:
        """How much has to be bought of what it is for."""
        return self._money(self.minimum_amount)

    def _money(self, amount: int | None) -> Money | None:
        return None if amount is None or self.currency is None else Money(amount, self.currency)


class CouponCustomer(Base):
    """How many uses of a coupon one customer has, counted as on the coupon.

    `allowed` is the limit that was checked when the last one began. Whoever changes a row has the lock of its
    coupon.
    """

    __tablename__ = "coupon_customers"
    __table_args__ = (
        CheckConstraint("least(reserved, used) >= 0 AND reserved + used <= allowed", name="uses_limited"),
    )

    coupon_id: Mapped[UUID] = mapped_column(ForeignKey("coupons.id"), primary_key=True)
    customer: Mapped[str] = mapped_column(primary_key=True)
    allowed: Mapped[int | None]
    reserved: Mapped[int] = mapped_column(server_default="0")
    used: Mapped[int] = mapped_column(server_default="0")


class CouponUse(Base):
    """The one coupon of an order, and what it took off; `cart_id` is the cart that was checked out.

    If that was merged into another while the order waited for its money, it is the other. Once what was
    ordered has left it, while the order still waits, it is the order's own id, which no cart has.

    `customer` is who uses it: a user by id, a guest by a hash of their address. It is empty once the order
    has forgotten its buyer.
    """

    __tablename__ = "coupon_uses"
    __table_args__ = (
        UniqueConstraint("order_id", name="uq_coupon_uses_order_id"),
        CheckConstraint(one_of("status", COUPON_USES), name="status_known"),
        CheckConstraint("(status = 'reserved') = (closed_at IS NULL)", name="closed_at_given"),
        CheckConstraint("discount_amount >= 0", name="discount_not_negative"),
        Index("ix_coupon_uses_coupon_id_id", "coupon_id", "id"),
        Index("ix_coupon_uses_cart_id", "cart_id", postgresql_where=text("status = 'reserved'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    coupon_id: Mapped[UUID] = mapped_column(ForeignKey("coupons.id"))
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    cart_id: Mapped[UUID]
    customer: Mapped[str | None]
    status: Mapped[str] = mapped_column(server_default="reserved")
    discount_amount: Mapped[Amount]
    currency: Mapped[Currency]
    reserved_at: Mapped[datetime] = mapped_column(server_default=func.now())
    closed_at: Mapped[datetime | None]

    @property
    def discount(self) -> Money:
        """What it took off, shipping included."""
        return Money(self.discount_amount, self.currency)
