"""Passwords and addresses: changed by whoever proves to be the owner."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from app.identity import services, workflows
from app.identity.auth import caller, public, requires
from app.identity.errors import EmailTaken, LinkNotValid, StepUpNeeded, TooManyLogins, WrongPassword
from app.identity.routes.account import origin
from app.identity.schemas.proofs import (
    EmailSchema,
    PasswordChangeSchema,
    PasswordResetSchema,
    StepUpSchema,
    TokenSchema,
)
from app.identity.services import links, proofs
from app.platform.db import transaction
from app.platform.openapi.notation import problems
from app.platform.rate_limits.guarding import limited_as
from app.platform.rate_limits.policy import ENTRY
from app.platform.settings import settings

blueprint = Blueprint(
    "Password and email",
    __name__,
    url_prefix="/v1",
    description="A new password, and proving or changing the address, by the links of mails.",
)


@blueprint.route("/auth/password-reset", methods=["POST"])
@public
@limited_as(ENTRY)
@blueprint.arguments(EmailSchema)
@blueprint.response(202)
def request_password_reset(body: dict[str, Any]) -> Response:
    """Ask for a mail with which to choose a new password. Whether the address has an account is not said."""
    with transaction() as session:
        proofs.request_reset(session, email=body["email"], lifetime=settings().accounts.reset_lifetime)
    return Response(status=202)


@blueprint.route("/auth/password-reset/confirm", methods=["POST"])
@public
@limited_as(ENTRY)
@blueprint.arguments(PasswordResetSchema)
@blueprint.response(204)
@problems(LinkNotValid)
def reset_password(body: dict[str, Any]) -> None:
    """Choose a new password by the link of a mail, once. Every login of the account ends."""
    workflows.reset_password(**body, secrets=settings().jwt_keys)


@blueprint.route("/auth/verify-email", methods=["POST"])
@public
@limited_as(ENTRY)
@blueprint.arguments(TokenSchema)
@blueprint.response(204)
@problems(LinkNotValid, EmailTaken)
def verify_email(body: dict[str, Any]) -> None:
    """Prove an address by the link of a mail, once: the account's own, or the one that it is to have."""
    purposes = {links.VERIFICATION, links.CHANGE}
    with transaction() as session:
        link = links.check(session, body["token"], purposes=purposes, secrets=settings().jwt_keys)
        proofs.prove_email(session, link)


@blueprint.route("/auth/step-up", methods=["POST"])
@requires()
@limited_as(ENTRY)
@blueprint.arguments(StepUpSchema)
@blueprint.response(204)
@problems(WrongPassword, TooManyLogins)
def step_up(body: dict[str, Any]) -> None:
    """Give the password of this login once more, before what asks for a recent one."""
    who = caller()
    workflows.step_up(user_id=who.user_id, session_id=who.session_id, origin=origin(), **body)


@blueprint.route("/users/me/password", methods=["POST"])
@requires()
@limited_as(ENTRY)
@blueprint.arguments(PasswordChangeSchema)
@blueprint.response(204)
@problems(WrongPassword, TooManyLogins)
def change_password(body: dict[str, Any]) -> None:
    """Change the caller's password. Every other login of the account ends, and a mail tells the owner."""
    who = caller()
    workflows.change_password(user_id=who.user_id, session_id=who.session_id, origin=origin(), **body)


@blueprint.route("/users/me/email-verification", methods=["POST"])
@requires()
@blueprint.response(202)
def request_email_verification() -> Response:
    """Ask for another mail by which to prove the account's address; none comes when it is proved already."""
    lifetime = settings().accounts.verification_lifetime
    with transaction() as session:
        proofs.request_verification(session, caller().user_id, lifetime=lifetime)
    return Response(status=202)


@blueprint.route("/users/me/email", methods=["POST"])
@requires()
@blueprint.arguments(EmailSchema)
@blueprint.response(202)
@problems(StepUpNeeded)
def request_email_change(body: dict[str, Any]) -> Response:
    """Ask for a mail to a new address: the link in it makes the address the account's, and tells the old one.

    Whether the address has an account is not said. Needs a login, or a step-up, of the last ten minutes.
    """
    known, who = settings().accounts, caller()
    with transaction() as session:
        services.require_recent_password(session, who.user_id, who.session_id, within=known.step_up_lifetime)
        proofs.request_email_change(session, who.user_id, email=body["email"], lifetime=known.change_lifetime)
    return Response(status=202)
