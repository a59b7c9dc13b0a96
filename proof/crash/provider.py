"""The Stripe stand-in, as its administrator, its buyers' browsers and its webhooks use it."""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

import requests

CARD = {"number": "4242 4242 4242 4242", "expiry": "12 / 34", "cvc": "123"}
BACK = "http://shop.example/back"
Json = dict[str, Any]


@dataclass(slots=True)
class Provider:
    """One stand-in. Its webhooks are taken from its books, and brought in our own time."""

    url: str
    api_key: str
    webhook_secret: str
    _http: requests.Session = field(default_factory=requests.Session)
    _brought: set[str] = field(default_factory=set)

    def reset(self) -> None:
        """Empty its books, and keep its webhooks from being sent."""
        self._http.trust_env = False
        self._brought.clear()
        self._order("reset")
        self._order("webhooks", {"hold": True})

    def books(self) -> Json:
        """All that it knows."""
        return self._json(self._http.get(f"{self.url}/_admin/books", auth=self._key(), timeout=10))

    def events(self) -> list[Json]:
        """What it has to report that nobody has taken yet, in its order."""
        return [event for event in self.books()["events"] if event["id"] not in self._brought]

    def taken(self, event: Json) -> None:
        """The shop has taken this event, or it is lost for good."""
        self._brought.add(event["id"])

    def again(self) -> None:
        """Everything is reported once more."""
        self._brought.clear()

    def signed(self, event: Json) -> tuple[dict[str, str], bytes]:
        """The headers and the body of a webhook sent now."""
        body, moment = json.dumps(event).encode(), int(time.time())
        digest = hmac.new(self.webhook_secret.encode(), f"{moment}.".encode() + body, hashlib.sha256)
        return {"Stripe-Signature": f"t={moment},v1={digest.hexdigest()}"}, body

    def confirm(self, intent_id: str, method: str = "pm_card_visa") -> Json:
        """The buyer's browser pays an intent; a decline is an answer like another."""
        form = {"payment_method": method, "return_url": BACK}
        answer = self._http.post(
            f"{self.url}/v1/payment_intents/{intent_id}/confirm", data=form, auth=self._key(), timeout=10
        )
        return dict(answer.json())

    def authenticate(self, intent: Json) -> None:
        """The buyer says yes on the bank's page that a confirmed intent leads to."""
        self._submit(intent["next_action"]["redirect_to_url"]["url"], {"outcome": "complete"})

    def pay_hosted(self, redirect_url: str) -> None:
        """The buyer pays on the hosted page."""
        self._submit(redirect_url, CARD)

    def dispute(self) -> Json:
        """The dispute of what was just paid, which comes a moment later."""
        deadline = time.monotonic() + 10
        while not (disputes := self.books()["disputes"]):
            if time.monotonic() > deadline:
                raise RuntimeError("nobody disputes what was paid")
            time.sleep(0.01)
        return dict(disputes[0])

    def post(self, path: str, form: Json | None = None) -> Json:
        """Somebody uses the provider's dashboard."""
        return self._json(self._http.post(f"{self.url}{path}", data=form, auth=self._key(), timeout=10))

    def _submit(self, page: str, form: Json) -> None:
        answer = self._http.post(urljoin(self.url, page), data=form, timeout=10, allow_redirects=False)
        if answer.status_code >= 400:
            raise RuntimeError(f"{page} answered {answer.status_code}")

    def _order(self, path: str, body: Json | None = None) -> None:
        self._json(self._http.post(f"{self.url}/_admin/{path}", json=body, auth=self._key(), timeout=10))

    def _key(self) -> tuple[str, str]:
        return self.api_key, ""

    def _json(self, answer: requests.Response) -> Json:
        answer.raise_for_status()
        return dict(answer.json())
