import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import requests

from sandbox.demo.buyer import Buyer, Json, PurchaseFailed


def main() -> None:
    """Buy one thing through the API, print each step with its milliseconds, then the order's timeline.

    The secret key of Stripe, or of its stand-in, is in STRIPE_API_KEY. Exits with one line when a step fails.
    """
    parser = argparse.ArgumentParser(prog="python -m sandbox.demo.purchase", description=main.__doc__)
    parser.add_argument("--api", required=True)
    parser.add_argument("--stripe", required=True)
    parser.add_argument(
        "--mail-page", help="where caught mail is shown; without it nobody looks for the mail"
    )
    wanted = parser.parse_args()
    try:
        purchase(Buyer(wanted.api), stripe=wanted.stripe, mail_page=wanted.mail_page)
    except PurchaseFailed as failure:
        sys.exit(f"The scripted purchase failed: {failure}")


def purchase(buyer: Buyer, *, stripe: str, mail_page: str | None) -> None:
    """Everything from a stranger to the owner of a paid, finalized order and its mail."""
    with _timed(f"{buyer.email} registers"):
        buyer.register()
    with _timed("finds a product"):
        variant = buyer.find_variant()
    with _timed(f"puts {variant['product']} ({variant['sku']}) into the cart"):
        buyer.add_to_cart(variant)
    with _timed("checks out"):
        placed = buyer.check_out()
    order = placed["order"]
    with _timed("pays by card"):
        buyer.pay(placed["payment"]["provider_id"], stripe_base=stripe, key=os.environ["STRIPE_API_KEY"])
    with _timed(f"order {order['number']} is paid"):
        buyer.await_("the paid order", lambda: _paid(buyer, order))
    with _timed("is finalized"):
        buyer.await_("orders.finalized", lambda: _finalized(buyer, order))
    if mail_page:
        with _timed("is confirmed by mail"):
            buyer.await_(
                "the mail about the paid order", _mail_about(mail_page, buyer.email, order["number"])
            )
    _print_timeline(buyer.timeline(order["id"]))


def _paid(buyer: Buyer, order: Json) -> Json | None:
    now = buyer.order(order["id"])
    return now if now["payment_status"] == "paid" else None


def _finalized(buyer: Buyer, order: Json) -> Json | None:
    return next((item for item in buyer.timeline(order["id"]) if item["topic"] == "orders.finalized"), None)


def _mail_about(page: str, reader: str, number: str) -> Callable[[], Json | None]:
    def look() -> Json | None:
        mails: list[Json] = requests.get(f"{page}/messages.json", timeout=10).json()["items"]
        about = [mail for mail in mails if reader in mail["to"] and number in mail["subject"]]
        return next((mail for mail in about if "paid" in mail["subject"].lower()), None)

    return look


def _print_timeline(items: list[Json]) -> None:
    print("\n  Timeline of the order")
    start = datetime.fromisoformat(items[0]["at"])
    for item in items:
        milliseconds = (datetime.fromisoformat(item["at"]) - start).total_seconds() * 1000
        print(f"  {milliseconds:8.0f} ms  {item['topic']:28} {item['title']}")


@contextmanager
def _timed(what: str) -> Iterator[None]:
    start = time.monotonic()
    yield
    print(f"  {(time.monotonic() - start) * 1000:8.0f} ms  {what}", flush=True)


if __name__ == "__main__":
    main()
