"""Handing text messages to whoever carries them."""

import sys
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Protocol

import requests

from app.notifications.errors import Deferred, Refused
from app.notifications.gateway.rules import Sms
from app.platform import tracing

NOT_NOW = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
IN_DOUBT = "nobody knows whether it was taken"
NOT_CONNECTED = ("NewConnectionError", "NameResolutionError")
"""How urllib3 calls it when nothing was said: nobody listens there, or the name is not known now."""


class Texter(Protocol):
    """Whoever takes text messages."""

    def send(self, *, to: str, text: str) -> str:
        """Hand one over to a number like +442079460958; the answer names it at the taker's.

        Raises Deferred when it was certainly not taken and may be later, and Refused when it never
        will be, or nobody knows: two of them could not be told apart, so it is not tried again by itself.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Twilio:
    """A service that speaks as Twilio does: POST /2010-04-01/Accounts/{account}/Messages.json."""

    account: str
    token: str
    sender: str
    api_base: str
    timeout: timedelta

    def send(self, *, to: str, text: str) -> str:
        """Hand one over, as Texter says."""
        with tracing.span("sms send", tracing.CLIENT, attributes={"server.address": self.api_base}):
            return _in_words(self._post({"To": to, "From": self.sender, "Body": text}))

    def _post(self, form: dict[str, str]) -> requests.Response:
        url = f"{self.api_base}/2010-04-01/Accounts/{self.account}/Messages.json"
        try:
            return requests.post(
                url,
                data=form,
                auth=(self.account, self.token),
                timeout=self.timeout.total_seconds(),
                allow_redirects=False,
            )
        except (requests.ConnectTimeout, requests.exceptions.SSLError) as error:
            raise Deferred(type(error).__name__) from None
        except requests.ConnectionError as error:
            # Refused before anything was said, or broken off in the middle of it.
            if any(name in repr(error) for name in NOT_CONNECTED):
                raise Deferred("NotConnected") from None
            raise Refused(IN_DOUBT) from None
        except requests.RequestException:
            raise Refused(IN_DOUBT) from None


class Console:
    """Shows text messages on the terminal, for developers."""

    def send(self, *, to: str, text: str) -> str:
        """Show one."""
        sys.stdout.write(f"SMS to {to}: {text}\n")
        sys.stdout.flush()
        return "shown"


def texter_from(known: Sms) -> Texter | None:
    """Who takes them by the settings; None when none are sent."""
    if known.provider == "console":
        return Console()
    if known.provider == "none":
        return None
    return Twilio(
        account=known.account or "",
        token=known.token or "",
        sender=known.sender or "",
        api_base=known.api_base,
        timeout=known.timeout,
    )


def _in_words(answer: requests.Response) -> str:
    """What they call it; raises as Texter says. Their sentences are left out, as they name the number."""
    told = _read(answer)
    if answer.status_code == HTTPStatus.CREATED:
        return f"{answer.status_code} {told.get('sid')}"
    if answer.status_code in NOT_NOW:
        raise Deferred(f"{answer.status_code}")
    if HTTPStatus.BAD_REQUEST <= answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Refused(f"{answer.status_code} {told.get('code')}")
    raise Refused(f"{answer.status_code}, {IN_DOUBT}")


def _read(answer: requests.Response) -> dict[str, object]:
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
