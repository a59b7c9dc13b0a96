"""Every call, as everybody, about what is theirs and what is others'."""

import pytest

from tests.access.asking import Answer, Asking
from tests.access.rules import EVERYBODY, GUESTS, KEYS, SELLERS, STRANGERS, orders
from tests.access.table import TABLE
from tests.access.world import World

NEVER_OTHERS = (*STRANGERS, *GUESTS, "customer", "other_customer", *SELLERS, *KEYS)
"""All but admins, who may read what is others'."""
OF_A_GUEST = (
    ("GET /v1/orders/<id_or_number>", 200),
    ("GET /v1/orders/<id_or_number>/timeline", 200),
    ("GET /v1/orders/<id_or_number>/events", 307),
    ("POST /v1/live-tickets", 201),
    ("GET /v1/orders/<id_or_number>/invoice", 200),
    ("GET /v1/orders/<id_or_number>/documents", 200),
    ("GET /v1/orders/<id_or_number>/documents/<uuid:document_id>", 200),
    ("GET /v1/orders/<id_or_number>/returns", 200),
    ("POST /v1/orders/<id_or_number>/returns", 422),
    ("PATCH /v1/orders/<id_or_number>", 200),
    ("POST /v1/orders/<id_or_number>/cancel", 202),
    ("POST /v1/orders/<id_or_number>/payments", 201),
    ("GET /v1/payments/<uuid:payment_id>", 200),
    ("POST /v1/payments/<uuid:payment_id>/confirm", 202),
)
"""Calls about an order, once more about one that a guest has placed."""
IS_SO_ALREADY = {
    "POST /v1/admin/documents/<uuid:document_id>/render",
    "DELETE /v1/admin/categories/<uuid:category_id>/image",
    "PATCH /v1/admin/inventory/<sku>",
    "POST /v1/admin/reviews/<uuid:review_id>/publish",
    "POST /v1/admin/webhook-events/<event_id>/replay",
    "POST /v1/admin/work/retry",
    "POST /v1/parcels/<uuid:parcel_id>/unpack",
    "POST /v1/webhook-endpoints/<uuid:endpoint_id>/ping",
}
"""What admins ask for changes nothing in this shop."""


def test_every_line_is_about_everybody() -> None:
    assert {call for call, line in TABLE.items() if line.rule.keys() != set(EVERYBODY)} == set()


@pytest.mark.parametrize("call", TABLE)
def test_everybody_is_answered_as_the_table_says(asking: Asking, call: str) -> None:
    answers = {who: asking.ask(call, who) for who in EVERYBODY}

    assert {who: answer.status for who, answer in answers.items()} == TABLE[call].rule
    assert (_leaked(asking.world, answers), _wrote_though_refused(answers)) == ([], [])


@pytest.mark.parametrize(("call", "status"), OF_A_GUEST)
def test_what_a_guest_has_bought_is_theirs_alone(asking: Asking, call: str, status: int) -> None:
    answers = {who: asking.ask(call, who, whose="guest") for who in EVERYBODY}

    assert {who: answer.status for who, answer in answers.items()} == orders("guest", status)
    assert (_leaked(asking.world, answers), _wrote_though_refused(answers)) == ([], [])


def test_whatever_an_admin_does_there_is_written_down(asking: Asking) -> None:
    customers = {call: line.rule["customer"] for call, line in TABLE.items()}
    acts = [call for call in TABLE if customers[call] == 403 and not call.startswith("GET")]
    answers = {call: asking.ask(call, "admin") for call in acts}

    untold = {call for call in acts if answers[call].status < 300 and not answers[call].is_audited}
    assert untold == IS_SO_ALREADY


def _leaked(world: World, answers: dict[str, Answer]) -> list[tuple[str, str]]:
    """Who was told a text that belongs to somebody else."""
    return [
        (who, text)
        for who in NEVER_OTHERS
        for owner, texts in world.secrets.items()
        for text in texts
        if who != owner and text in answers[who].text
    ]


def _wrote_though_refused(answers: dict[str, Answer]) -> list[str]:
    return [who for who, answer in answers.items() if answer.status in {401, 403} and answer.has_written]
