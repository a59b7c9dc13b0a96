"""Coupons on the wire."""

from marshmallow import fields, validate

from app.platform.schemas import (
    Moment,
    MoneySchema,
    PageQuery,
    StrictSchema,
    Text,
    currency_code,
    whole_number,
)
from app.pricing.states import COUPON_KINDS, COUPON_SCOPES, COUPON_USES, EVERYTHING

MOST_NAMED = 500
MOST_USES = 2**31 - 1


class CouponTermsSchema(StrictSchema):
    """What may be changed of a coupon; orders that have it keep it. Null is no end, or no limit."""

    note = Text(most=500, allow_none=True)
    active = fields.Boolean(metadata={"description": "Only such a coupon is known to buyers"})
    starts_at = Moment(allow_none=True)
    ends_at = Moment(allow_none=True)
    uses_limit = whole_number(1, MOST_USES, allow_none=True)
    customer_limit = whole_number(
        1, MOST_USES, allow_none=True, metadata={"description": "Uses of one user, or of one guest's address"}
    )


class NewCouponSchema(CouponTermsSchema):
    """A coupon: `percentage` wants `basis_points`, `amount` an amount, `free_shipping` neither.

    One that names an amount is good in its currency alone. The minimum is of what the coupon is for.
    """

    code = fields.String(
        required=True,
        validate=validate.Regexp(
            r"^[A-Za-z0-9][A-Za-z0-9_-]{2,39}\Z",
            error="Must be 3 to 40 letters, digits, - and _, the first a letter or digit.",
        ),
        metadata={"example": "SPRING-10"},
    )
    kind = fields.String(
        required=True, validate=validate.OneOf(COUPON_KINDS), metadata={"example": "percentage"}
    )
    basis_points = whole_number(
        *(1, 10_000),
        load_default=None,
        allow_none=True,
        metadata={"example": 1000, "description": "Hundredths of a percent: 1000 are 10 %"},
    )
    amount = fields.Nested(MoneySchema, load_default=None, allow_none=True, metadata={"example": None})
    minimum = fields.Nested(MoneySchema, load_default=None, allow_none=True)
    currency = currency_code(load_default=None, allow_none=True, metadata={"example": None})
    scope = fields.String(load_default=EVERYTHING, validate=validate.OneOf(COUPON_SCOPES))
    scope_ids = fields.List(
        fields.UUID(),
        load_default=list,
        validate=validate.Length(0, MOST_NAMED),
        metadata={"description": "Of categories (with those below), products or sellers, by the scope"},
    )


class CouponSchema(StrictSchema):
    """A coupon; uses are `reserved` by orders that wait for their money, and `used` by paid ones."""

    id = fields.UUID()
    code = fields.String(metadata={"example": "SPRING-10"})
    note = fields.String(allow_none=True)
    active = fields.Boolean()
    kind = fields.String()
    basis_points = fields.Integer(allow_none=True)
    amount = fields.Nested(MoneySchema, allow_none=True, attribute="value")
    minimum = fields.Nested(MoneySchema, allow_none=True)
    currency = fields.String(allow_none=True)
    scope = fields.String()
    scope_ids = fields.List(fields.UUID())
    starts_at = fields.DateTime(allow_none=True)
    ends_at = fields.DateTime(allow_none=True)
    uses_limit = fields.Integer(allow_none=True)
    customer_limit = fields.Integer(allow_none=True)
    reserved = fields.Integer()
    used = fields.Integer()
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class CouponsSchema(StrictSchema):
    """A page of coupons."""

    items = fields.List(fields.Nested(CouponSchema))
    next_cursor = fields.String(allow_none=True)


class CouponsQuery(PageQuery):
    """Which coupons to list."""

    code = Text(most=40, load_default=None)


class CouponUseSchema(StrictSchema):
    """A use of a coupon by an order; `customer` is by what the limit per customer counts."""

    id = fields.UUID()
    order_id = fields.UUID()
    customer = fields.String(allow_none=True)
    status = fields.String()
    discount = fields.Nested(MoneySchema)
    reserved_at = fields.DateTime()
    closed_at = fields.DateTime(allow_none=True)


class CouponUsesSchema(StrictSchema):
    """A page of uses."""

    items = fields.List(fields.Nested(CouponUseSchema))
    next_cursor = fields.String(allow_none=True)


class CouponUsesQuery(PageQuery):
    """Which uses to list."""

    status = fields.String(load_default=None, validate=validate.OneOf(COUPON_USES))
