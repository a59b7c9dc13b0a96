"""What a buyer's browser does at Stripe: nothing that needs the secret key."""

import random
import time
from typing import Any
from urllib.parse import urlencode

import urllib3

NUMBERS = {
    "pm_card_visa": "4242424242424242",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_pendingRefund": "4000000000007726",
    "pm_card_chargeDeclined": "4000000000000002",
    "pm_card_threeDSecure2Required": "4000000000003220",
}
DECLINED, AUTHENTICATED, DEBIT = (
    "pm_card_chargeDeclined",
    "pm_card_threeDSecure2Required",
    "pm_usBankAccount_success",
)
_ACCOUNT = "000123456789"
_PATIENCE_SECONDS = 30.0


class Browser:
    """Pays at the stand-in on `base` by its publishable key; any answer may be late, wrong or missing."""

    def __init__(self, base: str, key: str, dice: random.Random) -> None:
        self._base, self._dice = base, dice
        self._pool = urllib3.PoolManager(num_pools=1, maxsize=1, retries=False)
        self._auth = urllib3.make_headers(basic_auth=f"{key.replace('sk_', 'pk_', 1)}:")

    def confirm(self, intent: str, secret: str, card: str) -> str:
        """Pay an intent; the answer is its status as far as the browser knows."""
        deadline = time.time() + _PATIENCE_SECONDS
        fields = {"client_secret": secret, "payment_method": card, "return_url": self._base}
        while time.time() < deadline:
            status, body = self._call("POST", f"/v1/payment_intents/{intent}/confirm", fields)
            if status in (200, 400, 402):
                return self._authenticate(body) if body.get("next_action") else _status_of(body)
            seen = self._look(intent, secret)  # was it done all the same?
            if seen in ("succeeded", "processing", "canceled"):
                return seen
            time.sleep(self._dice.uniform(0.2, 0.8))
        return "unknown"

    def pay_page(self, url: str, card: str) -> int:
        """Pay on the hosted page; the answer is the last status, 0 without one."""
        fields = {"number": NUMBERS.get(card, ""), "expiry": "12/40", "cvc": "123"}
        if card == DEBIT:
            fields = {"account_number": _ACCOUNT}
        deadline, status = time.time() + _PATIENCE_SECONDS, 0
        while status in (0, 429, 500) and time.time() < deadline:
            status, where = self._post(url, fields)
            if status == 303 and card == AUTHENTICATED:
                status, _ = self._post(where, {"outcome": "complete"})
            if status in (0, 429, 500):
                time.sleep(self._dice.uniform(0.2, 0.8))
        return status

    def _authenticate(self, intent: dict[str, Any]) -> str:
        page = intent["next_action"]["redirect_to_url"]["url"]
        status, _ = self._post(page, {"outcome": "complete"})
        return "succeeded" if status == 303 else "requires_action"

    def _look(self, intent: str, secret: str) -> str:
        _, body = self._call("GET", f"/v1/payment_intents/{intent}", {"client_secret": secret})
        return _status_of(body)

    def _call(self, method: str, path: str, fields: dict[str, str]) -> tuple[int, dict[str, Any]]:
        try:
            got = self._pool.request(
                method,
                f"{self._base}{path}" + (f"?{urlencode(fields)}" if method == "GET" else ""),
                body=urlencode(fields) if method == "POST" else None,
                headers=self._auth | {"Content-Type": "application/x-www-form-urlencoded"},
                timeout=5,
            )
            return got.status, got.json()
        except (urllib3.exceptions.HTTPError, OSError, ValueError):
            return 0, {}

    def _post(self, url: str, fields: dict[str, str]) -> tuple[int, str]:
        """Status, and where the answer leads to."""
        try:
            got = self._pool.request(
                "POST", url, fields=fields, encode_multipart=False, redirect=False, timeout=5
            )
        except (urllib3.exceptions.HTTPError, OSError):
            return 0, ""
        return got.status, got.headers.get("Location", "")


def _status_of(body: dict[str, Any]) -> str:
    status: str = body.get("status") or body.get("error", {}).get("payment_intent", {}).get(
        "status", "unknown"
    )
    return status
