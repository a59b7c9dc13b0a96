import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.stripe.errors import missing

Json = dict[str, Any]

TABLES = """
CREATE TABLE IF NOT EXISTS objects (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, subject TEXT,
  created INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS objects_by_kind ON objects (kind, sequence);
CREATE INDEX IF NOT EXISTS sessions_by_intent ON objects (json_extract(body, '$.payment_intent'))
  WHERE kind = 'checkout.session';
CREATE INDEX IF NOT EXISTS items_by_session ON objects (subject, sequence) WHERE kind = 'item';
CREATE TABLE IF NOT EXISTS keys (
  key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, status INTEGER NOT NULL, body BLOB NOT NULL,
  request_id TEXT NOT NULL, created_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS keys_by_age ON keys (created_at);
CREATE TABLE IF NOT EXISTS deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, state TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, created_at REAL NOT NULL, next_at REAL NOT NULL,
  last_status INTEGER, last_error TEXT, delivered_at REAL, endpoint TEXT);
CREATE INDEX IF NOT EXISTS deliveries_by_event ON deliveries (event);
CREATE INDEX IF NOT EXISTS deliveries_pending ON deliveries (next_at) WHERE state = 'pending';
CREATE TABLE IF NOT EXISTS appointments (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS marks (id TEXT NOT NULL, mark TEXT NOT NULL, PRIMARY KEY (id, mark));
CREATE TABLE IF NOT EXISTS modes (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
EMPTY = """
BEGIN;
DELETE FROM objects; DELETE FROM keys; DELETE FROM deliveries; DELETE FROM appointments; DELETE FROM modes;
DELETE FROM marks;
COMMIT;
"""


@dataclass(frozen=True)
class Origin:
    """The request that caused an effect; both are None for what the stand-in does by itself."""

    request_id: str | None = None
    idempotency_key: str | None = None


class Ledger:
    """The books inside one transaction; set `news` when the background has something new to do."""

    def __init__(self, connection: sqlite3.Connection, origin: Origin) -> None:
        self.execute = connection.execute
        self.origin = origin
        self.news = False

    def add(self, thing: Json, *, subject: str | None = None) -> None:
        """Enter a new object; lists can be filtered by its subject. Line items do not tell their time."""
        row = (thing["id"], thing["object"], subject, thing.get("created", 0), json.dumps(thing))
        self.execute("INSERT INTO objects (id, kind, subject, created, body) VALUES (?, ?, ?, ?, ?)", row)

    def save(self, thing: Json) -> None:
        """Write an object's present state over its former one."""
        self.execute("UPDATE objects SET body = ? WHERE id = ?", (json.dumps(thing), thing["id"]))

    def find(self, wanted: str, kind: str, *, param: str = "id") -> Json:
        """The object of that id and kind. Raises Refusal naming the parameter when there is none."""
        row = self.execute("SELECT body FROM objects WHERE id = ? AND kind = ?", (wanted, kind)).fetchone()
        if row is None:
            raise missing(kind, wanted, param=param)
        found: Json = json.loads(row["body"])
        return found

    def retire(self, thing: Json) -> Json:
        """Delete an object as Stripe does: no list has it any more, and its id names what is left of it."""
        left = {"id": thing["id"], "object": thing["object"], "deleted": True}
        statement = "UPDATE objects SET kind = 'deleted_' || kind, body = ? WHERE id = ?"
        self.execute(statement, (json.dumps(left), thing["id"]))
        return left

    def mark(self, identity: str, mark: str) -> None:
        """Remember something about an object which it does not show."""
        self.execute("INSERT OR IGNORE INTO marks VALUES (?, ?)", (identity, mark))

    def marked(self, identity: str, mark: str) -> bool:
        """Whether that was remembered about the object."""
        statement = "SELECT count(*) FROM marks WHERE id = ? AND mark = ?"
        return bool(self.execute(statement, (identity, mark)).fetchone()[0])

    @contextmanager
    def undo_on_error(self) -> Iterator[None]:
        """Take back what the block wrote when it raises, unless the exception says that its effects last."""
        self.execute("SAVEPOINT work")
        try:
            yield
        except Exception as error:
            if not getattr(error, "lasting", False):
                self.execute("ROLLBACK TO work")
            raise
        finally:
            self.execute("RELEASE work")


class Books:
    """Everything the stand-in knows, in one SQLite file; what a transaction wrote survives any later crash.

    Transactions run one after the other. `bell` is set after one that left news for the background.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.bell = threading.Event()
        self._lock = threading.Lock()
        path = folder / "stripe.sqlite"
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(TABLES)
        self._bring_up_to_date()

    def _bring_up_to_date(self) -> None:
        """Books of earlier versions lack the column that tells which endpoint a webhook is for."""
        columns = [row["name"] for row in self._connection.execute("PRAGMA table_info (deliveries)")]
        if "endpoint" not in columns:
            self._connection.execute("ALTER TABLE deliveries ADD COLUMN endpoint TEXT")

    @contextmanager
    def transaction(self, origin: Origin | None = None) -> Iterator[Ledger]:
        """All that the block writes, or nothing of it when it raises."""
        with self._lock:
            ledger = Ledger(self._connection, origin or Origin())
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield ledger
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
        if ledger.news:
            self.bell.set()

    def empty(self) -> None:
        """Forget everything."""
        with self._lock:
            self._connection.executescript(EMPTY)
