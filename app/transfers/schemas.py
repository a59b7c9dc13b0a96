"""Imports and exports on the wire."""

from datetime import datetime
from uuid import UUID

from marshmallow import fields, validate

from app.platform.schemas import StrictSchema
from app.platform.uploads import FileStream
from app.transfers.states import CSV, EXPORT_STATES, FORMATS, IMPORT_STATES

CURSOR = (datetime.fromisoformat, UUID)


class ImportBody(StrictSchema):
    """A file of rows, CSV or JSON lines. A dry run judges them, and changes nothing."""

    file = FileStream(required=True)
    dry_run = fields.Boolean(load_default=False)


class CountsSchema(StrictSchema):
    """What became of the rows that were read: each is one of the other four."""

    read = fields.Integer()
    created = fields.Integer()
    changed = fields.Integer()
    unchanged = fields.Integer()
    refused = fields.Integer()


class ImportSchema(StrictSchema):
    """How far an import is: `bytes_read` of `byte_size`. `problem` says why one has `failed`."""

    id = fields.UUID()
    status = fields.String(validate=validate.OneOf(IMPORT_STATES[1:]))
    format = fields.String(validate=validate.OneOf(FORMATS))
    dry_run = fields.Boolean()
    byte_size = fields.Integer()
    bytes_read = fields.Integer()
    rows = fields.Nested(CountsSchema)
    problem = fields.String(allow_none=True)
    created_at = fields.DateTime()
    started_at = fields.DateTime(allow_none=True)
    finished_at = fields.DateTime(allow_none=True)


class ImportsSchema(StrictSchema):
    """A page of imports, newest first."""

    items = fields.List(fields.Nested(ImportSchema))
    next_cursor = fields.String(allow_none=True)


class ExportBody(StrictSchema):
    """What kind of file to write; CSV unless it says so."""

    may_be_absent = True

    format = fields.String(load_default=CSV, validate=validate.OneOf(FORMATS), metadata={"example": CSV})


class ExportSchema(StrictSchema):
    """How far an export is; its file can be fetched when it is `done`."""

    id = fields.UUID()
    status = fields.String(validate=validate.OneOf(EXPORT_STATES))
    format = fields.String(validate=validate.OneOf(FORMATS))
    rows_written = fields.Integer()
    byte_size = fields.Integer()
    created_at = fields.DateTime()
    finished_at = fields.DateTime(allow_none=True)


class ExportsSchema(StrictSchema):
    """A page of exports, newest first."""

    items = fields.List(fields.Nested(ExportSchema))
    next_cursor = fields.String(allow_none=True)


class OrderExportBody(StrictSchema):
    """Which orders to write: those that fit, else all."""

    may_be_absent = True

    criteria = fields.Nested("OrderCriteriaSchema", load_default=dict)


class OrderExportSchema(StrictSchema):
    """How far an export of orders is; its file can be fetched when it is `done`."""

    id = fields.UUID()
    status = fields.String(validate=validate.OneOf(EXPORT_STATES))
    criteria = fields.Dict()
    rows_written = fields.Integer()
    byte_size = fields.Integer()
    created_at = fields.DateTime()
    finished_at = fields.DateTime(allow_none=True)


class OrderExportsSchema(StrictSchema):
    """A page of exports of orders, newest first."""

    items = fields.List(fields.Nested(OrderExportSchema))
    next_cursor = fields.String(allow_none=True)
