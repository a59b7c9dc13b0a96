"""Where a scenario's time goes: its Python by a sampler, in one thread of a process of its own; its SQL by
PostgreSQL's statistics.
"""

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any

from bench.apart import Apart
from bench.bench import Bench
from bench.child import become_the_shop, start_as_a_child_does
from bench.errors import BenchFailed
from bench.paths import Operation
from bench.requests import Request
from bench.sampler import Sampler
from bench.scenarios import SCENARIOS

_OPERATIONS, _WARM_UP, _LONGEST_SECONDS = 300, 40, 300.0
_MOST = 12
Profile = dict[str, Any]


def profiled(bench: Bench, name: str) -> Profile:
    """The largest shares of a scenario, in Python and in PostgreSQL."""
    scenario = SCENARIOS[name]
    if scenario.path:
        path = scenario.path(bench)
        operations = list(path.operations(_OPERATIONS + _WARM_UP))
        few = [operations[at % len(operations)] for at in range(_OPERATIONS + _WARM_UP)]
        return _apart(bench, _serve, few, path.expected)
    if scenario.prepare:
        scenario.prepare(bench)
        return _apart(bench, _deliver)
    raise TypeError("A scenario is a path or work.")


def lines(profile: Profile) -> Iterable[str]:
    """The profile for people: the five largest of each kind."""
    for title in ("libraries", "ours"):
        yield f"    {title}: " + ", ".join(f"{name} {share:.0%}" for name, share in profile[title][:5])
    for text, calls, milliseconds in profile["statements"][:5]:
        yield f"    SQL {milliseconds:.3f} ms x {calls:.1f}: {text[:100]}"


def _apart(bench: Bench, work: Callable[..., Profile], *words: object) -> Profile:
    """Do the work in a new process that has the shop's settings, and add what PostgreSQL saw of it."""
    bench.statements.reset()
    with Apart() as process:
        profile = process.do(_LONGEST_SECONDS, work, bench.shop.environment, *words)
    done = profile["operations"] + profile["warmed_up"]
    profile["statements"] = [
        (each.text, round(each.calls / done, 2), round(each.milliseconds / done, 4))
        for each in bench.statements.top()[:_MOST]
    ]
    return profile


def _serve(
    environment: Mapping[str, str], operations: Sequence[Operation], expected: Sequence[int]
) -> Profile:
    become_the_shop(environment)
    from bench.wsgi import app  # reads the settings

    return _sampled(partial(_ask_all, app.wsgi_app, each, expected) for each in operations)


def _ask_all(application: Callable[..., Iterable[bytes]], asked: Operation, expected: Sequence[int]) -> None:
    for request, status in zip(asked, expected, strict=True):
        _ask(application, request, status)


def _ask(application: Callable[..., Iterable[bytes]], request: Request, expected: int) -> None:
    path, _, query = request.path.partition("?")
    headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()}
    environ = headers | {
        "REQUEST_METHOD": request.method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
    }
    answered: list[str] = []
    body = b"".join(application(environ, lambda status, *_: answered.append(status)))
    if not answered[0].startswith(str(expected)):
        raise BenchFailed(f"Expected {expected}, got {answered[0]}: {body[:500]!r}")


def _deliver(environment: Mapping[str, str]) -> Profile:
    """Do what is owed, one delivery after the other, as a worker's child would."""
    become_the_shop(environment)
    start_as_a_child_does()
    from sqlalchemy import text

    from app.platform import db
    from tasks.celery import app

    app.loader.import_default_modules()

    def owed() -> Iterable[Callable[[], None]]:
        # What failed is due later: it is not waited for.
        query = text(
            "SELECT /* bench */ id, consumer FROM deliveries"
            " WHERE state = 'pending' AND run_after <= now() ORDER BY id"
        )
        while True:
            with db.transaction() as session:
                rows = session.execute(query).all()
            if not rows:
                return
            for row in rows:
                yield partial(app.tasks[row.consumer].run, row.id)

    return _sampled(owed())


def _sampled(calls: Iterable[Callable[[], None]]) -> Profile:
    todo = iter(calls)
    warmed_up = operations = 0
    for call in islice(todo, _WARM_UP):
        call()
        warmed_up += 1
    with Sampler() as sampler:
        for call in todo:
            call()
            operations += 1
    return {
        "operations": operations,
        "warmed_up": warmed_up,
        "libraries": sampler.shares(sampler.libraries, _MOST),
        "ours": sampler.shares(sampler.ours, 4 * _MOST),
    }
