"""The audit log on the wire."""

from marshmallow import fields

from app.platform.schemas import Moment, PageQuery, StrictSchema, Text


class AuditQuery(PageQuery):
    """Which entries to list; all that is given has to fit."""

    actor = Text(load_default=None, metadata={"example": "user:01890a5d-ac96-774b-bcce-b302099a8057"})
    call = Text(load_default=None, metadata={"example": "POST /v1/admin/orders/<uuid:order_id>/refunds"})
    thing = Text(load_default=None, metadata={"example": "orders"})
    thing_id = Text(load_default=None)
    request_id = Text(load_default=None)
    since = Moment(load_default=None)
    until = Moment(load_default=None, metadata={"description": "Not this moment itself"})


class AuditEntrySchema(StrictSchema):
    """One thing that an operator has added, changed or deleted."""

    id = fields.Integer()
    at = fields.DateTime()
    actor = fields.String(metadata={"description": "A user, or who called a command on the server"})
    call = fields.String(allow_none=True)
    request_id = fields.String(allow_none=True)
    act = fields.String(metadata={"example": "update"})
    thing = fields.String(metadata={"example": "orders"})
    thing_id = fields.String()
    before = fields.Dict(
        keys=fields.String(),
        allow_none=True,
        metadata={"description": "What has changed, as it was; secrets and personal data are `hidden`"},
    )
    after = fields.Dict(keys=fields.String(), allow_none=True)


class AuditLogSchema(StrictSchema):
    """A page of the audit log, newest first."""

    items = fields.List(fields.Nested(AuditEntrySchema))
    next_cursor = fields.String(allow_none=True)
