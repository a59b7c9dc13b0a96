"""How a scenario ends: the one right state, and what there is."""

from collections import Counter
from dataclasses import dataclass, fields, replace
from email import message_from_bytes
from pathlib import Path

from proof.crash.world import World

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What is true when all is quiet: each list sorted, amounts in minor units.

    `stock`: units on hand and reserved. `cart`: units in carts. `mails`: the kinds of mail that were caught,
    each Message-ID once; those that are `timely` are told only if nothing changed again before their turn.
    `captured` and `returned` are the provider's. `unfinished` work is never right.
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
    """The caught mails: kinds, and how many copies too many there are of mails that are the same."""

    kinds: Words
    doubled: int


def ending(world: World, post: Post) -> Ending:
    """How things are now, in the shop and at the provider."""
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
        unfinished=_words(
            world, "SELECT concat_ws(' ', consumer, state) FROM deliveries WHERE state <> 'done' ORDER BY id"
        ),
    )


def caught(world: World) -> Post:
    """What arrived at the mail server."""
    known = dict(world.rows("SELECT message_id, kind FROM messages"))
    arrived = Counter(_message_id(file) for file in world.mail_folder.glob("*.eml"))
    kinds = sorted(known.get(message_id, "unknown") for message_id in arrived)
    return Post(tuple(kinds), arrived.total() - len(arrived))


def _message_id(file: Path) -> str:
    return str(message_from_bytes(file.read_bytes())["Message-ID"]).strip()


def _words(world: World, statement: str) -> Words:
    return tuple(row[0] for row in world.rows(statement))
