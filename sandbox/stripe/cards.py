"""The test cards of Stripe's documentation."""

import hashlib
from dataclasses import dataclass
from typing import Literal

CARD_DECLINED = "card_declined"


@dataclass(frozen=True)
class Decline:
    """Why a bank says no; the decline code is None where the code says it all."""

    code: str
    decline_code: str | None
    message: str


@dataclass(frozen=True)
class TestCard:
    """A card number, the `pm_card_` names that stand for it, and what a charge to it gives.

    A card that declines is declined when it is saved too, unless it `can_be_saved` or
    `authenticates`. `refund` tells of
    a refund that settles later or fails after all; `dispute` the reason of one that follows each charge, with
    the word inquiry behind it for a mere question. `authenticates` tells that its bank wants 3-D Secure
    before each charge; `trusts_owner_away` when it does without for one whose owner is not there.
    """

    number: str
    names: tuple[str, ...]
    brand: str = "visa"
    funding: str = "credit"
    decline: Decline | None = None
    can_be_saved: bool = False
    refund: Literal["pending", "failing"] | None = None
    dispute: str | None = None
    authenticates: bool = False
    trusts_owner_away: Literal["never", "set_up", "always"] = "never"

    @property
    def decline_when_saved(self) -> Decline | None:
        """Why it cannot be attached to a customer, if it cannot."""
        return None if self.can_be_saved or self.authenticates else self.decline

    @property
    def fingerprint(self) -> str:
        """The same for the same number, without telling it."""
        return hashlib.sha256(self.number.encode()).hexdigest()[:16]


def _declined(decline_code: str, message: str = "Your card was declined.") -> Decline:
    return Decline(CARD_DECLINED, decline_code, message)


GENERIC = _declined("generic_decline")
INSUFFICIENT_FUNDS = _declined("insufficient_funds", "Your card has insufficient funds.")
AUTHENTICATION_REQUIRED = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)
TEST_CARDS = (
    TestCard("4242424242424242", ("visa", "us")),
    TestCard("4000056655665556", ("visa_debit",), funding="debit"),
    TestCard("5555555555554444", ("mastercard",), brand="mastercard"),
    TestCard("5200828282828210", ("mastercard_debit",), brand="mastercard", funding="debit"),
    TestCard("5105105105105100", ("mastercard_prepaid",), brand="mastercard", funding="prepaid"),
    TestCard("378282246310005", ("amex",), brand="amex"),
    TestCard("6011111111111117", ("discover",), brand="discover"),
    TestCard("3056930009020004", ("diners",), brand="diners"),
    TestCard("3566002020360505", ("jcb",), brand="jcb"),
    TestCard("6200000000000005", ("unionpay",), brand="unionpay"),
    TestCard("4000000000007726", ("pendingRefund",), refund="pending"),
    TestCard("4000000000005126", ("refundFail",), refund="failing"),
    TestCard("4000000000000259", ("createDispute",), dispute="fraudulent"),
    TestCard("4000000000002685", ("createDisputeProductNotReceived",), dispute="product_not_received"),
    TestCard("4000000000001976", ("createDisputeInquiry",), dispute="fraudulent inquiry"),
    TestCard("4000000000000002", ("chargeDeclined",), decline=GENERIC),
    TestCard("4000000000000341", ("chargeCustomerFail",), decline=GENERIC, can_be_saved=True),
    TestCard(
        "4000000000009995",
        ("chargeDeclinedInsufficientFunds",),
        decline=INSUFFICIENT_FUNDS,
    ),
    TestCard("4000000000009987", ("chargeDeclinedLostCard",), decline=_declined("lost_card")),
    TestCard("4000000000009979", ("chargeDeclinedStolenCard",), decline=_declined("stolen_card")),
    TestCard("4100000000000019", ("chargeDeclinedFraudulent",), decline=_declined("fraudulent")),
    TestCard(
        "4000000000006975",
        ("chargeDeclinedVelocityLimitExceeded",),
        decline=_declined("card_velocity_exceeded"),
    ),
    TestCard(
        "4000000000000069",
        ("chargeDeclinedExpiredCard",),
        decline=Decline("expired_card", None, "Your card has expired."),
    ),
    TestCard(
        "4000000000000127",
        ("chargeDeclinedIncorrectCvc",),
        decline=Decline("incorrect_cvc", None, "Your card's security code is incorrect."),
    ),
    TestCard(
        "4000000000000119",
        ("chargeDeclinedProcessingError",),
        decline=Decline("processing_error", None, "An error occurred while processing your card."),
    ),
    TestCard("4000002760003184", ("authenticationRequired",), authenticates=True),
    TestCard(
        "4000002500003155",
        ("authenticationRequiredOnSetup",),
        authenticates=True,
        trusts_owner_away="set_up",
    ),
    TestCard(
        "4000003800000446",
        ("authenticationRequiredSetupForOffSession",),
        authenticates=True,
        trusts_owner_away="always",
    ),
    TestCard("4000000000003220", ("threeDSecure2Required",), authenticates=True),
    TestCard(
        "4000008260003178",
        ("authenticationRequiredChargeDeclinedInsufficientFunds",),
        decline=INSUFFICIENT_FUNDS,
        can_be_saved=True,
        authenticates=True,
    ),
    TestCard(
        "4000008400001629",
        ("threeDSecureRequiredChargeDeclined",),
        decline=GENERIC,
        can_be_saved=True,
        authenticates=True,
    ),
)
BY_NUMBER = {card.number: card for card in TEST_CARDS}
BY_FINGERPRINT = {card.fingerprint: card for card in TEST_CARDS}
# Cards that decline at once have a second name in the documentation, which tells their brand.
BY_NAME = {f"pm_card_{name}": card for card in TEST_CARDS for name in card.names} | {
    f"pm_card_visa_{name}": card
    for card in TEST_CARDS
    if card.decline and not card.authenticates
    for name in card.names
}


def passes_luhn(number: str) -> bool:
    """Whether the check digit of a card number is right."""
    doubled = [int(digit) * (2 - (index % 2 == 0)) for index, digit in enumerate(reversed(number))]
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0
