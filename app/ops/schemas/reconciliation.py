"""Comparisons with Stripe's books on the wire."""

from marshmallow import fields, validate

from app.platform.schemas import MoneySchema, PageQuery, StrictSchema
from app.settlement.states import ACTIONS, BOOKS, FINDINGS, RUN_KINDS, RUN_STATES


class RunSchema(StrictSchema):
    """One comparison: how far back, how many of Stripe's objects, and how many findings of each kind."""

    id = fields.UUID()
    kind = fields.String(validate=validate.OneOf(RUN_KINDS))
    state = fields.String(validate=validate.OneOf(RUN_STATES))
    since = fields.DateTime()
    compared = fields.Integer()
    healed = fields.Integer()
    disagreeing = fields.Integer()
    orphaned = fields.Integer()
    interrupted_by = fields.String(allow_none=True, metadata={"example": "RateLimitError"})
    started_at = fields.DateTime()
    finished_at = fields.DateTime(allow_none=True)


class RunsSchema(StrictSchema):
    """A page of comparisons, newest first."""

    items = fields.List(fields.Nested(RunSchema))
    next_cursor = fields.String(allow_none=True)


class FindingSchema(StrictSchema):
    """One object of Stripe's that did not fit our books, and what was done about it.

    `amount` is what it has taken, or gives back. What could not be healed stands under the run that saw it
    first; `last_seen_at` says when it was there last.
    """

    id = fields.UUID()
    kind = fields.String(validate=validate.OneOf(FINDINGS))
    book = fields.String(validate=validate.OneOf(BOOKS))
    object_id = fields.String(metadata={"example": "pi_3kanxZ70Jn2UV30HYE4kI6Zn"})
    payment_id = fields.UUID(allow_none=True)
    order_id = fields.UUID(allow_none=True)
    ours = fields.String(metadata={"example": "open, 0 of 2699 USD"})
    theirs = fields.String(metadata={"example": "succeeded, 2699 of 2699 USD"})
    action = fields.String(validate=validate.OneOf(ACTIONS))
    amount = fields.Nested(MoneySchema, attribute="money", allow_none=True)
    found_at = fields.DateTime()
    last_seen_at = fields.DateTime()


class ReportSchema(StrictSchema):
    """A comparison with a page of what it found, in its order."""

    run = fields.Nested(RunSchema)
    items = fields.List(fields.Nested(FindingSchema))
    next_cursor = fields.String(allow_none=True)


class FindingsQuery(PageQuery):
    """Which findings, and from where on."""

    kind = fields.String(load_default=None, validate=validate.OneOf(FINDINGS))
