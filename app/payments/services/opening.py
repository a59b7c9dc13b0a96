"""Payments before the provider knows them: what it will be asked for, and by whom."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Boolean, Insert, bindparam, case, func, insert
from sqlalchemy.orm import Session

from app.events.claims import Claim, publish_claimed
from app.events.events import Event
from app.events.services import publish
from app.payments import queries, states
from app.payments.errors import AmountTooLarge, AmountTooSmall
from app.payments.events import PaymentDeclined, ReplaceRequested
from app.payments.gateway.protocol import PROVIDER_OF, SESSION, TRANSFER, Decline, PaymentRequest
from app.payments.models import Payment
from app.payments.services import payments
from app.payments.services.parameters import Payable, Way, parameters_of, without_saved
from app.platform.db import Json, now, table_of
from app.platform.errors import Invalid
from app.platform.ids import new_id
from app.platform.money import LARGEST_AMOUNT, Money

if TYPE_CHECKING:  # only for the hint: settings are handed in
    from config import Settings

MINIMUM_AMOUNTS = {
    "USD": 50, "AED": 200, "ARS": 50, "AUD": 50, "BRL": 50, "CAD": 50, "CHF": 50, "COP": 50, "CZK": 1500,
    "DKK": 250, "EUR": 50, "GBP": 30, "HKD": 400, "HUF": 17500, "IDR": 50, "ILS": 50, "INR": 50, "JPY": 50,
    "KRW": 50, "MXN": 1000, "MYR": 200, "NOK": 300, "NZD": 50, "PHP": 50, "PLN": 200, "RON": 200, "SEK": 300,
    "SGD": 50, "THB": 1000, "ZAR": 50,
}  # fmt: skip
"""Stripe's smallest charges (docs.stripe.com/currencies, "Minimum and maximum charge amounts")."""
BANK_TRANSFER = "bank_transfer"
"""The method kind of what is paid to the shop's own account."""
CHARGED_WITHIN = timedelta(seconds=10)
"""How long after the buyer's click a saved method may be charged: nobody is surprised by a charge, and calls
under way then have ended when the list is believed.
"""
LISTED_AFTER = timedelta(seconds=60)
"""How old an unanswered opening must be before the provider's list is believed to lack its object."""
UNUSABLE = "The saved payment method could not be charged. Pay again, or with another one."
NOT_OPENED = "The payment provider does not take this payment. Ask for another one, or pay in another way."
SHORTEST_SESSION = timedelta(minutes=31)
"""Stripe takes no session that ends within 30 minutes; one more for the way there."""


@dataclass(frozen=True, slots=True)
class BankTerms:
    """The shop's bank account, in the words that buyers are told, and how long a transfer may take."""

    account: str
    hold: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTerms:
    """The shop's side: how long stock is held for each flow, how long an order may be tried to be paid, how
    long one worker may hold a call to the provider, and where buyers come back to. Without `bank` the shop
    takes no transfers.
    """

    hold: timedelta
    session_hold: timedelta
    longest: timedelta
    lease: timedelta
    public_url: str
    bank: BankTerms | None = None

    def hold_of(self, flow: str) -> timedelta:
        """How long stock is held for a payment of this flow."""
        if flow == TRANSFER and self.bank is not None:
            return self.bank.hold
        return self.session_hold if flow == SESSION else self.hold


def terms_from(settings: "Settings") -> PaymentTerms:
    """The terms that the settings describe."""
    return PaymentTerms(
        hold=settings.reservation_hold,
        session_hold=settings.session_hold,
        longest=settings.longest_hold,
        lease=settings.lease,
        public_url=settings.public_url,
        bank=BankTerms(settings.bank_account, settings.manual_hold) if settings.bank_account else None,
    )


@dataclass(frozen=True, slots=True)
class Opening:
    """The payment that this process is to open, the call that opens it, and the right to do so."""

    claim: Claim
    request: PaymentRequest
    payment_id: UUID


def create(
    session: Session,
    payable: Payable,
    *,
    way: Way,
    terms: PaymentTerms,
    moment: datetime,
    waits_for: UUID | None = None,
) -> Payment:
    """Write a payment with its key and the exact parameters of the call that will open it, marked as sent.

    `moment` is now by the database's clock. One that waits for another payment's end is not sent yet; see
    `send()`. The answer is a copy: whoever changes the payment locks it. Raises AmountTooSmall and
    AmountTooLarge beyond what the provider takes, and Invalid for a flow that the shop does not offer.
    """
    _check_amount(payable.amount, payable.currency, way.flow)
    if way.flow == TRANSFER and terms.bank is None:
        raise Invalid("The shop takes no transfers.", errors={"payment_flow": ["Choose another one."]})
    payment_id = new_id()
    parameters = parameters_of(payment_id, payable, way, public_url=terms.public_url)
    money = Money(payable.amount, payable.currency)
    is_sent = waits_for is None
    if is_sent:
        parameters = _ending(parameters, way.flow, terms, moment)
    payment = _row(payment_id, payable.order_id, way.flow, money, parameters, waits_for)
    written = {f"its_{name}": getattr(payment, name) for name in _WRITTEN}
    session.execute(_writing(), written | {"is_sent": is_sent})
    return payment


_WRITTEN = (
    *("id", "order_id", "provider", "flow", "status", "amount", "currency", "idempotency_key", "parameters"),
    *("waits_for_id", "method_kind"),
)


@cache
def _writing() -> Insert:
    values: Json = {name: bindparam(f"its_{name}") for name in _WRITTEN}
    sent_at = case((bindparam("is_sent", type_=Boolean), func.now()))
    return insert(table_of(Payment)).values(values | {"sent_at": sent_at})


def _check_amount(amount: int, currency: str, flow: str) -> None:
    if amount > LARGEST_AMOUNT:
        raise AmountTooLarge(f"The total must be at most {Money(LARGEST_AMOUNT, currency)}: order less.")
    least = MINIMUM_AMOUNTS.get(currency, 1) if PROVIDER_OF[flow] == states.STRIPE else 1
    if amount < least:
        raise AmountTooSmall(f"The total must be at least {Money(least, currency)}: add something.")


def send(payment: Payment, *, terms: PaymentTerms, moment: datetime) -> None:
    """The payment waits for nothing any more: from this moment the call that opens it may be under way.

    A session ends with the hold that begins now; its end is a parameter, and so it is computed once.
    """
    payment.waits_for_id = None
    payment.sent_at = func.now()
    payment.parameters = _ending(payment.parameters, payment.flow, terms, moment)


def _ending(parameters: Json, flow: str, terms: PaymentTerms, moment: datetime) -> Json:
    if flow == TRANSFER and terms.bank is not None:
        pay_until = int((moment + terms.bank.hold).timestamp())
        return parameters | {"account": terms.bank.account, "pay_until": pay_until}
    if flow != SESSION:
        return parameters
    return parameters | {"expires_at": int((moment + terms.session_hold).timestamp())}


def request_to_open(payment: Payment) -> PaymentRequest | None:
    """The call that opens the payment, or None when there is nothing to open, or not yet."""
    if payment.status != states.CREATING or payment.waits_for_id is not None:
        return None
    return _request_of(payment)


def _request_of(payment: Payment) -> PaymentRequest:
    return PaymentRequest(payment.flow, payment.idempotency_key, payment.parameters)


def fall_back(session: Session, payment: Payment, code: str) -> PaymentRequest:
    """Ask for the same payment without the saved method, when it is certain that nothing was made with it.

    The buyer is told by `last_error`, and pays otherwise. The key is another, as the call is. Repeating
    changes nothing.
    """
    payment.parameters = without_saved(payment.parameters)
    payment.idempotency_key = f"payment:{payment.id}:otherwise"
    payment.last_error = asdict(Decline(code, None, UNUSABLE, None))
    publish(session, PaymentDeclined(order_id=payment.order_id, payment_id=payment.id, code=code))
    return _request_of(payment)


def note_refusal(session: Session, payment: Payment, code: str) -> None:
    """Tell the buyer, by `last_error`, that the provider said no to opening a payment; `code` is its word.

    Nothing is decided by that: it is asked again, because the shop can be what has to be mended, and once the
    payment is open the buyer is told so no more. Repeating changes nothing.
    """
    told = asdict(Decline(states.REFUSED_BY_PROVIDER, None, NOT_OPENED, None))
    if payment.status == states.CREATING and payment.last_error != told:
        payment.last_error = told
        publish(session, PaymentDeclined(order_id=payment.order_id, payment_id=payment.id, code=code))


def take(session: Session, payment: Payment, event: Event, *, lease: timedelta) -> Opening:
    """Publish what has the payment opened, and have the publisher do that, right after the commit."""
    claim = publish_claimed(session, event, consumer="payments.open", lease=lease)
    return Opening(claim, _request_of(payment), payment.id)


def sent_at(payment: Payment) -> datetime:
    """When the call that opens the payment was first sent, or a moment before, by the database's clock."""
    return payment.sent_at or payment.created_at


def sent_for(session: Session, payment: Payment) -> timedelta:
    """How long ago that was."""
    return now(session) - sent_at(payment)


def renew_late_session(session: Session, payment: Payment) -> bool:
    """Put a new payment behind a session that would end too soon to be made; False when it is in time.

    The new one is opened when the provider has confirmed that the old one was never made, or is closed.
    Locks the late one, as whoever begins another attempt at paying the order does.
    """
    ends = payment.parameters.get("expires_at")
    if ends is None or ends - now(session).timestamp() > SHORTEST_SESSION.total_seconds():
        return False
    late = payments.lock(session, payment.id)
    if late.status == states.CREATING and queries.waiting_of_order(session, payment.order_id) is None:
        renewed = _copy(payment)
        session.add(renewed)
        session.flush()
        publish(session, ReplaceRequested(order_id=payment.order_id, payment_id=renewed.id))
    return True


def _copy(payment: Payment) -> Payment:
    payment_id = new_id()
    metadata = payment.parameters["metadata"] | {"payment_id": str(payment_id)}
    changed = {"metadata": metadata, "payment_intent_data": {"metadata": metadata}}
    parameters = payment.parameters | changed
    return _row(payment_id, payment.order_id, payment.flow, payment.money, parameters, payment.id)


def _row(
    payment_id: UUID, order_id: UUID, flow: str, money: Money, parameters: Json, waits_for: UUID | None
) -> Payment:
    return Payment(
        id=payment_id,
        order_id=order_id,
        provider=PROVIDER_OF[flow],
        flow=flow,
        method_kind=BANK_TRANSFER if flow == TRANSFER else None,
        status=states.CREATING,
        amount=money.amount,
        currency=money.currency,
        idempotency_key=f"payment:{payment_id}",
        parameters=parameters,
        waits_for_id=waits_for,
    )
