"""Accounts on the wire, as those see them who run the shop."""

from typing import get_args

from marshmallow import fields, validate

from app.identity.models import Permission, Role
from app.identity.schemas.account import UserSchema
from app.platform.schemas import PageQuery, StrictSchema, Text

STATUSES = ("active", "suspended")


class UsersQuery(PageQuery):
    """Which accounts to list; all that is given has to fit."""

    q = Text(load_default=None, metadata={"description": "A part of the email address or of the name"})
    role = fields.String(load_default=None, validate=validate.OneOf(get_args(Role)))
    status = fields.String(load_default=None, validate=validate.OneOf((*STATUSES, "deleted")))


class ManagedUserSchema(UserSchema):
    """An account, with what it may do."""

    permissions = fields.List(
        fields.String(), allow_none=True, metadata={"description": "Of an admin; null is all of them"}
    )
    updated_at = fields.DateTime()


class ManagedUsersSchema(StrictSchema):
    """A page of accounts."""

    items = fields.List(fields.Nested(ManagedUserSchema))
    next_cursor = fields.String(allow_none=True)


class ManagedUserChangeSchema(StrictSchema):
    """What to change of somebody's account; what is left out stays."""

    role = fields.String(validate=validate.OneOf(get_args(Role)))
    permissions = fields.List(
        fields.String(validate=validate.OneOf(get_args(Permission))),
        allow_none=True,
        validate=validate.Length(1, len(get_args(Permission))),
        metadata={"description": "Only of an admin; null gives all", "example": ["orders", "refunds"]},
    )
    status = fields.String(
        validate=validate.OneOf(STATUSES), metadata={"description": "A suspended account is out at once"}
    )
