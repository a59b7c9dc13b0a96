"""PostgreSQL is dead while people buy: each is asked to come again, and the shop goes on by itself."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from proof.outages.answers import Answer, slowest, statuses
from proof.outages.crowd import shopping
from proof.outages.rest import ended, in_time, is_done, judged, none_of, processes, seconds_until
from proof.outages.scenario import Figure
from proof.outages.shop import RunningShop
from proof.outages.shopping import stock_up

LATEST_ANSWER_SECONDS = 6.0
"""A connection may be waited for as long as the pool's patience."""
FIRST_WITHIN_SECONDS = 10.0
DONE_WITHIN_SECONDS = 95.0
"""A lease of 30 s and 5 s to notice that it is over; Stripe may wait a minute before it tells again."""
AFTERWARDS_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class PostgresStopped:
    """PostgreSQL is killed, and started again when its time is over."""

    name: str = "postgres-stopped"
    usual_seconds: float = 20.0

    def measure(self, shop: RunningShop, *, seconds: float, buyers: int) -> Sequence[Figure]:
        """See the protocol."""
        before = processes(shop)
        with shopping(shop, stock_up(shop, 10_000), buyers=buyers) as answers:
            began = time.time()
            with shop.without("postgres"):
                gone_at = time.time()
                time.sleep(seconds)
                back_at = time.time()
            first = seconds_until(lambda: _first_granted(answers, back_at) is not None, since=back_at)
            time.sleep(AFTERWARDS_SECONDS)
        done = seconds_until(lambda: is_done(shop), since=back_at)
        away = [each for each in answers if each.began >= gone_at and each.ended <= back_at]
        odd = [each for each in answers if not (each.granted or each.asks_to_come_again)]
        disturbed = [each for each in answers if each.ended >= began and not each.granted]
        return (
            _refused(away),
            none_of("answers of other kinds, ever", [_told(each) for each in odd]),
            in_time("slowest refusal", slowest(disturbed), most=LATEST_ANSWER_SECONDS),
            in_time(
                "until the first 2xx", first and _first_granted(answers, back_at), most=FIRST_WITHIN_SECONDS
            ),
            in_time("until all work was done", done, most=DONE_WITHIN_SECONDS),
            ended(before),
            judged(shop, answers),
        )


def _refused(away: Sequence[Answer]) -> Figure:
    """What everybody reads may come from the cache; whoever wants more is told to come again."""
    kept = bool(away) and all(each.asks_to_come_again or _is_finished(each) for each in away)
    return Figure("answers while away", statuses(away), "503 with Retry-After, or the cache's", kept=kept)


def _is_finished(answer: Answer) -> bool:
    return answer.granted and answer.method == "GET" and answer.path.startswith("/v1/products")


def _first_granted(answers: Sequence[Answer], since: float) -> float | None:
    """After how many seconds the first request was granted that came after this moment's outage."""
    granted = [each.ended for each in list(answers) if each.ended >= since and each.granted]
    return min(granted) - since if granted else None


def _told(answer: Answer) -> str:
    return f"{answer.method} {answer.path} {answer.status} {answer.body.get('type', '')}"


STOPPED = PostgresStopped()
