"""What befalls Stripe and the mail server, which are not ours."""

import contextlib
from collections.abc import Callable, Collection, Mapping
from typing import Any

from proof.chaos.faults.kind import Kind, Missed, Scene, Undo
from proof.chaos.faults.processes import freeze, kill

_SHARE = 0.1
REFUSED_FOR_NOW, HANG, CLOSE, LOSE_ANSWER = "451", "hang", "close", "lose-answer"


def mails(fault: str) -> Callable[[Scene], None]:
    """Let one or two mails fail in this way."""
    return lambda scene: scene.order_mail(fault, scene.dice.randint(1, 2))


def hanging_mail(scene: Scene) -> Undo:
    """One mail gets no answer, until the mail server is started anew."""
    scene.order_mail(HANG, 1)

    def start_anew() -> None:
        with contextlib.suppress(Missed):
            kill("mail")(scene)

    return start_anew


KINDS = {
    "stripe-hang": Kind(60, freeze("stripe"), (2, 8)),
    "mail-refused-for-now": Kind(10, mails(REFUSED_FOR_NOW)),
    "mail-closed-after-data": Kind(20, mails(CLOSE)),
    "mail-lost-answer": Kind(60, lambda scene: scene.order_mail(LOSE_ANSWER, 1)),
    "mail-hang": Kind(60, hanging_mail, (2, 8)),
    "mail-kill": Kind(60, kill("mail")),
}

CALLS: Mapping[str, Mapping[str, Any]] = {
    "stripe-slow": {"delay_seconds": 1.0},
    "stripe-429": {"outcome": 429, "headers": {"Retry-After": "1"}},
    "stripe-500-before": {"outcome": 500},
    "stripe-500-after": {"outcome": 500, "when": "after"},
    "stripe-silent": {"outcome": "silence"},
    "stripe-lost-reply": {"outcome": "lost", "when": "after"},
}
"""What befalls one in ten calls to Stripe, each kind by itself, as long as the faults last."""
WEBHOOKS: Mapping[str, Mapping[str, Any]] = {
    "webhooks-dropped": {"drop": True, "drop_share": 0.2},
    "webhooks-doubled": {"copies": 2, "copy_share": 0.2},
    "webhooks-late": {"shuffle": True},
}
"""How events travel meanwhile; late ones in any order."""


def disturb_calls(scene: Scene, names: Collection[str]) -> None:
    """Let calls to Stripe fail from now on."""
    for name in CALLS.keys() & set(names):
        scene.order_stripe("faults", path="/v1", calls=None, share=_SHARE, **CALLS[name])


def disturb_webhooks(scene: Scene, names: Collection[str], delay: float) -> None:
    """Let webhooks be lost, doubled, and late by up to so many seconds."""
    mode = {key: value for name in WEBHOOKS.keys() & set(names) for key, value in WEBHOOKS[name].items()}
    if "webhooks-late" in names:
        mode["delay_seconds"] = delay
    scene.order_stripe("webhooks", **mode)
