"""Work on the wire."""

from marshmallow import fields, validate

from app.events.repairs import LARGEST_BATCH
from app.events.subscriptions import QUEUES
from app.ops.queries.work import STATES
from app.platform.schemas import PageQuery, StrictSchema, Text, whole_number


class WorkQuery(PageQuery):
    """Which work to list; without a state what is dead, what failed before, what waits for too long."""

    state = fields.String(load_default=None, validate=validate.OneOf(STATES))
    queue = fields.String(load_default=None, validate=validate.OneOf(QUEUES))
    consumer = Text(load_default=None, metadata={"example": "settlement.process_event"})
    order = Text(load_default=None, metadata={"description": "An order's id or number"})


class WorkSchema(StrictSchema):
    """One delivery: work that is owed to a consumer because of an event, and what it belongs to."""

    id = fields.Integer()
    consumer = fields.String(metadata={"example": "settlement.process_event"})
    queue = fields.String()
    state = fields.String(validate=validate.OneOf(STATES))
    attempts = fields.Integer(metadata={"description": "How often a worker took it, kills included"})
    failures = fields.Integer(metadata={"description": "How often it failed with an error"})
    last_error = fields.String(allow_none=True)
    run_after = fields.DateTime(metadata={"description": "When it is, or was, due"})
    lease_until = fields.DateTime(allow_none=True, metadata={"description": "Until then a worker has it"})
    created_at = fields.DateTime()
    done_at = fields.DateTime(allow_none=True)
    dropped_at = fields.DateTime(allow_none=True)
    dropped_by = fields.String(allow_none=True)
    drop_reason = fields.String(allow_none=True)
    event_id = fields.UUID()
    topic = fields.String(metadata={"example": "payments.event_received"})
    request_id = fields.String(allow_none=True)
    order_id = fields.UUID(allow_none=True)
    order_number = fields.String(allow_none=True)
    payment_id = fields.UUID(allow_none=True)
    provider_event_id = fields.String(allow_none=True, metadata={"example": "evt_1"})
    message_id = fields.UUID(allow_none=True)


class WorkListSchema(StrictSchema):
    """A page of work, newest first."""

    items = fields.List(fields.Nested(WorkSchema))
    next_cursor = fields.String(allow_none=True)


class WorkEventSchema(StrictSchema):
    """The fact that the work follows from."""

    sequence = fields.Integer()
    subject = fields.String()
    payload = fields.Dict(keys=fields.String())
    actor = fields.String(allow_none=True)
    call = fields.String(allow_none=True, metadata={"example": "POST /v1/checkout"})
    occurred_at = fields.DateTime()


class AttemptSchema(StrictSchema):
    """One try of a worker. `no_answer`: it was killed, or lost the work to another."""

    attempt = fields.Integer()
    token = fields.Integer()
    worker = fields.String(metadata={"example": "shop-1:4711"})
    started_at = fields.DateTime()
    ended_at = fields.DateTime(allow_none=True)
    outcome = fields.String(metadata={"example": "failed"})
    error = fields.String(allow_none=True)


class InboxRowSchema(StrictSchema):
    """The provider's event that the work is about."""

    id = fields.String()
    type = fields.String()
    object_id = fields.String(allow_none=True)
    status = fields.String()
    received_at = fields.DateTime()
    processed_at = fields.DateTime(allow_none=True)


class LedgerRowSchema(StrictSchema):
    """The message that the work sends."""

    id = fields.UUID()
    kind = fields.String()
    channel = fields.String()
    status = fields.String()
    attempts = fields.Integer()
    started_at = fields.DateTime(allow_none=True)
    sent_at = fields.DateTime(allow_none=True)


class WorkDetailSchema(WorkSchema):
    """One delivery with all that is known of it."""

    event = fields.Nested(WorkEventSchema)
    tries = fields.List(fields.Nested(AttemptSchema))
    provider_event = fields.Nested(InboxRowSchema, allow_none=True)
    message = fields.Nested(LedgerRowSchema, allow_none=True)


class DropSchema(StrictSchema):
    """Why the work will not be done."""

    reason = Text(required=True, most=500, metadata={"example": "The buyer was refunded by hand"})


class RetryDeadSchema(StrictSchema):
    """Whose dead work to try again, and how much of it at most."""

    consumer = Text(required=True, metadata={"example": "notifications.order_paid"})
    limit = whole_number(1, LARGEST_BATCH, load_default=LARGEST_BATCH)


class WorkTriedAgainSchema(StrictSchema):
    """The deliveries that are tried again; as many as were asked for means that there may be more."""

    retried = fields.List(fields.Integer())
