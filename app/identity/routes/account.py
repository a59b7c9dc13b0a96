"""Accounts and logins, for their owners."""

from typing import Any

from flask import request
from flask_smorest import Blueprint

from app.identity import queries, services, workflows
from app.identity.auth import (
    HELD_TOKEN,
    caller,
    guest_token_hash,
    public,
    read_refresh_token,
    requires,
    tokens,
)
from app.identity.errors import (
    AccountInUse,
    EmailTaken,
    LoginFailed,
    RefreshSuperseded,
    SessionEnded,
    StepUpNeeded,
    TooManyLogins,
)
from app.identity.models import User
from app.identity.schemas.account import (
    LoginSchema,
    ProfileChangeSchema,
    RefreshSchema,
    RegisterSchema,
    SignedInSchema,
    TokensSchema,
    UserSchema,
)
from app.identity.services import OpenSession, erasing
from app.identity.services.guessing import Origin
from app.platform.db import transaction
from app.platform.locales import best_of
from app.platform.openapi.headers import WANTED_LANGUAGE
from app.platform.openapi.notation import problems
from app.platform.rate_limits.guarding import caller_address, limited_as
from app.platform.rate_limits.policy import ENTRY
from app.platform.settings import settings

blueprint = Blueprint(
    "Account",
    __name__,
    url_prefix="/v1",
    description="Registering, logging in and out, and who one is.",
)


@blueprint.route("/auth/register", methods=["POST"], parameters=[HELD_TOKEN, WANTED_LANGUAGE])
@public
@limited_as(ENTRY)
@blueprint.arguments(RegisterSchema)
@blueprint.response(201, SignedInSchema)
@problems(EmailTaken)
def register(body: dict[str, Any]) -> dict[str, Any]:
    """Open an account, and be logged in. Cart and orders of an `X-Cart-Token` become the account's.

    A mail asks the owner to prove the address. Its language is the account's from then on.
    """
    known = settings()
    login = workflows.register(
        **body,
        lifetime=known.refresh_token_lifetime,
        verification_lifetime=known.accounts.verification_lifetime,
        origin=origin(),
        locale=best_of(request.accept_languages),
        guest=guest_token_hash(),
    )
    return _signed_in(login)


@blueprint.route("/auth/login", methods=["POST"], parameters=[HELD_TOKEN])
@public
@limited_as(ENTRY)
@blueprint.arguments(LoginSchema)
@blueprint.response(200, SignedInSchema)
@problems(LoginFailed, TooManyLogins)
def log_in(body: dict[str, Any]) -> dict[str, Any]:
    """Log in. Cart and orders of an `X-Cart-Token` become the account's."""
    lifetime = settings().refresh_token_lifetime
    return _signed_in(workflows.log_in(**body, lifetime=lifetime, origin=origin(), guest=guest_token_hash()))


@blueprint.route("/auth/refresh", methods=["POST"])
@public
@limited_as(ENTRY)
@blueprint.arguments(RefreshSchema)
@blueprint.response(200, TokensSchema)
@problems(SessionEnded, RefreshSuperseded)
def refresh_tokens(body: dict[str, Any]) -> dict[str, Any]:
    """Exchange a refresh token for new tokens. Each works once.

    Of two calls with one token within ten seconds, the second is told so by 409 and the login goes on. An
    older token has been copied: it ends the login for all who hold tokens of it, and its owner gets a mail.
    However often it is refreshed, a login ends after 90 days.
    """
    session_id, refresh_jti = read_refresh_token(body["refresh_token"])
    with transaction() as session:
        renewed = services.renew(
            session,
            session_id=session_id,
            refresh_jti=refresh_jti,
            lifetime=settings().refresh_token_lifetime,
            longest=settings().accounts.longest_login,
        )
    # Not inside: a refusal may have ended the family, and that has to be committed.
    if renewed is None:
        raise SessionEnded("This login has ended. Log in again.")
    return _tokens(renewed)


@blueprint.route("/auth/logout", methods=["POST"])
@requires()
@blueprint.response(204)
def log_out() -> None:
    """End this login."""
    with transaction() as session:
        services.revoke(session, caller().session_id)


@blueprint.route("/auth/logout-all", methods=["POST"])
@requires()
@blueprint.response(204)
def log_out_everywhere() -> None:
    """End every login of this account."""
    with transaction() as session:
        services.log_out_everywhere(session, caller().user_id)


@blueprint.route("/users/me", methods=["GET"])
@requires()
@blueprint.response(200, UserSchema)
def get_profile() -> User:
    """The caller's account."""
    with transaction() as session:
        return queries.profile(session, caller().user_id)


@blueprint.route("/users/me", methods=["PATCH"])
@requires()
@blueprint.arguments(ProfileChangeSchema)
@blueprint.response(200, UserSchema)
def change_profile(body: dict[str, Any]) -> User:
    """Change the caller's name, phone or language, or which reminders, texts and mails they want."""
    with transaction() as session:
        return services.change_profile(session, caller().user_id, body)


@blueprint.route("/users/me", methods=["DELETE"])
@requires()
@blueprint.response(204)
@problems(StepUpNeeded, AccountInUse)
def delete_account() -> None:
    """Delete the caller's account for good: nothing is kept that names the person, but in orders under way.

    Those forget their buyer 30 days after they have ended. Needs a login, or a step-up, of the last ten
    minutes.
    """
    known, who = settings().accounts, caller()
    with transaction() as session:
        services.require_recent_password(session, who.user_id, who.session_id, within=known.step_up_lifetime)
        erasing.delete_account(session, who.user_id)


def origin() -> Origin:
    """From where the caller tries a password."""
    known = settings()
    return Origin(address=caller_address(), key=known.jwt_secret_key, limits=known.login_limits)


def _signed_in(login: OpenSession) -> dict[str, Any]:
    return {"user": login.user, **_tokens(login)}


def _tokens(login: OpenSession) -> dict[str, Any]:
    made = tokens(login.user, session_id=login.session_id, refresh_jti=login.refresh_jti)
    return {**made, "expires_in": int(settings().access_token_lifetime.total_seconds())}
