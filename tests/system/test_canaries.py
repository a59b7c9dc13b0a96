"""Secrets and personal data stay where they belong: they are looked for in a shop that sold something."""

import base64
import re
import secrets
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis
from redis.client import Monitor

from sandbox.demo.buyer import WISH, Buyer
from sandbox.mail.inbox import Inbox, body, parse
from tests.leaks import kept_in, tables_with
from tests.system.shop import Shop
from tests.system.shopping import stock_up
from tests.system.waiting import until

THE_END = "that was all"
MAY_BE_IN = {
    "name": {"documents", "orders", "users"},
    "street": {"documents", "orders"},
    "street at home": {"addresses"},
    "phone": {"addresses", "orders", "users"},
    "gift message": {"orders"},
    "email": {"mail_links", "messages", "orders", "users"},
    "password": set(),
    "wrong password": set(),
    "access token": set(),
    "refresh token": set(),
    "client secret": set(),
    "token of a mail": set(),
    "new password": set(),
    "webhook secret": set(),
    "key of Stripe": set(),
}
"""The tables that hold each; the law has documents kept as they were issued.

Our copy of the client secret went when the payment was paid.
"""
BASE64 = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}")


class Canary(Buyer):
    """A buyer all of whose words can be found again, wherever they went."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(shop.api)
        self.shop = shop
        mark = secrets.token_hex(6)
        self.email = f"mail-{mark}@example.com"
        stripe = shop.facts["stripe"]
        self.words = {
            "name": f"Name {mark}",
            "street": f"{mark} Street 1",
            "street at home": f"{mark} Home 2",
            "phone": f"+1217555{secrets.randbelow(10_000):04}",
            "gift message": f"For {mark} with love",
            "email": self.email,
            "password": f"password-{mark}",
            "wrong password": f"wrong-{mark}",
            "new password": f"another-{mark}",
            "webhook secret": stripe["webhook_secret"],
            "key of Stripe": stripe["api_key"],
        }

    def register(self) -> None:
        person = {"email": self.email, "password": self.words["password"], "full_name": self.words["name"]}
        person["phone"] = self.words["phone"]
        made = self.ask("POST", "/v1/auth/register", json=person).json()
        self._http.headers["Authorization"] = f"Bearer {made['access_token']}"
        home = self.address | {"type": "billing", "line1": self.words["street at home"], "name": "B. Home"}
        assert self.ask("POST", "/v1/users/me/addresses", json=home).status_code == 201
        self.words |= {"access token": made["access_token"], "refresh token": made["refresh_token"]}

    def do_what_fails(self) -> None:
        """Send the same words where they are refused: what fails is logged, too."""
        wrong = {"email": self.email, "password": self.words["wrong password"]}
        surprise = {"shipping_address": self.address, self.words["street"]: self.words["name"]}
        refused = [
            self.ask("POST", "/v1/auth/login", json=wrong),
            self.ask("POST", "/v1/auth/refresh", json={"refresh_token": self.words["access token"]}),
            self.ask("POST", "/v1/checkout", json=surprise, headers={"Idempotency-Key": "k"}),
            self.ask("GET", "/v1/admin/users", params={"q": self.email}),
        ]
        assert [answer.status_code for answer in refused] == [401, 401, 422, 403]

    def buy(self) -> None:
        """Order, pay, and wait for the last mail."""
        self.add_to_cart({"id": stock_up(self.shop, 5)[0].id})
        wish = WISH | {"shipping_address": self.address, "gift_message": self.words["gift message"]}
        key = {"Idempotency-Key": secrets.token_hex(8)}
        placed = self.await_payable(self.ask("POST", "/v1/checkout", json=wish, headers=key).json())
        self.words["client secret"] = placed["payment"]["client_secret"]
        stripe = self.shop.facts["stripe"]
        self.pay(placed["payment"]["provider_id"], stripe_base=stripe["base"], key=stripe["api_key"])
        mails = "SELECT 1 FROM messages WHERE order_id = %(id)s AND status = 'sent'"
        until(lambda: len(self.shop.rows(mails, id=placed["order"]["id"])) == 2, "both mails")

    def choose_another_password(self) -> None:
        """By the link of a mail, which is used twice."""
        self.ask("POST", "/v1/auth/password-reset", json={"email": self.email})
        until(lambda: self._link() is not None, "the mail with the link")
        self.words["token of a mail"] = str(self._link())
        chosen = {"token": self.words["token of a mail"], "password": self.words["new password"]}
        tries = [self.ask("POST", "/v1/auth/password-reset/confirm", json=chosen) for _ in range(2)]
        assert [answer.status_code for answer in tries] == [204, 404]

    def _link(self) -> str | None:
        inbox = Inbox(Path(self.shop.facts["mail_dir"]))
        mine = [inbox.read(each.file) or b"" for each in self.shop.inbox if self.email in each.to]
        texts = "\n".join(body(parse(mail), "plain") or "" for mail in mine)
        found = re.search(r"/reset-password#token=(\S+)", texts)
        return found[1] if found else None

    @property
    def address(self) -> dict[str, str]:
        """Where it goes to."""
        town = {"city": "Springfield", "region": "IL", "postal_code": "62701", "country": "US"}
        person = {"name": self.words["name"], "phone": self.words["phone"]}
        return {**person, "line1": self.words["street"], **town}


@contextmanager
def overheard(*urls: str) -> Iterator[list[str]]:
    """Every command that these Redis servers get while the block runs: messages and their arguments."""
    commands: list[str] = []

    def listen(monitor: Any) -> None:
        for heard in monitor.listen():
            commands.append(heard["command"])
            if THE_END in heard["command"]:
                return

    clients = [redis.Redis.from_url(url, socket_timeout=300) for url in urls]
    untyped: Any = Monitor
    monitors = [untyped(client.connection_pool).__enter__() for client in clients]
    threads = [threading.Thread(target=listen, args=(monitor,)) for monitor in monitors]
    for thread in threads:
        thread.start()
    try:
        yield commands
    finally:
        for client, thread in zip(clients, threads, strict=True):
            client.echo(THE_END)
            thread.join(timeout=30)
        for each in (*monitors, *clients):
            each.__exit__(None, None, None)


def logs(shop: Shop) -> str:
    folder = Path(shop.folder) / "var/log"
    return "\n".join(file.read_text(errors="replace") for file in sorted(folder.rglob("*")) if file.is_file())


def in_plain(commands: Iterable[str]) -> str:
    """The commands, and what Celery wraps in them."""
    said = "\n".join(commands)
    wrapped = [match + "=" * (-len(match) % 4) for match in BASE64.findall(said)]
    return "\n".join([said, *(base64.b64decode(each).decode(errors="replace") for each in wrapped)])


def test_secrets_and_personal_data_stay_where_they_belong(shop: Shop) -> None:
    buyer = Canary(shop)
    redises = [shop.facts["redis_url"], shop.facts["broker_url"]]
    with overheard(*redises) as commands:
        buyer.register()
        buyer.do_what_fails()
        buyer.buy()
        buyer.choose_another_password()

    assert buyer.words.keys() == MAY_BE_IN.keys()
    assert tables_with(shop.rows, buyer.words) == MAY_BE_IN
    places = {"logs": logs(shop), "said to Redis": in_plain(commands)}
    places |= {f"kept in Redis {number}": kept_in(url) for number, url in enumerate(redises)}
    leaks = {(name, place) for name, word in buyer.words.items() for place in places if word in places[place]}
    assert leaks == set()
    assert '"callbacks": null' in places["said to Redis"]
    assert "notifications.order_paid" in places["said to Redis"]
    assert "notifications.order_paid" in places["logs"]
