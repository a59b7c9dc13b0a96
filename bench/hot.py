"""Two articles that everybody wants: their rows of stock, against what PostgreSQL itself can do with them."""

import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from bench.apart import Apart
from bench.bench import Bench
from bench.child import become_the_shop, start_as_a_child_does
from bench.errors import BenchFailed
from bench.rounds import Measure, Meter, Round

_PROCESSES, _THREADS = 2, 8  # as the API has
_PATIENCE_SECONDS = 120.0
_TAKE = "UPDATE stock_levels SET reserved = reserved + 1 WHERE variant_id = '{}' AND on_hand - reserved >= 1;"
_COUNT_ANEW = """
UPDATE stock_levels SET reserved = (SELECT coalesce(sum(quantity), 0) FROM reservations
  WHERE reservations.variant_id = stock_levels.variant_id AND status = 'active')
WHERE variant_id = ANY (%(variants)s)
"""
_HELD = """
SELECT reserved, (SELECT coalesce(sum(quantity), 0) FROM reservations
  WHERE reservations.variant_id = stock_levels.variant_id AND status = 'active')
FROM stock_levels WHERE variant_id = ANY (%(variants)s) ORDER BY variant_id
"""


def hot(bench: Bench) -> Measure:
    """Rounds of the shop's own reserve(), a transaction each, over as many connections as the API has.

    Right before, pgbench does the bare two updates of the same rows with as many clients: the shop's rate as
    a share of that is the fact that this is for. No HTTP is in it; see `hot-checkout`.
    """
    variants = sorted(good.variant_id for good in bench.crowd.goods[:2])
    callers = [bench.until_the_end.enter_context(Apart()) for _ in range(_PROCESSES)]
    for each in callers:
        each.do(_PATIENCE_SECONDS, _prepare, bench.shop.environment, variants)

    def measure(seconds: float) -> Round:
        raw = _pgbench(bench, variants, seconds)
        bench.connection.execute(_COUNT_ANEW, {"variants": variants})
        done = _reserved(bench, callers, variants, seconds)
        return replace(done, facts={"pgbench per s": raw, "share of pgbench": done.rate / raw})

    return measure


def _pgbench(bench: Bench, variants: Sequence[UUID], seconds: float) -> float:
    """Transactions per second of the bare statements, by PostgreSQL's own client in its default mode."""
    script = bench.shop.folder / "hot.sql"
    script.write_text("\n".join(["BEGIN;", *(_TAKE.format(each) for each in variants), "COMMIT;\n"]))
    postgres = bench.shop.embedded.postgres
    sizes = ["-c", str(_PROCESSES * _THREADS), "-j", str(_PROCESSES), "-T", str(max(round(seconds), 1))]
    words: list[str | Path] = [postgres.program("pgbench"), "-n", "-f", script, *sizes, postgres.plain_url]
    done = subprocess.run(  # noqa: S603  # our own words
        words, capture_output=True, text=True, check=False, timeout=seconds + _PATIENCE_SECONDS
    )
    rate = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
    if done.returncode or not rate or "number of failed transactions: 0 " not in done.stdout:
        raise BenchFailed(f"pgbench failed: {' '.join((done.stdout + done.stderr).split())}")
    return float(rate.group(1))


def _reserved(bench: Bench, callers: Sequence[Apart], variants: Sequence[UUID], seconds: float) -> Round:
    before = _held(bench, variants)
    roots = {"postgres": bench.shop.roots["postgres"], "callers": [each.pid for each in callers]}
    with ThreadPoolExecutor(_PROCESSES) as at_once, Meter(bench, roots) as meter:
        began, within = time.perf_counter(), seconds + _PATIENCE_SECONDS
        work = [at_once.submit(each.do, within, _reserve, variants, seconds) for each in callers]
        milliseconds = [value for each in work for value in each.result()]
        elapsed = time.perf_counter() - began
    made, held = len(milliseconds), _held(bench, variants)
    if held != [units + made for units in before]:
        raise BenchFailed(f"{made} reservations were made: {before} units were held, now {held}.")
    return meter.round(made, elapsed, milliseconds)


def _held(bench: Bench, variants: Sequence[UUID]) -> list[int]:
    """Units of each that are held, by the counter; the reservations must add up to it."""
    rows = bench.connection.execute(_HELD, {"variants": variants}).fetchall()
    if any(counted != summed for counted, summed in rows):
        raise BenchFailed(f"Counters and reservations of the hot articles differ: {rows}")
    return [counted for counted, _ in rows]


def _prepare(environment: Mapping[str, str], variants: Sequence[UUID]) -> None:
    become_the_shop(environment)
    start_as_a_child_does()
    _reserve_once(variants)


def _reserve(variants: Sequence[UUID], seconds: float) -> list[float]:
    """Milliseconds of each of the reservations that several threads make until the time is up."""
    end = time.perf_counter() + seconds

    def until_then() -> list[float]:
        taken = []
        while (now := time.perf_counter()) < end:
            _reserve_once(variants)
            taken.append((time.perf_counter() - now) * 1000)
        return taken

    with ThreadPoolExecutor(_THREADS) as threads:
        work = [threads.submit(until_then) for _ in range(_THREADS)]
        return [value for each in work for value in each.result()]


def _reserve_once(variants: Sequence[UUID]) -> None:
    from app.inventory.services import reserve
    from app.platform.db import transaction
    from app.platform.ids import new_id

    with transaction() as session:
        reserve(session, holder_id=new_id(), quantities=dict.fromkeys(variants, 1))
