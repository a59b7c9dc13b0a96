"""Many buyers at once, and the admin behind the counter: a process of its own, so that it shares no lock with
the faults. SIGTERM: nobody begins another purchase.
"""

import argparse
import os
import random
import signal
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from itertools import count
from pathlib import Path
from queue import Empty, SimpleQueue

from proof.chaos.clients.aftersales import AfterSales
from proof.chaos.clients.browser import Browser
from proof.chaos.clients.caller import Caller
from proof.chaos.clients.dashboard import Dashboard
from proof.chaos.clients.history import History
from proof.chaos.clients.purchase import Purchase
from proof.chaos.clients.storekeeper import Storekeeper
from proof.chaos.clients.wishes import Wish, wish

_KEEPER = -1
_SETTLE_SECONDS = 15.0
_SHOCK_SECONDS = 1.0
"""After what a client does not understand, before it goes on."""


class Crowd:
    """So many clients, each with one purchase after the other."""

    def __init__(self, given: argparse.Namespace, history: History) -> None:
        self._given, self._history = given, history
        self._numbers = count()
        self._closing = threading.Event()
        self._short: SimpleQueue[str] = SimpleQueue()
        self._admin: Mapping[str, str] = {}

    def run(self) -> None:
        """Buy until somebody says that it is enough; returns when every purchase has ended."""
        signal.signal(signal.SIGTERM, lambda *_: self._closing.set())
        keeper = Storekeeper(self._caller(client=_KEEPER), random.Random(self._given.seed))
        keeper.open()
        self._skus, self._admin = keeper.skus, keeper.headers
        threading.Thread(target=self._restock, args=(keeper,), daemon=True).start()
        clients = [threading.Thread(target=self._shop, args=(n,)) for n in range(self._given.clients)]
        for client in clients:
            client.start()
        for client in clients:
            while client.is_alive():  # in steps, so that signals are heard
                client.join(0.2)

    def _shop(self, client: int) -> None:
        account: dict[str, str] = {}
        while not self._closing.is_set():
            with self._noting(client):
                account = account or self._account(client)
                self._buy(client, account)

    def _buy(self, client: int, account: dict[str, str]) -> None:
        wanted = wish(self._given.seed, next(self._numbers))
        began = time.time()
        purchase = self._purchase(client, wanted, account)
        purchase.run()
        if purchase.is_paid:
            self._follow(purchase, client)
        self._note(purchase, client, began)

    @contextmanager
    def _noting(self, client: int) -> Iterator[None]:
        """Note what goes wrong with a client, which then goes on: with fewer of them less would be tried."""
        try:
            yield
        except Exception:
            self._history.note_failure(client=client, at=time.time(), text=traceback.format_exc())
            self._closing.wait(_SHOCK_SECONDS)

    def _follow(self, purchase: Purchase, client: int) -> None:
        """What happens to it after it was paid."""
        number = purchase.wish.number
        first, second = (self._caller(client=client, purchase=number, admin=n) for n in (1, 2))
        dashboard = Dashboard(self._given.stripe, os.environ["STRIPE_API_KEY"])
        purchase.follow(AfterSales(purchase.caller, (first, second), dashboard))

    def _purchase(self, client: int, wanted: Wish, account: dict[str, str]) -> Purchase:
        caller = self._caller(client=client, purchase=wanted.number)
        caller.headers = {} if wanted.guest else dict(account)
        dice = random.Random(f"{self._given.seed}:{wanted.number}:browser")
        return Purchase(
            wanted,
            caller,
            Browser(self._given.stripe, os.environ["STRIPE_API_KEY"], dice),
            self._skus,
            self._short.put,
            _SETTLE_SECONDS,
        )

    def _note(self, purchase: Purchase, client: int, began: float) -> None:
        order = purchase.order
        self._history.note_end(
            client=client,
            at=began,
            seconds=round(time.time() - began, 3),
            wish=asdict(purchase.wish),
            told=purchase.told,
            order_id=order and order["id"],
            payment_ids=[payment["id"] for payment in purchase.payments],
        )

    def _account(self, client: int) -> dict[str, str]:
        """A customer's headers, once there is one."""
        person = {
            "email": f"client-{client}@example.com",
            "password": f"password-of-{client}",
            "full_name": "Cleo",
        }
        caller = self._caller(client=client)
        while True:
            caller.ask("POST", "/v1/auth/register", person)
            login = caller.ask(
                "POST", "/v1/auth/login", {name: person[name] for name in ("email", "password")}
            )
            if login.ok:
                return {"Authorization": f"Bearer {login.body['access_token']}"}

    def _caller(self, *, client: int, purchase: int = -1, admin: int = 0) -> Caller:
        """A way to the API; with a number, as the admin."""
        dice = random.Random(f"{self._given.seed}:{client}:{purchase}:{admin}")
        caller = Caller(self._given.api, dice, self._history.note, client=client, purchase=purchase)
        caller.headers = dict(self._admin) if admin else {}
        return caller

    def _restock(self, keeper: Storekeeper) -> None:
        while True:
            with self._noting(_KEEPER), suppress(Empty):
                keeper.restock(self._short.get(timeout=1))


def main() -> None:
    """Buy at --api, pay at --stripe with the key in STRIPE_API_KEY, and write down everything."""
    parser = argparse.ArgumentParser(prog="python -m proof.chaos.clients.crowd", description=main.__doc__)
    parser.add_argument("--api", required=True)
    parser.add_argument("--stripe", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--clients", type=int, required=True)
    parser.add_argument("--history", type=Path, required=True)
    given = parser.parse_args()
    Crowd(given, History(given.history)).run()


if __name__ == "__main__":
    main()
