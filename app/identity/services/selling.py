"""Becoming a seller: a user applies, an admin decides."""

from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.events.services import publish
from app.identity.errors import ApplicationDecided, ApplicationPending, MaySellAlready
from app.identity.events import SellerApplied, SellerDecided
from app.identity.models import SellerApplication
from app.identity.queries import application, name_scope
from app.identity.services.standing import change_role, lock_user
from app.platform.cache.changes import changed
from app.platform.ids import new_id


def apply(session: Session, user_id: UUID, *, shop_name: str, text: str) -> SellerApplication:
    """Note that a user wants to sell. Locks the account.

    Raises ApplicationPending while another waits, and MaySellAlready for sellers and admins.
    """
    if lock_user(session, user_id).role != "customer":
        raise MaySellAlready("You may sell already.")
    row = insert(SellerApplication).values(id=new_id(), user_id=user_id, shop_name=shop_name, text=text)
    added = row.on_conflict_do_nothing().returning(SellerApplication)
    made = session.scalars(added).one_or_none()
    if made is None:
        raise ApplicationPending("You have applied, and nobody has decided yet.")
    publish(session, SellerApplied(application_id=made.id, user_id=user_id))
    return made


def approve(session: Session, application_id: UUID) -> SellerApplication:
    """Make a customer who has applied a seller, by the name of their shop. Repeating changes nothing.

    Who has become a seller or an admin meanwhile keeps that role. Locks the account, then the application.
    Raises NotFound, and ApplicationDecided when it was rejected.
    """
    found = _lock(session, application_id)
    if found.status == "pending":
        user = lock_user(session, found.user_id)
        user.shop_name = found.shop_name
        changed(session, name_scope(user.id))
        if user.role == "customer":
            change_role(session, user.id, role="seller")
        _decide(session, found, "approved")
    return _decided(found, "approved")


def reject(session: Session, application_id: UUID, *, reason: str) -> SellerApplication:
    """Leave the user what they are, who is told the reason. Repeating changes nothing.

    Locks the account, then the application. Raises NotFound, and ApplicationDecided when it was approved.
    """
    found = _lock(session, application_id)
    if found.status == "pending":
        _decide(session, found, "rejected", reason)
    return _decided(found, "rejected")


def _lock(session: Session, application_id: UUID) -> SellerApplication:
    """Who applies or deletes the account holds the account first, too."""
    lock_user(session, application(session, application_id).user_id)
    return application(session, application_id, lock=True)


def _decide(session: Session, found: SellerApplication, status: str, reason: str | None = None) -> None:
    found.status, found.reject_reason, found.decided_at = status, reason, func.now()
    session.flush()
    session.refresh(found)
    approved = status == "approved"
    publish(session, SellerDecided(application_id=found.id, user_id=found.user_id, approved=approved))


def _decided(found: SellerApplication, status: str) -> SellerApplication:
    if found.status != status:
        raise ApplicationDecided(f"It is {found.status} already.", application_status=found.status)
    return found
