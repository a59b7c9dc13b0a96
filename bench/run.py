import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import orjson
import psycopg

from bench import profiling, report, targets
from bench.apart import Apart
from bench.bench import Bench
from bench.buyers import Crowd
from bench.options import NAMES, Options
from bench.rounds import Result, interleaved
from bench.scenarios import SCENARIOS
from bench.seed import seed
from bench.shop import Shop
from bench.statements import Statements
from config import load
from sandbox.progress import Progress

_QUIET_LOAD = 1.0


def run(options: Options) -> None:
    """Boot a stack, measure, print the table, write the JSON, and stop the stack."""
    load_before = os.getloadavg()[0]
    progress = Progress()
    if load_before > _QUIET_LOAD:
        progress.say(f"This machine is busy (load {load_before:.1f}): the figures are upper bounds")
    with stack(options, progress) as bench:
        results = _measured(bench)
        profiles = _profiled(bench) if options.profile else {}
    found = report.document(options, load_before, results, {"profiles": profiles})
    print("\n".join(["", *targets.rows(found["scenarios"])]), flush=True)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    progress.say(f"All figures are in {options.out}")


def _measured(bench: Bench) -> dict[str, Result]:
    """Each scenario's rounds; its line of the table is printed as soon as it is known."""
    print(f"\n{report.header()}", flush=True)
    results = {}
    for name in (name for name in NAMES if name in bench.options.only):
        scenario = SCENARIOS[name]
        bench.shop.start_workers(scenario.needs)
        rounds = scenario.rounds or bench.options.rounds
        results[name] = interleaved(bench, scenario.title, scenario.measure(bench), rounds)
        print(f"{report.line(results[name])}\n{report.parts(results[name])}", flush=True)
    return results


def _profiled(bench: Bench) -> dict[str, profiling.Profile]:
    """Where the time of each scenario goes; what comes after an order is profiled delivery by delivery."""
    print(
        "\nWhere the time goes: Python by package and by function with all it calls, PostgreSQL by statement"
    )
    profiles = {}
    for name in bench.options.only:
        if SCENARIOS[name].path or SCENARIOS[name].prepare:
            profiles[name] = profiling.profiled(bench, name)
            print("\n".join([SCENARIOS[name].title, *profiling.lines(profiles[name])]), flush=True)
    return profiles


@contextmanager
def stack(options: Options, progress: Progress) -> Iterator[Bench]:
    """A stack with a full catalog, up while the block runs. Nothing of it is left afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="backroom-bench-"))
    folder.chmod(0o711)  # the account of PostgreSQL must pass through
    shop = Shop(folder, options.settings)
    try:
        shop.start_servers()
        progress.say("PostgreSQL, Valkeys and mail sink are up")
        with (
            psycopg.connect(shop.embedded.postgres.plain_url, autocommit=True) as connection,
            Apart() as clients,
            ExitStack() as until_the_end,
        ):
            seed(connection, options.products)
            progress.say(f"{options.products} products with two variants each are for sale")
            shop.start_counter()
            progress.say("API and Flask hello are up")
            yield Bench(
                options=options,
                shop=shop,
                connection=connection,
                statements=Statements(connection),
                crowd=Crowd(connection, load(shop.environment), options.products),
                clients=clients,
                until_the_end=until_the_end,
            )
    finally:
        shop.stop()
        shutil.rmtree(folder, ignore_errors=True)
        progress.say("Everything is stopped")
