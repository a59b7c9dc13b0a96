"""Gate F8: webhooks come at a steady rate, and each is taken in time."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from proof.outages.answers import Answer, percentile, statuses
from proof.outages.rest import judged_at_rest
from proof.outages.scenario import Figure
from proof.outages.shop import RunningShop
from proof.outages.visitor import Visitor
from proof.outages.webhook import tell

RATE = 200
CONNECTIONS = 16
LONGEST_P99 = 0.05


@dataclass(frozen=True, slots=True)
class WebhookRate:
    """So many events a second, however fast they are answered."""

    name: str = "gate-webhooks"
    usual_seconds: float = 30.0

    def measure(self, shop: RunningShop, *, seconds: float, **_: int) -> Sequence[Figure]:
        """See the protocol."""
        answers: list[Answer] = []
        secret = shop.facts["stripe"]["webhook_secret"]
        began = time.monotonic()
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            for number in range(CONNECTIONS):
                pool.submit(_send, Visitor(shop.api, answers.append), secret, began, number, seconds)
        rate = len(answers) / (time.monotonic() - began)
        p99 = percentile([each.seconds for each in answers], 0.99)
        median = percentile([each.seconds for each in answers], 0.5)
        taken = all(each.status == 200 for each in answers)
        return (
            Figure("webhooks a second", f"{rate:.0f}", f">= {RATE * 0.95:.0f}", kept=rate >= RATE * 0.95),
            Figure("answers", statuses(answers), "200 only", kept=taken),
            Figure("median answer", f"{median * 1000:.0f} ms", "-", kept=True),
            Figure("p99 of the answers", f"{p99 * 1000:.0f} ms", "<= 50 ms", kept=p99 <= LONGEST_P99),
            judged_at_rest(shop, answers),
        )


def _send(visitor: Visitor, secret: str, began: float, number: int, seconds: float) -> None:
    """Every sixteenth event, each at its own time, or at once when that is over."""
    for index in range(number, int(RATE * seconds), CONNECTIONS):
        time.sleep(max(began + index / RATE - time.monotonic(), 0))
        tell(visitor, secret)


GATE = WebhookRate()
