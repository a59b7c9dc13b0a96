"""What can go wrong with accounts and logins."""

from typing import Self

from app.platform.errors import Conflict, NotAuthenticated, NotFound, NotPermitted, TooManyRequests


class EmailTaken(Conflict):
    """Somebody has an account with this address."""

    code = "email-taken"
    title = "Email taken"


class LoginFailed(NotAuthenticated):
    """Unknown address, wrong password or suspended account: the answer does not say which."""

    code = "login-failed"
    title = "Login failed"


class SessionEnded(NotAuthenticated):
    """The refresh token is used up, expired or revoked."""

    code = "session-ended"
    title = "Session ended"


class AddressBookFull(Conflict):
    """The address book has as many entries as it takes."""

    code = "address-book-full"
    title = "Address book full"


class RefreshSuperseded(Conflict):
    """Another call has just exchanged this refresh token; the login goes on with what that was answered."""

    code = "refresh-superseded"
    title = "Refresh superseded"


class ApiKeyEnded(Conflict):
    """The key is revoked or expired, so that no other can take its place."""

    code = "api-key-ended"
    title = "API key ended"


class TooManyLogins(TooManyRequests):
    """Too many wrong passwords for this account or from this address; now even the right one has to wait."""

    code = "too-many-logins"
    title = "Too many logins"


class LinkNotValid(NotFound):
    """The token of a mail's link was used, has expired, or is none; which, is not said."""

    code = "link-not-valid"
    title = "Link not valid"

    @classmethod
    def now(cls) -> Self:
        """As it is told to whoever brings the token."""
        return cls("This link was used, has expired or is incomplete. Ask for another mail.")


class WrongPassword(NotPermitted):
    """The password that was to prove who is asking is not the account's."""

    code = "wrong-password"
    title = "Wrong password"


class StepUpNeeded(NotPermitted):
    """The login is in order, but its password was given too long ago for something this grave."""

    code = "step-up-needed"
    title = "Step-up needed"


class AccountInUse(Conflict):
    """The shop depends on the account: sellers and admins are not deleted while they are that."""

    code = "account-in-use"
    title = "Account in use"


class MaySellAlready(Conflict):
    """The account is a seller's or an admin's: there is nothing to apply for."""

    code = "may-sell-already"
    title = "May sell already"


class ApplicationPending(Conflict):
    """An application of this user waits for its decision."""

    code = "application-pending"
    title = "Application pending"


class ApplicationDecided(Conflict):
    """Somebody has decided otherwise before; `application_status` is what was decided."""

    code = "application-decided"
    title = "Application decided"
