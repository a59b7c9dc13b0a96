from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median

from bench.bench import Bench
from bench.cpu import Roots, spent
from bench.load import Load, send
from bench.paths import Path, Reads

# More than any of them reaches on one machine: requests that are sent once are prepared for the whole round.
_MOST_PER_SECOND = 700


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One measurement: its operations, seconds, CPU milliseconds by part, and each operation's milliseconds.

    `statements` is the shop's SQL, `round_trips` everything that was asked of PostgreSQL.
    """

    operations: int
    seconds: float
    cpu: Mapping[str, float]
    milliseconds: list[float] = field(repr=False)
    statements: int = 0
    round_trips: int = 0

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds of one operation over all parts."""
        return sum(self.cpu.values()) / self.operations


Measure = Callable[[float], Round]
"""Measures for so many seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The rounds of one scenario, and of the yardstick before, between and after them."""

    title: str
    rounds: list[Round]
    hellos: list[Round]

    @property
    def factors(self) -> list[float]:
        """Each round's cost in hellos, by the mean of its two neighbours."""
        pairs = zip(self.hellos, self.hellos[1:], strict=False)
        hello = [(before.cpu_ms + after.cpu_ms) / 2 for before, after in pairs]
        return [each.cpu_ms / cost for each, cost in zip(self.rounds, hello, strict=True)]

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds of one operation: the median of the rounds."""
        return median(each.cpu_ms for each in self.rounds)

    @property
    def hello_ms(self) -> float:
        """The same of the yardstick."""
        return median(each.cpu_ms for each in self.hellos)


def interleaved(bench: Bench, title: str, measure: Measure) -> Result:
    """Warm up, then measure the yardstick around each round: both meet the same machine."""
    options = bench.options
    measure(options.warm_up)
    hello(bench, options.warm_up)
    hellos, rounds = [hello(bench, options.seconds)], []
    for _ in range(options.rounds):
        rounds.append(measure(options.seconds))
        hellos.append(hello(bench, options.seconds))
    return Result(title=title, rounds=rounds, hellos=hellos)


def hello(bench: Bench, seconds: float) -> Round:
    """A round of the yardstick."""
    return _sent(bench, Reads(["/"]), seconds, bench.shop.hello_port, bench.shop.hello_roots)


def of_path(bench: Bench, path: Path) -> Measure:
    """Rounds of one kind of request to the API."""

    def measure(seconds: float) -> Round:
        measured = _sent(bench, path, seconds, bench.shop.api_port, bench.shop.roots)
        path.verify(measured.operations)
        return measured

    return measure


def _sent(bench: Bench, path: Path, seconds: float, port: int, roots: Roots) -> Round:
    count = round(seconds * _MOST_PER_SECOND) + bench.options.connections
    load = Load(
        port=port,
        requests=[request.raw() for request in path.requests(count)],
        expected=path.expected,
        seconds=seconds,
        once=path.once,
        connections=bench.options.connections,
    )
    bench.shop.check_who_answers()
    with Meter(bench, roots) as meter:
        answered = send(bench.clients, load)
    return Round(
        operations=len(answered.milliseconds),
        seconds=answered.seconds,
        cpu=meter.cpu,
        milliseconds=answered.milliseconds,
        statements=meter.statements,
        round_trips=meter.round_trips,
    )


class Meter:
    """What the parts spend, and what is asked of PostgreSQL, while the block runs."""

    cpu: dict[str, float]
    statements: int
    round_trips: int

    def __init__(self, bench: Bench, roots: Roots) -> None:
        self._bench = bench
        self._roots = roots

    def __enter__(self) -> "Meter":
        """Begin."""
        self._bench.statements.reset()
        self._before = spent(self._roots)
        return self

    def __exit__(self, *_: object) -> None:
        """Take what was spent."""
        after = spent(self._roots)
        self.cpu = {part: after[part] - before for part, before in self._before.items()}
        self.round_trips, self.statements = self._bench.statements.counted()
