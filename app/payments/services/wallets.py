"""A user's saved payment methods, for their owner: begin to save one, see, choose, use and remove them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.events.services import publish
from app.identity.services import lock_owner
from app.payments.errors import PaymentMethodsFull
from app.payments.events import MethodRemoved
from app.payments.gateway.protocol import INTENT, CustomerRequest
from app.payments.models import ProviderCustomer, SavedMethod
from app.payments.services.asking import Gaps
from app.payments.services.parameters import SavedWay
from app.platform.db import locked
from app.platform.errors import Invalid, NotFound
from app.platform.ids import new_id
from app.platform.party import Party

MOST_METHODS = 20


def expect_method(session: Session, user_id: UUID, gaps: Gaps) -> ProviderCustomer:
    """The user's customer at the provider, made if need be, with a method on its way that is looked out for.

    Locks the account. Raises PaymentMethodsFull, and NotAuthenticated when the account is closed meanwhile.
    """
    lock_owner(session, user_id)
    if len(saved(session, user_id)) >= MOST_METHODS:
        raise PaymentMethodsFull(f"You have {MOST_METHODS} saved payment methods. Remove one first.")
    row = insert(ProviderCustomer).values(id=new_id(), user_id=user_id, ask_after=func.now() + gaps.first)
    # One statement: the row may be deleted at any moment, when the provider says that the customer is gone.
    expecting = row.on_conflict_do_update(
        index_elements=["user_id"], set_={"asks": 0, "ask_after": row.excluded.ask_after}
    )
    return session.scalars(expecting.returning(ProviderCustomer)).one()


def request_for(customer: ProviderCustomer) -> CustomerRequest:
    """The call that makes a customer: it tells our ids, and nothing about the person."""
    metadata = {"user_id": str(customer.user_id), "customer_id": str(customer.id)}
    return CustomerRequest(f"customer:{customer.id}", {"metadata": metadata})


def record_made(session: Session, customer_id: UUID, provider_id: str) -> None:
    """Note what the provider has made of a customer. Repeating changes nothing."""
    unknown = (ProviderCustomer.id == customer_id, ProviderCustomer.provider_id.is_(None))
    session.execute(update(ProviderCustomer).where(*unknown).values(provider_id=provider_id))


def start_over(session: Session, customer_id: UUID) -> None:
    """Forget a customer that the provider has not made: the next call that makes one has another key."""
    unmade = (ProviderCustomer.id == customer_id, ProviderCustomer.provider_id.is_(None))
    session.execute(delete(ProviderCustomer).where(*unmade))


def saved(session: Session, user_id: UUID) -> Sequence[SavedMethod]:
    """The user's saved payment methods: the default first, then the newest."""
    newest_first = _of(user_id).order_by(SavedMethod.is_default.desc(), SavedMethod.id.desc())
    return session.scalars(newest_first).all()


def get(session: Session, user_id: UUID, method_id: UUID) -> SavedMethod:
    """One of the user's own saved payment methods. Raises NotFound."""
    method = session.scalars(_of(user_id).where(SavedMethod.id == method_id)).one_or_none()
    if method is None:
        raise NotFound("You have no such saved payment method.")
    return method


def way_for(session: Session, buyer: Party, method_id: UUID, *, flow: str) -> SavedWay:
    """What the provider needs to know to be paid by one of the buyer's own methods.

    Raises NotFound, and Invalid for guests and for flows in which the buyer chooses on another page.
    """
    if buyer.user_id is None:
        raise Invalid("Guests have no saved methods.", errors={"payment_method_id": ["Only for users."]})
    if flow != INTENT:
        only = {"payment_method_id": [f"Only with the payment_flow {INTENT}."]}
        raise Invalid("A hosted page asks for the payment method itself.", errors=only)
    method = get(session, buyer.user_id, method_id)
    customer = session.get_one(ProviderCustomer, method.customer_id)
    return SavedWay(str(customer.provider_id), method.provider_id)


def choose(session: Session, user_id: UUID, method_id: UUID, *, is_default: bool) -> SavedMethod:
    """Make one of the user's methods the default in place of the one before, or none. Raises NotFound."""
    lock_wallet(session, user_id)
    method = get(session, user_id, method_id)
    if is_default:
        former = update(SavedMethod).where(SavedMethod.customer_id == method.customer_id)
        session.execute(former.where(SavedMethod.is_default).values(is_default=False))
    method.is_default = is_default
    session.flush()
    session.refresh(method)  # a change makes what the database computes unknown
    return method


def remove(session: Session, user_id: UUID, method_id: UUID) -> None:
    """Take a method away: from the commit on it pays nothing more here, and a worker removes it there.

    Raises NotFound.
    """
    lock_wallet(session, user_id)
    method = get(session, user_id, method_id)
    method.is_default, method.removed_at = False, func.now()
    publish(session, MethodRemoved(user_id=user_id, method_id=method.id))


def remove_all(session: Session, user_id: UUID) -> None:
    """Take all methods of a user away, as `remove` does. Repeating changes nothing."""
    for method in saved(session, user_id):
        remove(session, user_id, method.id)


def lock_wallet(session: Session, user_id: UUID) -> ProviderCustomer | None:
    """The user's customer at the provider, locked until the transaction ends; None without one."""
    mine = select(ProviderCustomer).where(ProviderCustomer.user_id == user_id)
    return session.scalars(locked(mine)).one_or_none()


def _of(user_id: UUID) -> Select[SavedMethod]:
    mine = select(SavedMethod).join(ProviderCustomer, ProviderCustomer.id == SavedMethod.customer_id)
    return mine.where(ProviderCustomer.user_id == user_id, SavedMethod.removed_at.is_(None))
