"""What the stand-in does by itself: it keeps appointments and sends webhooks."""

import hashlib
import hmac
import os
import queue
import threading
import time
import traceback
from collections.abc import Callable

import requests

from sandbox.stripe import appointments, clock, deliveries, endpoints, events
from sandbox.stripe.appointments import Action
from sandbox.stripe.books import Books, Json, Ledger
from sandbox.stripe.calls import encode
from sandbox.stripe.deliveries import Due
from sandbox.stripe.endpoints import Destination
from sandbox.stripe.settings import Settings

SENDERS = 8
LONGEST_NAP_SECONDS = 1.0


class Background:
    """One thread that looks what is due, and a few that send; all end with the process.

    A delivery is marked in the books after the shop answered: a crash can double a webhook, never lose one.
    """

    def __init__(self, books: Books, settings: Settings, actions: dict[str, Action]) -> None:
        self._books = books
        self._settings = settings
        self._actions = actions
        self._busy: set[int] = set()
        self._outbox: queue.SimpleQueue[tuple[int, Json, Destination]] = queue.SimpleQueue()

    def start(self) -> None:
        """Begin, with what an earlier life left undone."""
        for work in [self._look, *[self._send] * SENDERS]:
            threading.Thread(target=_or_die, args=(work,), daemon=True).start()

    def finish_sending(self) -> None:
        """Return when no webhook is on its way; after the books were emptied, none follows."""
        while self._busy:
            time.sleep(0.01)

    def _look(self) -> None:
        while True:
            self._books.bell.clear()
            nap = self._hand_out()
            self._books.bell.wait(nap)

    def _hand_out(self) -> float:
        """Queue what is due for the senders; answers for how many seconds there is nothing more to do."""
        with self._books.transaction() as ledger:
            appointments.keep(ledger, self._actions)
            busy = set(self._busy)
            for delivery in deliveries.due(ledger, busy, SENDERS - len(busy)):
                self._post_soon(ledger, delivery)
            if len(self._busy) >= SENDERS:
                return LONGEST_NAP_SECONDS  # a sender that gets free rings the bell
            moments = [appointments.next_at(ledger), deliveries.next_due(ledger, self._busy)]
        wait = min((at for at in moments if at is not None), default=float("inf")) - clock.now()
        return max(0.001, min(wait, LONGEST_NAP_SECONDS))

    def _post_soon(self, ledger: Ledger, delivery: Due) -> None:
        destination = endpoints.destination(ledger, delivery.endpoint, self._settings)
        if destination is None:
            deliveries.drop(ledger, delivery.id)
            return
        self._busy.add(delivery.id)
        event = events.shown(ledger, ledger.find(delivery.event_id, "event"))
        self._outbox.put((delivery.id, event, destination))

    def _send(self) -> None:
        with requests.Session() as session:
            session.trust_env = False
            while True:
                delivery_id, event, destination = self._outbox.get()
                status, error = self._post(session, encode(event), destination)
                self._note(delivery_id, status, error)

    def _post(
        self, session: requests.Session, body: bytes, destination: Destination
    ) -> tuple[int | None, str]:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Stripe-Signature": signature(body, destination.secret),
            "Connection": "close",  # the shop may restart between two webhooks
        }
        limit = self._settings.webhook_timeout_seconds
        try:
            answer = session.post(
                destination.url, data=body, headers=headers, timeout=limit, allow_redirects=False
            )
        except requests.RequestException as error:
            return None, type(error).__name__
        return answer.status_code, answer.text[:200]

    def _note(self, delivery_id: int, status: int | None, error: str) -> None:
        with self._books.transaction() as ledger:
            if status is not None and 200 <= status < 300:
                deliveries.arrived(ledger, delivery_id, status)
            else:
                gap = self._settings.first_retry_seconds
                deliveries.missed(ledger, delivery_id, status, error, first_gap=gap)
            self._busy.discard(delivery_id)
            ledger.news = True


def _or_die(work: Callable[[], None]) -> None:
    """Run it for ever; a stand-in that silently stopped sending would be worse than a dead one."""
    try:
        work()
    except Exception:
        traceback.print_exc()
        os._exit(1)


def signature(body: bytes, secret: str) -> str:
    """The Stripe-Signature header of a body sent now.

    By the machine's time, however far the clock was moved: receivers compare it with theirs.
    """
    moment = int(time.time())
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"
