"""How long clients wait who do not wait for each other, while the shop has strength to spare."""

from math import ceil
from statistics import quantiles

from bench.arrivals import Arrivals, meet
from bench.bench import Bench
from bench.paths import Path
from bench.requests import raw
from bench.rounds import Measure, Meter, Round, asked

_SHARE = 0.7


def openly(bench: Bench, path: Path) -> Measure:
    """Rounds of arrivals at 70 % of the rate that the same round reaches when it is asked without a pause."""

    def measure(seconds: float) -> Round:
        saturated = asked(bench, path, seconds).rate
        arrivals = Arrivals(
            port=bench.shop.api_port,
            operations=raw(path.operations(ceil(saturated * seconds) + 50)),
            expected=path.expected,
            seconds=seconds,
            per_second=_SHARE * saturated,
        )
        with Meter(bench, bench.shop.roots) as meter:
            answered = meet(bench.clients, arrivals)
        path.verify(len(answered.milliseconds))
        facts = {"saturated per s": saturated, "p99 over p50": spread(answered.milliseconds)}
        return meter.round(len(answered.milliseconds), answered.seconds, answered.milliseconds, facts)

    return measure


def spread(milliseconds: list[float]) -> float:
    """How much longer the slowest hundredth waits than the middle."""
    cuts = quantiles(milliseconds, n=100, method="inclusive")
    return cuts[98] / cuts[49]
