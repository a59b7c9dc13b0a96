"""Accounts and logins on the wire."""

from typing import Any

from marshmallow import fields, validate

from app.identity.models import DECLINABLE_MAILS
from app.identity.services.passwords import LONGEST, SHORTEST
from app.platform.schemas import Line, StrictSchema, Text, storable

REFUSED = {
    "description": "Neither one of the 3,000 most common ones, like those named here, nor the email address",
    "not": {"enum": ["00000000", "11111111", "12345678", "password"]},
}


_SAID: dict[str, Any] = {"truthy": {True}, "falsy": {False}}
"""Consent is true or false, and no word that may mean it."""


class Password(fields.String):
    """Kept as typed: blanks at its ends are part of it."""

    def __init__(self, *, least: int, is_new: bool = False) -> None:
        super().__init__(
            required=True,
            load_only=True,
            validate=validate.Length(least, LONGEST),
            metadata={
                "format": "password",
                "example": "a green lamp on a long table",
                **(REFUSED if is_new else {}),
            },
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return storable(super()._deserialize(value, attr, data, **kwargs))


def _phone(**kwargs: Any) -> Text:
    return Text(most=32, allow_none=True, metadata={"example": "+44 20 7946 0958"}, **kwargs)


class RegisterSchema(StrictSchema):
    """A new account."""

    email = Text(most=254, required=True, metadata={"format": "email", "example": "buyer@example.com"})
    password = Password(least=SHORTEST, is_new=True)
    full_name = Line(required=True, metadata={"example": "Ada Lovelace"})
    phone = _phone(load_default=None)


class LoginSchema(StrictSchema):
    """Who is it?"""

    email = Text(most=254, required=True, metadata={"format": "email", "example": "buyer@example.com"})
    # Imported accounts may have shorter passwords than new ones.
    password = Password(least=1)


class RefreshSchema(StrictSchema):
    """The latest refresh token."""

    refresh_token = Text(most=2_000, required=True)


class UserSchema(StrictSchema):
    """An account, as its owner sees it."""

    id = fields.UUID()
    email = fields.String()
    full_name = fields.String()
    phone = fields.String(allow_none=True)
    role = fields.String()
    status = fields.String()
    locale = fields.String()
    cart_reminders = fields.Boolean()
    text_messages = fields.Boolean()
    declined_mails = fields.List(fields.String())
    email_verified_at = fields.DateTime(allow_none=True)
    last_login_at = fields.DateTime(allow_none=True)
    created_at = fields.DateTime()


class ProfileChangeSchema(StrictSchema):
    """What its owner may change of an account; what is left out stays."""

    full_name = Line()
    phone = _phone()
    locale = fields.String(
        validate=validate.Regexp(r"^[a-z]{2,3}(-[A-Z]{2})?\Z", error="Must be like en or de-AT."),
        metadata={"example": "de-AT"},
    )
    cart_reminders = fields.Boolean(
        **_SAID, metadata={"description": "Whether one mail may remind them of a cart that they left"}
    )
    text_messages = fields.Boolean(
        **_SAID,
        metadata={"description": "Whether text messages may tell them of their orders, by their phone"},
    )
    declined_mails = fields.List(
        fields.String(validate=validate.OneOf(DECLINABLE_MAILS)),
        validate=validate.Length(max=len(DECLINABLE_MAILS)),
        metadata={"description": "The kinds of mails that they want no more", "example": ["low_stock"]},
    )


class TokensSchema(StrictSchema):
    """A bearer token for requests, and the one to exchange for the next pair."""

    access_token = fields.String()
    refresh_token = fields.String()
    expires_in = fields.Integer(metadata={"description": "Seconds until the access token expires"})


class SignedInSchema(TokensSchema):
    """An account and its tokens."""

    user = fields.Nested(UserSchema)
