import json
import sqlite3
import sys
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

import requests
import stripe

from sandbox.ports import free_port
from sandbox.process import Child, Command, launch
from sandbox.ready import says

ROOT = Path(__file__).parents[1]
SECRET = "whsec_of_the_tests"
API_KEY = "sk_test_stand_in"
PUBLISHABLE_KEY = "pk_test_stand_in"


class StandIn:
    """The stand-in as a process of its own, with the real SDK's client for it."""

    def __init__(self, folder: Path, webhook_url: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "log"
        self._folder = folder
        self._webhook_url = webhook_url
        self._sessions: list[requests.Session] = []
        self.client = self.client_with(API_KEY)
        self.start()

    def start(self) -> None:
        options = {
            "--port": self.port,
            "--data": self._folder / "books",
            "--api-key": API_KEY,
            "--webhook-secret": SECRET,
            "--webhook-url": self._webhook_url,
            "--first-retry-seconds": 0.1,
            "--webhook-timeout-seconds": 2,
            "--bank-seconds": 0.2,
        }
        words = [str(word) for option in options.items() for word in option]
        argv = [sys.executable, "-W", "error", "-m", "sandbox.stripe", *words]
        command = Command(argv=argv, log=self.log, cwd=ROOT)
        self.child: Child = launch("Stripe", command, ready=says(self.log, "listening on"), within=20)

    def stop(self) -> None:
        self.child.stop(within=2)
        for session in self._sessions:
            session.close()

    def client_with(self, api_key: str, *, retries: int = 0) -> stripe.StripeClient:
        session = requests.Session()
        session.trust_env = False
        session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=64))
        self._sessions.append(session)
        http = stripe.RequestsClient(timeout=10, session=session)
        return stripe.StripeClient(
            api_key, base_addresses={"api": self.url}, http_client=http, max_network_retries=retries
        )

    def order(self, path: str, body: Any = None, *, method: str = "POST") -> Any:
        """Ask the administrative side; the answer as Python values."""
        request = urllib.request.Request(  # noqa: S310  # our own http address
            f"{self.url}/_admin/{path}",
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={"Authorization": f"Bearer {API_KEY}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310  # the same
            return json.load(answer)

    def books(self) -> Any:
        return self.order("books", method="GET")

    def in_books(self, statement: str) -> None:
        """Change the books behind the stand-in's back: how tests make things old."""
        with closing(sqlite3.connect(self._folder / "books" / "stripe.sqlite")) as connection, connection:
            connection.execute(statement)

    def new_intent(self, amount: int = 1999, **more: Any) -> stripe.PaymentIntent:
        params: Any = {"amount": amount, "currency": "usd", **more}
        return self.client.v1.payment_intents.create(params)

    def new_session(self, amount: int = 1999, **more: Any) -> stripe.checkout.Session:
        params: Any = {
            "mode": "payment",
            "line_items": [
                {
                    "price_data": {
                        "currency": "usd",
                        "unit_amount": amount,
                        "product_data": {"name": "Mug <large>"},
                    },
                    "quantity": 2,
                }
            ],
            "success_url": "http://shop.example/done?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://shop.example/cart",
            "customer_email": "ada@example.com",
        }
        params |= more
        return self.client.v1.checkout.sessions.create(params)

    def pay(self, method: str = "pm_card_visa", amount: int = 2000) -> stripe.PaymentIntent:
        return self.new_intent(amount, payment_method=method, confirm=True)

    def confirm(self, intent_id: str, method: str = "pm_card_visa") -> stripe.PaymentIntent:
        return self.client.v1.payment_intents.confirm(intent_id, {"payment_method": method})

    def pay_for(self, metadata: dict[str, str], amount: int) -> str:
        """Another intent that carries these ids has taken money; its id."""
        return self.new_intent(amount, payment_method="pm_card_visa", confirm=True, metadata=metadata).id
