from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from bench.bench import Bench
from bench.cpu import Roots, spent
from bench.load import Load, send
from bench.paths import Path, Reads
from bench.requests import raw

# More than any of them reaches on one machine: requests that are sent once are prepared for the whole round.
_MOST_PER_SECOND = 700


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One measurement: its operations, seconds, CPU milliseconds by part, and each operation's milliseconds.

    `statements` is the shop's SQL, `round_trips` everything that was asked of PostgreSQL. `facts` is what
    else this kind of measurement tells, by name and unit.
    """

    operations: int
    seconds: float
    cpu: Mapping[str, float]
    milliseconds: Sequence[float] = field(repr=False)
    statements: int = 0
    round_trips: int = 0
    facts: Mapping[str, float] = field(default_factory=dict)

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds of one operation over all parts."""
        return sum(self.cpu.values()) / self.operations

    @property
    def rate(self) -> float:
        """Operations per second."""
        return self.operations / self.seconds


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


def interleaved(bench: Bench, title: str, measure: Measure, rounds_wanted: int) -> Result:
    """Warm up, then measure the yardstick around each round: both meet the same machine.

    Raises BenchFailed when others answered on our ports, before or after.
    """
    options = bench.options
    bench.shop.check_who_answers()
    measure(options.warm_up)
    hello(bench, options.warm_up)
    hellos, rounds = [hello(bench, options.seconds)], []
    for _ in range(rounds_wanted):
        rounds.append(measure(options.seconds))
        hellos.append(hello(bench, options.seconds))
    bench.shop.check_who_answers()
    return Result(title=title, rounds=rounds, hellos=hellos)


def hello(bench: Bench, seconds: float) -> Round:
    """A round of the yardstick."""
    return _sent(bench, Reads(["/"]), seconds, bench.shop.hello_port, bench.shop.hello_roots)


def of_path(bench: Bench, path: Path) -> Measure:
    """Rounds of one kind of operation that the API is asked for."""
    return lambda seconds: asked(bench, path, seconds)


def asked(bench: Bench, path: Path, seconds: float) -> Round:
    """A round of one kind of operation that the API is asked for, as fast as it answers."""
    measured = _sent(bench, path, seconds, bench.shop.api_port, bench.shop.roots)
    path.verify(measured.operations)
    return measured


def _sent(bench: Bench, path: Path, seconds: float, port: int, roots: Roots) -> Round:
    count = round(seconds * _MOST_PER_SECOND) + bench.options.connections
    load = Load(
        port=port,
        operations=raw(path.operations(count)),
        expected=path.expected,
        seconds=seconds,
        once=path.once,
        connections=bench.options.connections,
    )
    with Meter(bench, roots) as meter:
        answered = send(bench.clients, load)
    return meter.round(len(answered.milliseconds), answered.seconds, answered.milliseconds)


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

    def round(
        self,
        operations: int,
        seconds: float,
        milliseconds: Sequence[float] = (),
        facts: Mapping[str, float] | None = None,
    ) -> Round:
        """What was done meanwhile, with what it has cost."""
        return Round(
            operations=operations,
            seconds=seconds,
            cpu=self.cpu,
            milliseconds=milliseconds,
            statements=self.statements,
            round_trips=self.round_trips,
            facts=facts or {},
        )
