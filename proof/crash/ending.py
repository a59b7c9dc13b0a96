"""How a scenario ends: the one right state, and what there is."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from email import message_from_bytes
from pathlib import Path

from app.transfers.services.keys import part_key
from proof.crash.people import PRICE, SKU
from proof.crash.world import World

Words = tuple[str, ...]
DOCUMENTS = """
  SELECT concat_ws(' ', kind, total_amount, CASE WHEN rendered_at IS NULL THEN 'without file' END)
  FROM documents ORDER BY 1"""
UNFINISHED = "SELECT concat_ws(' ', consumer, state) FROM deliveries WHERE state <> 'done' ORDER BY id"
GOODS = "SELECT concat_ws(' ', sku, price_amount) FROM variants ORDER BY 1"
IMPORTS = """
  SELECT DISTINCT concat(status, ': ', rows_read, ' rows, ', rows_refused, ' refused')
  FROM catalog_imports WHERE status <> 'expected' ORDER BY 1"""
TEXTS = "SELECT kind, status FROM messages WHERE channel = 'sms' ORDER BY 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What is true when all is quiet: each list sorted, amounts in minor units.

    `stock`: units on hand and reserved. `cart`: units in carts. `coupons`: codes, with the uses reserved and
    used. `mails`: the kinds of mail that were caught, each Message-ID once; those that are `timely` are told
    only if nothing changed again before their turn. `captured` and `returned` are the provider's.
    `documents` are invoices and credit notes with their totals, `exports` tables of orders with what they
    say of each. `goods` are SKUs with their prices, `imports` what became of files of rows, of which one that
    was sent twice is one. `webhooks` are the types that a third party heard, each id once.
    `texts` are the kinds of text messages that came once, or were in doubt. `unfinished` work is never right.
    """

    orders: Words
    payments: Words
    reservations: Words
    stock: tuple[int, int]
    mails: Words
    intents: Words
    captured: int
    returned: int = 0
    refunds: Words = ()
    cart: int = 0
    unfinished: Words = ()
    timely: Words = ()
    coupons: Words = ()
    documents: Words = ()
    exports: Words = ()
    goods: Words = (f"{SKU} {PRICE}",)
    imports: Words = ()
    webhooks: Words = ()
    texts: Words = ()

    def differs(self, found: "Ending") -> Words:
        """What is otherwise in what was found, in words."""
        told = tuple(kind for kind in found.mails if kind not in self.timely)
        found = replace(found, mails=told, timely=self.timely)
        names = [each.name for each in fields(self)]
        pairs = {name: (getattr(self, name), getattr(found, name)) for name in names}
        return tuple(
            f"{name}: {is_} instead of {should}" for name, (should, is_) in pairs.items() if is_ != should
        )


@dataclass(frozen=True, slots=True)
class Post:
    """The kinds of the caught mails, and how many copies too many there are of the same mails or webhooks."""

    kinds: Words
    doubled: int


def ending(world: World, post: Post, *, in_doubt: bool) -> Ending:
    """How things are now, in the shop and at the provider; `in_doubt` whether a text was taken."""
    books = world.stripe.books()
    ((stock,),) = world.rows("SELECT ARRAY[on_hand, reserved] FROM stock_levels")
    ((cart,),) = world.rows("SELECT coalesce(sum(quantity), 0)::int FROM cart_items")
    succeeded = [charge for charge in books["charges"] if charge["status"] == "succeeded"]
    returned = [each["amount"] for each in books["refunds"] if each["status"] in ("succeeded", "pending")]
    return Ending(
        orders=_words(
            world, "SELECT concat_ws(' ', status, payment_status, cancel_reason) FROM orders ORDER BY 1"
        ),
        payments=_words(world, "SELECT status FROM payments ORDER BY 1"),
        reservations=_words(world, "SELECT status FROM reservations ORDER BY 1"),
        refunds=_words(world, "SELECT concat_ws(' ', status, amount, reason) FROM refunds ORDER BY 1"),
        stock=(stock[0], stock[1]),
        cart=cart,
        mails=post.kinds,
        intents=tuple(sorted(intent["status"] for intent in books["payment_intents"])),
        captured=sum(charge["amount_captured"] for charge in succeeded),
        returned=sum(returned),
        coupons=_words(world, "SELECT concat_ws(' ', code, reserved, used) FROM coupons ORDER BY 1"),
        documents=_words(world, DOCUMENTS),
        exports=tuple(_exports(world)),
        goods=_words(world, GOODS),
        imports=_words(world, IMPORTS),
        webhooks=tuple(sorted(kind for _, kind in set(world.receiver.webhooks()))),
        texts=tuple(_texts(world, in_doubt=in_doubt)),
        unfinished=_words(world, UNFINISHED),
    )


def caught(world: World) -> Post:
    """What arrived at the mail server, and at the third party."""
    known = dict(world.rows("SELECT message_id, kind FROM messages"))
    arrived = Counter(_message_id(file) for file in world.mail_folder.glob("*.eml"))
    kinds = sorted(known.get(message_id, "unknown") for message_id in arrived)
    calls = world.receiver.webhooks()
    return Post(tuple(kinds), arrived.total() - len(arrived) + len(calls) - len(set(calls)))


def _exports(world: World) -> Iterator[str]:
    """Each table of orders, as the files of its parts have it."""
    for export_id, status, parts in world.rows("SELECT id, status, parts FROM order_exports ORDER BY id"):
        files = [world.media_folder / part_key(export_id, name) for name in parts]
        content = "".join(file.read_text() for file in files)
        orders = [f"{row['status']} {row['total']}" for row in csv.DictReader(content.splitlines())]
        yield " ".join([status, *orders])


def _texts(world: World, *, in_doubt: bool) -> Iterator[str]:
    """Each text message: its kind, if it is as it must be. One that is in doubt may be given up."""
    taken = world.receiver.texts()
    for kind, status in world.rows(TEXTS):
        given_up = in_doubt and status == "dead" and taken <= 1
        is_right = given_up or (status == "sent" and taken == 1)
        yield kind if is_right else f"{kind} {status}, taken {taken} times"


def _message_id(file: Path) -> str:
    return str(message_from_bytes(file.read_bytes())["Message-ID"]).strip()


def _words(world: World, statement: str) -> Words:
    return tuple(row[0] for row in world.rows(statement))
