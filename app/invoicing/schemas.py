"""Documents on the wire."""

from marshmallow import fields, validate

from app.invoicing.states import KINDS
from app.platform.schemas import MoneySchema, PageQuery, StrictSchema, WholeListSchema


class DocumentSchema(StrictSchema):
    """An invoice or a credit note."""

    id = fields.UUID()
    kind = fields.String(validate=validate.OneOf(KINDS))
    number = fields.String(metadata={"example": "INV-2026-000001"})
    order_id = fields.UUID()
    refund_id = fields.UUID(allow_none=True)
    total = fields.Nested(MoneySchema)
    tax = fields.Nested(MoneySchema)
    issued_at = fields.DateTime()
    is_ready = fields.Boolean(metadata={"description": "Whether its file can be read"})


class DocumentsOfOrderSchema(WholeListSchema):
    """The invoice of an order, then its credit notes in the order in which they were issued."""

    items = fields.List(fields.Nested(DocumentSchema))


class DocumentsSchema(StrictSchema):
    """A page of documents, newest first."""

    items = fields.List(fields.Nested(DocumentSchema))
    next_cursor = fields.String(allow_none=True)


class DocumentsQuery(PageQuery):
    """Which documents to list."""

    kind = fields.String(load_default=None, validate=validate.OneOf(KINDS))
    year = fields.Integer(load_default=None, validate=validate.Range(2000, 9999))
