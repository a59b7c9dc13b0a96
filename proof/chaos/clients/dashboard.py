import contextlib
from typing import Any

import requests

_PATIENCE_SECONDS = 5.0


class Dashboard:
    """Somebody at Stripe itself, on `base` by its secret key, whose steps the shop only hears of.

    A step that fails, amid faults, is left alone: it may have been done all the same.
    """

    def __init__(self, base: str, key: str) -> None:
        self._base = base
        self._auth = (key, "")

    def refund(self, intent: str, amount: int) -> None:
        """Give back so much of an intent, without a word to the shop."""
        self._call("POST", "/v1/refunds", data={"payment_intent": intent, "amount": amount})

    def dispute(self, intent: str) -> None:
        """Let the buyer's bank dispute the payment."""
        charge = self._call("GET", f"/v1/payment_intents/{intent}").get("latest_charge")
        if charge:
            self._call("POST", f"/_admin/charges/{charge}/dispute", json={})

    def _call(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        with contextlib.suppress(requests.RequestException):
            answer = requests.request(
                method, self._base + path, auth=self._auth, timeout=_PATIENCE_SECONDS, **content
            )
            found: dict[str, Any] = answer.json()
            return found
        return {}
