"""Tickets on the wire."""

from marshmallow import fields

from app.platform.schemas import StrictSchema, Text


class NewTicketSchema(StrictSchema):
    """What to be told of: one order, or all that are the caller's; for operators, everybody's."""

    may_be_absent = True
    order = Text(
        most=64,
        load_default=None,
        allow_none=True,
        metadata={"description": "The id or the number of one order"},
    )


class TicketSchema(StrictSchema):
    """A ticket, and where to go with it. What happens from now on is told there, behind `last_event_id`."""

    ticket = fields.String()
    url = fields.String(metadata={"description": "For an EventSource: it has the ticket in it"})
    websocket_url = fields.String(metadata={"description": "The same news over a WebSocket"})
    last_event_id = fields.String(metadata={"example": "81234-0"})
    expires_at = fields.DateTime(metadata={"description": "The stream ends then; open the next with another"})
