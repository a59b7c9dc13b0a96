"""API keys on the wire."""

from typing import get_args

from marshmallow import fields, validate

from app.identity.models import SELLER_SCOPES, Scope
from app.platform.schemas import StrictSchema, Text, whole_number

LONGEST_DAYS = 730
LONGEST_OVERLAP_HOURS = 720


def _lifetime() -> fields.Integer:
    about = {"description": "The key works for so long", "example": 365}
    return whole_number(1, LONGEST_DAYS, load_default=365, metadata=about)


class NewApiKeySchema(StrictSchema):
    """Whom to let in, to what."""

    name = Text(required=True, metadata={"example": "Till in the shop"})
    scopes = fields.List(
        fields.String(validate=validate.OneOf(get_args(Scope))),
        required=True,
        validate=validate.Length(1, len(get_args(Scope))),
        metadata={"example": ["stock:hold"]},
    )
    seller_id = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={"description": f"Only what is this seller's, by {', '.join(SELLER_SCOPES)}; all without"},
    )
    days = _lifetime()


class ReplaceApiKeySchema(StrictSchema):
    """How long both keys work, and how long the new one."""

    may_be_absent = True

    overlap_hours = whole_number(0, LONGEST_OVERLAP_HOURS, load_default=24)
    days = _lifetime()


class ApiKeySchema(StrictSchema):
    """An API key, without its secret."""

    id = fields.UUID()
    client_id = fields.UUID(metadata={"description": "The third party: the same for keys that replaced it"})
    name = fields.String()
    prefix = fields.String(metadata={"description": "How the key begins", "example": "bk_5f0c9a1be7d2"})
    scopes = fields.List(fields.String())
    seller_id = fields.UUID(allow_none=True)
    created_by = fields.UUID()
    created_at = fields.DateTime()
    expires_at = fields.DateTime()
    last_used_at = fields.DateTime(allow_none=True, metadata={"description": "To about ten minutes"})
    revoked_at = fields.DateTime(allow_none=True)


class NewKeySchema(StrictSchema):
    """A key that was just made. `key` is never shown again."""

    api_key = fields.Nested(ApiKeySchema, attribute="row")
    key = fields.String(attribute="text", metadata={"description": "Send it as `X-Api-Key`"})


class ApiKeysSchema(StrictSchema):
    """A page of API keys."""

    items = fields.List(fields.Nested(ApiKeySchema))
    next_cursor = fields.String(allow_none=True)
