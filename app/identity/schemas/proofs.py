"""Links of mails, and passwords that prove who is asking, on the wire."""

from app.identity.schemas.account import Password
from app.identity.services.passwords import SHORTEST
from app.platform.schemas import StrictSchema, Text


def _email() -> Text:
    return Text(most=254, required=True, metadata={"format": "email", "example": "buyer@example.com"})


def _token() -> Text:
    return Text(
        most=120, required=True, metadata={"description": "What the link in the mail has after `token=`"}
    )


class EmailSchema(StrictSchema):
    """Where to write."""

    email = _email()


class TokenSchema(StrictSchema):
    """What the link in a mail carries."""

    token = _token()


class PasswordResetSchema(StrictSchema):
    """A new password, by the link of a mail."""

    token = _token()
    password = Password(least=SHORTEST, is_new=True)


class PasswordChangeSchema(StrictSchema):
    """A new password, by the present one."""

    current_password = Password(least=1)
    password = Password(least=SHORTEST, is_new=True)


class StepUpSchema(StrictSchema):
    """The password of the account that is logged in."""

    password = Password(least=1)
