"""What is true of every shop at rest, whatever befell it: the oracle of the proofs says it."""

from proof.oracle import Violation, judge
from tests.system.shop import Shop


def broken(shop: Shop) -> tuple[Violation, ...]:
    """What is not true now, with the names of what breaks it."""
    books = shop.order_stripe("books", "GET")
    return judge(shop.facts["database_url"], books=books, inbox=shop.inbox).violations
