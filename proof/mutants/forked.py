"""Running tests against a mutant in a fork of this process."""

import json
import os
import signal
import time
import warnings
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from _pytest.runner import runtestprotocol
from sqlalchemy import NullPool, create_engine, text

from app.platform.db import SessionFactory, transaction
from proof.mutants.planting import Unplantable, known_objects, plant
from proof.mutants.words import Mutant, Verdict
from tests.template import TEMPLATE


@dataclass(frozen=True, slots=True)
class Trial:
    """Some tests of a session, to run against one mutant."""

    session: pytest.Session
    items: list[pytest.Item]

    def run(self, mutant: Mutant | None) -> Verdict:
        """Run the tests in this process until one fails."""
        found = Verdict(key=mutant.key if mutant else "", outcome="survived", tests=len(self.items))
        only_the_session: Any = SimpleNamespace(listchain=lambda: [self.session])
        for item in self.items:
            reports = runtestprotocol(item, log=False, nextitem=only_the_session)
            wrong = next((each for each in reports if each.failed), None)
            if wrong is not None:
                return replace(found, outcome="killed", by=item.nodeid, why=_why(wrong))
        return found

    def in_a_fork(self, mutant: Mutant | None, *, limit: float) -> Verdict:
        """Plant the mutant, if any, in a fork and run there; after `limit` seconds the fork is killed."""
        began = time.monotonic()
        with TemporaryDirectory() as folder, warnings.catch_warnings(action="ignore"):
            told = Path(folder) / "verdict"
            child = os.fork()
            if child == 0:
                self._live_and_die(mutant, told)
            _wait_for(child, until=began + limit)
            words = json.loads(told.read_text()) if told.exists() else None
        seconds = round(time.monotonic() - began, 1)
        if words is None:
            return Verdict(key=mutant.key if mutant else "", outcome="timeout", seconds=seconds)
        return replace(Verdict(**words), seconds=seconds)

    def _live_and_die(self, mutant: Mutant | None, told: Path) -> None:
        try:
            SessionFactory.kw["bind"].dispose(close=False)
            verdict = self._planted(mutant)
            told.with_suffix(".part").write_text(json.dumps(asdict(verdict)))
            told.with_suffix(".part").rename(told)
        finally:
            os._exit(0)

    def _planted(self, mutant: Mutant | None) -> Verdict:
        try:
            if mutant is not None and mutant.sql:
                with transaction() as session:
                    session.execute(text(mutant.sql))
            if mutant is not None and mutant.file:
                plant(mutant)
        except Unplantable as failure:
            return Verdict(key=mutant.key if mutant else "", outcome="unplantable", why=str(failure))
        return self.run(mutant)


def quiet() -> None:
    """Let go of connections, before forks share them."""
    SessionFactory.kw["bind"].dispose()
    for each in known_objects():
        if issubclass(type(each), requests.Session):  # some proxies answer for their class with work
            each.close()


def clean() -> None:
    """A new database, as a fork that was killed, or that changed the schema, has left one behind."""
    ours = SessionFactory.kw["bind"].url
    engine = create_engine(ours.set(database="postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {ours.database} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {ours.database} TEMPLATE {TEMPLATE}"))


def _wait_for(child: int, *, until: float) -> None:
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        if time.monotonic() > until:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return
        time.sleep(0.02)


def _why(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    return str(crash.message if crash else report.longrepr).strip().partition("\n")[0][:160]
