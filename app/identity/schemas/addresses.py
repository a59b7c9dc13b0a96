"""The address book on the wire."""

from marshmallow import fields, validate

from app.identity.models import ADDRESS_TYPES
from app.platform.schemas import AddressSchema, StrictSchema


class AddressBodySchema(AddressSchema):
    """An address to keep. Of each type one is the default: the first, unless `is_default` says otherwise."""

    type = fields.String(required=True, validate=validate.OneOf(ADDRESS_TYPES))
    is_default = fields.Boolean(load_default=None, allow_none=False)


class AddressChangeSchema(AddressBodySchema):
    """What to change of an address; what is left out stays."""


class AddressEntrySchema(AddressBodySchema):
    """An address of the caller's book."""

    id = fields.UUID()
    is_default = fields.Boolean()


class AddressesQuery(StrictSchema):
    """Which addresses to list."""

    type = fields.String(load_default=None, validate=validate.OneOf(ADDRESS_TYPES))


class AddressesSchema(StrictSchema):
    """The caller's address book, all of it: the defaults first, then the newest."""

    items = fields.List(fields.Nested(AddressEntrySchema))
    next_cursor = fields.String(allow_none=True)
