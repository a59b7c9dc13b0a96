"""What each buyer wants, and how they behave: drawn from the seed and the purchase's number alone."""

import random
from dataclasses import dataclass

from proof.chaos.clients.places import ABROAD, DOLLARS, HOME, YEN

GOODS = 12
"""Articles on sale; each has few units."""
COUPON = "CHAOS-TEN"
"""Takes a tenth off; it has few uses, too."""

DEBIT = "pays by bank debit"
"""Banks know it in dollars only."""
ENDINGS = {
    "pays": 50,
    "authenticates": 6,
    "is declined, then pays": 9,
    "is declined": 3,
    "gives up": 7,
    "cancels": 6,
    "cancels while paying": 5,
    "pays after cancelling": 4,
    "pays in another way": 5,
    DEBIT: 2,
    "cancels after paying": 3,
}
"""How a purchase goes on after its checkout, with weights."""
CARDS = {"pm_card_visa": 16, "pm_card_mastercard": 3, "pm_card_pendingRefund": 1}
AFTERWARDS = {
    "nothing": 68,
    "return": 12,
    "partial refund": 5,
    "refund": 4,
    "two refunds at once": 3,
    "cancel": 2,
    "refund and cancel at once": 2,
    "refund by hand": 2,
    "dispute": 2,
}
"""What becomes of a purchase that was paid, with weights. By hand: in Stripe's dashboard."""
_FEW = 1 / 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One purchase to come. `units` by article, in the order in which they are put into the cart.

    `tells`: the client reports its payment to the shop, as a browser does. `hurry`: it breaks off its first
    attempt to check out. `doubts`: it repeats the checkout with the same key afterwards. `coupon`: it wants
    the coupon, and buys without it when no use is left. `country`: it is sent there.
    """

    number: int
    guest: bool
    flow: str
    units: dict[int, int]
    ending: str
    card: str
    afterwards: str
    tells: bool
    hurry: bool
    doubts: bool
    coupon: bool
    currency: str
    country: str


def wish(seed: int, number: int) -> Wish:
    """The purchase of this number in a run of this seed."""
    dice = random.Random(f"{seed}:{number}")
    articles = dice.sample(range(GOODS), dice.choices((1, 2, 3), (6, 3, 1))[0])
    ending = _one_of(dice, ENDINGS)
    return Wish(
        number=number,
        guest=dice.random() < 0.5,
        flow=dice.choices(("payment_intent", "checkout_session"), (3, 1))[0],
        units={article: dice.choice((1, 1, 1, 2)) for article in articles},
        ending=ending,
        card=_one_of(dice, CARDS),
        afterwards=_one_of(dice, AFTERWARDS),
        tells=dice.random() < 0.5,
        hurry=dice.random() < 0.05,
        doubts=dice.random() < 0.1,
        coupon=dice.random() < 0.3,
        currency=YEN if dice.random() < _FEW and ending != DEBIT else DOLLARS,
        country=ABROAD if dice.random() < _FEW else HOME,
    )


def _one_of(dice: random.Random, weighted: dict[str, int]) -> str:
    return dice.choices(list(weighted), list(weighted.values()))[0]
