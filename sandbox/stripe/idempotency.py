import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.stripe import clock
from sandbox.stripe.books import Ledger
from sandbox.stripe.calls import Reply, encode
from sandbox.stripe.errors import Refusal, malformed
from sandbox.stripe.forms import Tree

LIFETIME_SECONDS = 24 * 3600
LONGEST_KEY = 255


class KeysAtWork:
    """The keys whose first request is still being worked on in this process."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def holding(self, key: str | None) -> Iterator[None]:
        """Be the only request with this key meanwhile. Raises Refusal 409 when there is another."""
        if key is None:
            yield
            return
        self._take(key)
        try:
            yield
        finally:
            with self._lock:
                self._keys.discard(key)

    def _take(self, key: str) -> None:
        if len(key) > LONGEST_KEY:
            raise malformed(f"An idempotency key has at most {LONGEST_KEY} characters.")
        with self._lock:
            if key in self._keys:
                message = f"Another request with the idempotency key {key} is in progress. Try again later."
                raise Refusal(409, "idempotency_error", message, code="idempotency_key_in_use", kept=False)
            self._keys.add(key)


def fingerprint(method: str, path: str, given: Tree) -> str:
    """What two requests with one key must have in common."""
    return hashlib.sha256(encode([method, path, sorted(given.items())])).hexdigest()


def prune(ledger: Ledger) -> None:
    """Forget the keys that are older than a day."""
    ledger.execute("DELETE FROM keys WHERE created_at < ?", (clock.now() - LIFETIME_SECONDS,))


def recall(ledger: Ledger, key: str, wanted: str) -> Reply | None:
    """The first answer given under this key, if any.

    Raises Refusal when the key was used for another request. Keys are forgotten after a day.
    """
    prune(ledger)
    row = ledger.execute("SELECT * FROM keys WHERE key = ?", (key,)).fetchone()
    if row is None:
        return None
    if row["fingerprint"] != wanted:
        message = f"The idempotency key {key} was first used with another path or other parameters."
        raise Refusal(400, "idempotency_error", message, kept=False)
    return Reply(row["status"], row["body"], row["request_id"], replayed=True)


def remember(ledger: Ledger, key: str, used_for: str, reply: Reply) -> None:
    """Keep the answer for a day."""
    row = (key, used_for, reply.status, reply.body, reply.request_id, clock.now())
    ledger.execute("INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?)", row)
