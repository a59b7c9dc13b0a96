"""Answering from finished bytes: nothing is parsed, read or dumped for what was answered before."""

import time
from collections.abc import Callable, Hashable
from functools import wraps
from hashlib import blake2b
from typing import Any

from flask import Flask, Response, current_app, g, request
from prometheus_client import Counter

from app.platform.cache.policy import CachePolicy
from app.platform.cache.store import Answer, Asked, Store
from app.platform.transport import SECRETS
from app.platform.web import route_template

View = Callable[..., Any]

ANSWERS = Counter("backroom_cache_answers", "Answers of routes that are cached", ["route", "outcome"])
EXTENSION = "answers"
WAIT_SECONDS = 2.0
"""How long a request waits for another that reads the same, before it reads for itself."""
FIRST_PAUSE, LONGEST_PAUSE = 0.004, 0.032


class Answers:
    """Finished answers of an application, by the policy; without a store none are kept."""

    def __init__(self, policy: CachePolicy, store: Store | None) -> None:
        self.control = policy.control
        self._store = store

    def find(self, key: str) -> Asked:
        """What is kept under the key, or what to do; waits while somebody reads the same."""
        if self._store is None:
            return Asked("off")
        asked = first = self._store.ask(key)
        pause, end = FIRST_PAUSE, time.monotonic() + WAIT_SECONDS
        while asked.outcome == "wait" and time.monotonic() < end:
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            asked = self._store.ask(key, since=first.moment)
        return asked

    def make(self, key: str, asked: Asked, view: Callable[[], Response], scopes: tuple[str, ...]) -> Answer:
        """The view's answer, kept for others if it was this request's turn. What it raises is not kept."""
        g.made_of = set(scopes)
        store = self._store if asked.outcome == "turn" else None
        try:
            response = view()
        except Exception:
            if store:
                store.pass_by(key, asked)
            raise
        body = response.get_data()
        languages = response.headers.get("Content-Language", "")
        answer = Answer(body, blake2b(body, digest_size=16).hexdigest(), languages)
        if store:
            store.keep(key, asked, answer, g.made_of)
        return answer


def register_cache(app: Flask, policy: CachePolicy, store: Store | None) -> None:
    """Let the application's routes be `cached`."""
    app.extensions[EXTENSION] = Answers(policy, store)


def made_of(*scopes: str) -> None:
    """Name further scopes that the answer in hand is made of. Only below `cached`."""
    g.made_of.update(scopes)


def cached(*scopes: str, languages: Callable[[str], Hashable] | None = None) -> Callable[[View], View]:
    """Give everybody who asks the same the same bytes, until one of the scopes has `changed`.

    Stands right under `@blueprint.route`, above all that parses; only on GET of what is everybody's. The
    same is the same path and query. `languages` makes of the header Accept-Language what the answer depends
    on; without it the answer has no language.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def answering(*args: Any, **kwargs: Any) -> Response:
            answers: Answers = current_app.extensions[EXTENSION]
            key = _key(languages)
            asked = answers.find(key)
            ANSWERS.labels(route_template(), asked.outcome).inc()
            answer = asked.answer or answers.make(key, asked, lambda: view(*args, **kwargs), scopes)
            return _response(answer, answers.control)

        vars(answering)["cached"] = True
        return answering

    return decorate


def _key(languages: Callable[[str], Hashable] | None) -> str:
    wanted = languages(request.headers.get("Accept-Language", "")) if languages else None
    same = repr((request.path, _spelled(request.query_string), wanted))
    return blake2b(same.encode(), digest_size=16).hexdigest()


def _spelled(query: bytes) -> list[bytes]:
    """The parameters in the order of their names; of one that comes twice, which is first matters."""
    parameters = query.split(b"&")
    names = [parameter.partition(b"=")[0] for parameter in parameters]
    if any(b"%" in name for name in names):  # two spellings of one name
        return parameters
    return sorted(parameters, key=lambda parameter: parameter.partition(b"=")[0])


def _response(answer: Answer, control: str) -> Response:
    headers = [("ETag", f'"{answer.etag}"')]
    if answer.languages:
        headers += [("Content-Language", answer.languages), ("Vary", "Accept-Language")]
    # Who sends a secret gets the same bytes, but what stands in between shall not keep such exchanges.
    if not any(name in request.headers for name in SECRETS):
        headers.append(("Cache-Control", control))
    if "If-None-Match" in request.headers and request.if_none_match.contains_weak(answer.etag):
        return Response(status=304, headers=headers)
    return Response(answer.body, headers=headers, content_type="application/json")
