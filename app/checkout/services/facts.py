"""What a checkout is about: the buyer's side and the shop's. Amounts are minor units."""

from dataclasses import dataclass, field
from datetime import date

from app.identity.services import Contact
from app.payments.services.opening import PaymentTerms
from app.payments.services.parameters import Way
from app.platform.db import Json
from app.platform.locales import DEFAULT_LANGUAGE
from app.platform.money import Money
from app.platform.party import Party
from app.platform.working_days import WorkingDays
from app.pricing.services import Rules, coupons


@dataclass(frozen=True, slots=True)
class Wish:
    """What the buyer asks for besides the cart."""

    shipping_address: Json
    billing_address: Json
    shipping_method: str
    way: Way
    expected_total: Money | None
    gift_message: str | None
    delivery_date: date | None = None
    email: str | None = None
    """Where to write to: a guest says it, a user's is known."""
    locale: str = DEFAULT_LANGUAGE
    """In which language to write to a guest; a user's is known."""
    coupon: str | None = None
    """Another code than that in the cart."""
    tax_number: str | None = None
    """Of the business that buys, as `tax_number_of` writes it."""
    pickup_store: Json | None = None
    """Where the buyer comes for it, as the order remembers it; the shipping address is the store's then."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The shop's side: prices, what a payment is opened under, and when people work."""

    rules: Rules
    payment: PaymentTerms
    working_days: WorkingDays = field(default_factory=WorkingDays)


@dataclass(frozen=True, slots=True)
class Who:
    """Who buys, and how they are written to."""

    owner: Party
    contact: Contact

    @property
    def customer(self) -> str:
        """By what the uses of a coupon are counted for them."""
        return coupons.customer_of(user_id=self.owner.user_id, email=self.contact.email)
