"""Endpoints, messages and notices on the wire."""

import re
from typing import Any

from marshmallow import ValidationError, fields, validate

from app.platform.schemas import LARGEST_TOTAL, PageQuery, StrictSchema, Text, WebAddress, whole_number
from app.webhooks.services.kinds import FOREIGN, LONGEST_TYPE
from app.webhooks.states import DISABLED_REASONS, ENDPOINT_STATES, MESSAGE_STATES, REMOVED

MOST_TYPES = 50
LONGEST_OVERLAP_HOURS = 168
MOST_FACTS = 20
NAME = r"^[a-z][a-z0-9_]{0,63}$"
CODE = r"^[A-Za-z0-9][A-Za-z0-9_.:/+-]{0,63}$"
"""Ids, numbers, SKUs, moments and states: no words to people, and nobody's address."""


def _types(**kwargs: Any) -> "fields.List[Any]":
    return fields.List(
        fields.String(validate=validate.Length(1, LONGEST_TYPE)),
        validate=validate.Length(1, MOST_TYPES),
        metadata={"example": ["ORDER_PAID", "ORDER_SHIPPED"]},
        **kwargs,
    )


def _description() -> Text:
    return Text(load_default=None, allow_none=True, metadata={"example": "Our bookkeeping"})


class NewWebhookEndpointSchema(StrictSchema):
    """Where somebody listens, and to what."""

    url = WebAddress(required=True)
    types = _types(required=True)
    description = _description()


class WebhookEndpointChangeSchema(StrictSchema):
    """What to change; what is left out stays."""

    url = WebAddress()
    types = _types()
    description = Text(allow_none=True)
    enabled = fields.Boolean(truthy={True}, falsy={False})


class WebhookEndpointSchema(StrictSchema):
    """An endpoint, without its secret."""

    id = fields.UUID()
    url = fields.String()
    types = fields.List(fields.String())
    description = fields.String(allow_none=True)
    status = fields.String(validate=validate.OneOf([each for each in ENDPOINT_STATES if each != REMOVED]))
    disabled_reason = fields.String(allow_none=True, validate=validate.OneOf(DISABLED_REASONS))
    client_id = fields.UUID(allow_none=True, metadata={"description": "The third party whose key made it"})
    seller_id = fields.UUID(allow_none=True, metadata={"description": "It hears what is this seller's"})
    failing_since = fields.DateTime(allow_none=True, metadata={"description": "No call was taken since"})
    paused_until = fields.DateTime(allow_none=True, metadata={"description": "It is not called until then"})
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class WebhookEndpointsSchema(StrictSchema):
    """A page of endpoints."""

    items = fields.List(fields.Nested(WebhookEndpointSchema))
    next_cursor = fields.String(allow_none=True)


class NewWebhookSecretSchema(StrictSchema):
    """An endpoint and its new secret, which is never shown again."""

    endpoint = fields.Nested(WebhookEndpointSchema)
    secret = fields.String(metadata={"description": "Signs its messages", "example": "whsec_c2VjcmV0"})


class RotateSecretSchema(StrictSchema):
    """For how long the former secret signs, too."""

    may_be_absent = True

    overlap_hours = whole_number(0, LONGEST_OVERLAP_HOURS, load_default=24)


class WebhookMessageSchema(StrictSchema):
    """An event for an endpoint, and how far it came."""

    id = fields.UUID()
    event_id = fields.UUID(metadata={"description": "Its `webhook-id`, the same at every try"})
    type = fields.String()
    data = fields.Dict(keys=fields.String())
    occurred_at = fields.DateTime()
    status = fields.String(validate=validate.OneOf(MESSAGE_STATES))
    tries = fields.Integer(metadata={"description": "Calls since it was owed last"})
    next_try_at = fields.DateTime(metadata={"description": "Not before, as long as it waits"})
    ended_at = fields.DateTime(allow_none=True)


class WebhookMessagesSchema(StrictSchema):
    """A page of messages, newest first."""

    items = fields.List(fields.Nested(WebhookMessageSchema))
    next_cursor = fields.String(allow_none=True)


class WebhookMessagesQuery(PageQuery):
    """Which messages to list."""

    status = fields.String(load_default=None, validate=validate.OneOf(MESSAGE_STATES))


class WebhookAttemptSchema(StrictSchema):
    """One call of an endpoint."""

    started_at = fields.DateTime()
    milliseconds = fields.Integer(allow_none=True, metadata={"description": "None: under way, or cut off"})
    status_code = fields.Integer(allow_none=True)
    error = fields.String(allow_none=True)
    excerpt = fields.String(allow_none=True, metadata={"description": "How its answer began"})


class WebhookStorySchema(StrictSchema):
    """A message, and each call that was made for it."""

    message = fields.Nested(WebhookMessageSchema)
    attempts = fields.List(fields.Nested(WebhookAttemptSchema))


class _Fact(fields.Field[Any]):
    """A whole number, a flag, a short code, or nothing."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int) and abs(value) <= LARGEST_TOTAL:
            return value
        if isinstance(value, str) and re.fullmatch(CODE, value):
            return value
        raise ValidationError("Must be a whole number, true, false, null, or a code of up to 64 characters.")


class ServiceNoticeSchema(StrictSchema):
    """What a service tells: under an id of its own, by a type, with facts that fit into a table."""

    id = Text(required=True, metadata={"example": "shipment-4711"})
    type = fields.String(
        required=True,
        validate=[validate.Regexp(rf"^{FOREIGN.pattern}\Z"), validate.Length(1, LONGEST_TYPE)],
        metadata={"example": "WAREHOUSE_DELAYED"},
    )
    data = fields.Dict(
        keys=fields.String(validate=validate.Regexp(NAME)),
        values=_Fact(allow_none=True),
        load_default=dict,
        validate=validate.Length(max=MOST_FACTS),
        metadata={
            "example": {"order_number": "ORD-20261120-08YEW7", "days": 2},
            "additionalProperties": {
                "anyOf": [
                    {"type": "integer", "minimum": -LARGEST_TOTAL, "maximum": LARGEST_TOTAL},
                    {"type": "boolean"},
                    {"type": "null"},
                    {"type": "string", "pattern": CODE},
                ]
            },
        },
    )


class ReceivedNoticeSchema(StrictSchema):
    """What was taken."""

    id = fields.String(attribute="notice.reference")
    type = fields.String(attribute="notice.type")
    received_at = fields.DateTime(attribute="notice.created_at")
    is_new = fields.Boolean(metadata={"description": "Whether it was for the first time"})
