import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from app.ops.services import doctor
from app.platform import db
from config import Settings, load
from proof.chaos.evidence import gathered
from proof.chaos.figures import Document, document
from proof.chaos.options import Options
from proof.chaos.phases import Run
from proof.chaos.report import write
from proof.chaos.shop import Shop
from proof.chaos.verdict import judge
from proof.chaos.watch import Watch
from sandbox.progress import Progress
from sandbox.supervisor import StopAsked

_LONGEST_THOUGHT = 600
"""Seconds."""


def run(options: Options) -> bool:
    """One whole run: its report is printed and written; the answer is whether every promise was kept.

    The folder with all logs stays when one was not. Raises ChaosFailed and CannotStart.
    """
    progress = Progress()
    folder = Path(tempfile.mkdtemp(prefix="backroom-chaos-"))
    folder.chmod(0o711)  # the account of PostgreSQL must pass through
    with _opened(folder, options, progress) as shop, _database_of(shop) as settings:
        watch = Watch(settings.longest_hold)
        watch.start()
        try:
            course = Run(options, shop, watch, progress.say)
            course.go_through()
        finally:
            watch.stop()
        found = _examined(course, options, watch)
        print(write(found, options.out), flush=True)
        if options.stay:
            _stay(shop, progress)
    if found["kept"]:
        shop.remove()
    else:
        progress.say(f"Everything that was written, by PostgreSQL too, is in {folder}")
    return bool(found["kept"])


def _examined(run: Run, options: Options, watch: Watch) -> Document:
    evidence = gathered(run.scene, run.course, watch.seen, watch.longest_hold)
    with doctor.snapshot() as session:
        return document(session, options, run.scene, evidence, judge(session, evidence))


@contextmanager
def _opened(folder: Path, options: Options, progress: Progress) -> Iterator[Shop]:
    shop, is_broken_off = Shop(folder, options.clients), False
    try:
        shop.open()
        progress.say("The shop is open")
        yield shop
    except (StopAsked, KeyboardInterrupt):
        is_broken_off = True
        raise
    finally:
        shop.close()
        if is_broken_off:
            shop.remove()
        progress.say("Everything is stopped")


@contextmanager
def _database_of(shop: Shop) -> Iterator[Settings]:
    """The engine of this process on the shop's database, past the proxy."""
    settings = of_a_judge(shop.environment, shop.embedded.postgres.url)
    db.start_engine(settings)
    try:
        yield settings
    finally:
        db.stop_engine()


def of_a_judge(environment: Mapping[str, str], database_url: str) -> Settings:
    """The shop's settings, but for who judges it: between two questions lie all requests of the run."""
    own = {"DATABASE_URL": database_url, "IDLE_IN_TRANSACTION_TIMEOUT": str(_LONGEST_THOUGHT)}
    return load({**environment, **own})


def _stay(shop: Shop, progress: Progress) -> None:
    progress.say(f"Staying: {shop.addresses.api}, {shop.embedded.postgres.plain_url}, {shop.folder}")
    with contextlib.suppress(StopAsked):
        shop.supervisor.watch()
