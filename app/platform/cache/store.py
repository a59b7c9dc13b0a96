"""Finished answers in Redis, and what has changed since they were made."""

import secrets
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from prometheus_client import Counter
from redis import Redis, RedisError
from redis.commands.core import Script

from app.platform.breaker import Breaker
from app.platform.cache.policy import CachePolicy
from app.platform.cache.scripts import ASK, KEEP, TELL

UNREACHED = Counter(
    "backroom_cache_unreached", "What Redis was not told or not asked, because it did not answer", ["reason"]
)
CHANGES = "cache:changes"
EVERYTHING = "*"
"""A scope that every answer is made of."""
MOST_SCOPES = 50_000
"""How many changed scopes are remembered; one more, and nothing that was kept is trusted any longer."""
MOST_TOLD = 1_000
LOCK_SECONDS = 1.0
"""How long others leave a reading to whoever began it; who is slower, or dies, is not waited for."""
PASSING_SECONDS = 1.0
LARGEST_BODY = 256_000
BREAKER_FAILURES, BREAKER_PAUSE = 3, 1.0


class Answer(NamedTuple):
    """What everybody gets who asks the same: the bytes, their ETag, and the languages of their texts."""

    body: bytes
    etag: str
    languages: str


class Moment(NamedTuple):
    """A point in the history of changes."""

    generation: bytes
    number: bytes


class Asked(NamedTuple):
    """What came of asking.

    `found` and `stale` have the answer. `turn`: read the database, then `keep`; what changes after the
    `moment` is noticed. `wait`: somebody reads it; ask again. `passing` and `unreached`: read for yourself.
    """

    outcome: str
    answer: Answer | None = None
    moment: Moment | None = None
    token: str = ""


UNANSWERED = Asked("unreached")


class Store:
    """Safe to share between threads. Nothing raises because of Redis, nor waits longer than its client."""

    def __init__(self, server: Redis, policy: CachePolicy) -> None:
        self._ask, self._keep, self._tell = map(server.register_script, (ASK, KEEP, TELL))
        self._stale = policy.stale * 1000
        self._life = (policy.fresh + policy.stale) * 1000
        self._breaker = Breaker("cache", failures=BREAKER_FAILURES, pause=BREAKER_PAUSE)
        self._owes = False

    def ask(self, key: str, *, since: Moment | None = None) -> Asked:
        """The answer under a key, or what to do; who waits says `since` when. One round trip."""
        token = secrets.token_hex(8)
        known = since or ("", "0")
        arguments = (token, int(LOCK_SECONDS * 1000), self._stale, *known)
        reply = self._call(self._ask, (*_keys(key), CHANGES), arguments)
        if reply is None:
            return UNANSWERED
        outcome, *values = reply
        if outcome in (b"found", b"stale"):
            body, etag, languages = values
            return Asked(outcome.decode(), Answer(body, etag.decode(), languages.decode()))
        return Asked(outcome.decode(), moment=Moment(*values) if values else None, token=token)

    def keep(self, key: str, asked: Asked, answer: Answer, scopes: Iterable[str]) -> None:
        """Let others have the answer until one of the scopes changes, or its time is over.

        One that is too large is not kept: see `pass_by`.
        """
        moment = asked.moment
        if moment is None or len(answer.body) > LARGEST_BODY:
            self.pass_by(key, asked)
            return
        fields = {**moment._asdict(), **answer._asdict(), "scopes": " ".join(sorted(scopes))}
        self._put(key, asked, self._life, fields)

    def pass_by(self, key: str, asked: Asked) -> None:
        """For a second, let everybody read for themselves what is under the key."""
        self._put(key, asked, int(PASSING_SECONDS * 1000), {"passing": 1})

    def tell(self, scopes: Sequence[str]) -> bool:
        """Trust no answer any longer that was made of these. Whether Redis has heard it.

        What it has not heard is made up for by the next that it hears of this process: no answer of before
        is trusted then.
        """
        few = scopes if len(scopes) <= MOST_TOLD and EVERYTHING not in scopes else (EVERYTHING,)
        told = self._call(self._tell, (CHANGES,), (secrets.token_hex(8), MOST_SCOPES, *few)) is not None
        self._owes = self._owes or not told
        return told

    def _put(self, key: str, asked: Asked, life: int, fields: dict[str, Any]) -> None:
        pairs = [part for pair in fields.items() for part in pair]
        self._call(self._keep, _keys(key), (asked.token, life, *pairs))

    def _call(self, script: Script, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        """What the script answers, empty for nothing; None when Redis does not answer."""
        if not self._breaker.allows():
            UNREACHED.labels("breaker").inc()
            return None
        try:
            if self._owes:
                self._make_up()
            reply = script(keys=keys, args=arguments)
        except (RedisError, OSError) as error:
            self._breaker.failed()
            UNREACHED.labels(type(error).__name__).inc()
            return None
        self._breaker.succeeded()
        return () if reply is None else reply

    def _make_up(self) -> None:
        self._owes = False  # before, so that what another thread owes meanwhile is not forgotten
        try:
            self._tell(keys=(CHANGES,), args=(secrets.token_hex(8), MOST_SCOPES, EVERYTHING))
        except (RedisError, OSError):
            self._owes = True
            raise


def _keys(key: str) -> tuple[str, str]:
    return f"cache:answer:{key}", f"cache:lock:{key}"
