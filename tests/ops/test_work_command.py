"""Failed work by command."""

import pytest
from click.testing import Result
from flask import Flask

from tests.buyers import Purchase
from tests.database import change, rows


@pytest.fixture
def dead(bought: Purchase) -> int:
    """The mail about the order, given up."""
    change("UPDATE deliveries SET state = 'dead', failures = 12, last_error = 'no' WHERE queue = 'email'")
    ((delivery_id,),) = rows("SELECT id FROM deliveries WHERE queue = 'email'")
    return int(delivery_id)


def run(app: Flask, *words: object) -> Result:
    return app.test_cli_runner().invoke(args=["work", *map(str, words)])


def test_the_list_is_a_table_with_a_line_for_each(app: Flask, bought: Purchase, dead: int) -> None:
    result = run(app, "list")

    head, line, end = result.output.splitlines()
    ((number,),) = rows("SELECT number FROM orders")
    assert result.exit_code == 0
    assert head.split() == [
        "id", "state", "consumer", "attempts", "failures", "run_after", "order_number", "last_error"
    ]  # fmt: skip
    assert line.split()[:5] == [str(dead), "dead", "notifications.order_received", "0", "12"]
    assert line.split()[-2:] == [number, "no"]
    assert end == "1 deliveries."


def test_it_lists_by_state_and_order_and_says_when_there_is_more(app: Flask, bought: Purchase) -> None:
    change("UPDATE deliveries SET state = 'dead', done_at = NULL")

    output = run(app, "list", "--state", "dead", "--order", bought.order_id, "--limit", "1").output

    assert output.splitlines()[-1] == "1 deliveries; there is more, see --limit."


def test_it_shows_one_with_what_it_belongs_to_and_its_attempts(app: Flask, bought: Purchase) -> None:
    ((done,),) = rows("SELECT id FROM deliveries WHERE consumer = 'payments.open'")

    output = run(app, "show", done).output

    shown = dict(line.split(maxsplit=1) for line in output.splitlines()[:-3])
    assert (shown["id"], shown["consumer"], shown["state"]) == (str(done), "payments.open", "done")
    assert (shown["order_id"], shown["call"]) == (str(bought.order_id), "POST /v1/checkout")
    assert output.splitlines()[-2].split() == [
        "attempt",
        "started_at",
        "ended_at",
        "outcome",
        "worker",
        "error",
    ]
    assert output.splitlines()[-1].split()[0] == "1"
    assert "done" in output.splitlines()[-1]


def test_what_was_never_tried_says_so(app: Flask, dead: int) -> None:
    assert run(app, "show", dead).output.splitlines()[-1] == "No attempts."


def test_work_is_tried_again_in_the_name_of_who_asked(app: Flask, dead: int) -> None:
    result = run(app, "retry", dead)

    assert (result.exit_code, result.output) == (0, f"{dead} is tried again.\n1 deliveries.\n")
    ((actor, call),) = rows("SELECT actor, call FROM events WHERE topic = 'events.work_retried'")
    assert actor.startswith("operator:")
    assert call == "flask work retry"


def test_all_dead_work_of_a_consumer_is_tried_again(app: Flask, dead: int) -> None:
    result = run(app, "retry", "--dead", "notifications.order_received")

    assert (result.exit_code, result.output) == (0, f"{dead} is tried again.\n1 deliveries.\n")


def test_work_is_dropped_for_a_reason(app: Flask, dead: int) -> None:
    result = run(app, "drop", dead, "--reason", "sent by hand")

    assert (result.exit_code, result.output) == (0, f"{dead} is dropped.\n")
    assert rows("SELECT drop_reason FROM deliveries WHERE dropped_at IS NOT NULL") == [("sent by hand",)]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("show", 99), 1, "Error: There is no such work. What is done is forgotten after a week."),
        (("retry", 99), 1, "Error: There is no such work. What is done is forgotten after a week."),
        (("list", "--order", "ORD-1"), 1, "Error: There is no such order."),
        (("retry",), 2, "Error: Give either the id of the work, or --dead and a consumer."),
        (("retry", 1, "--dead", "x"), 2, "Error: Give either the id of the work, or --dead and a consumer."),
        (("drop", 1, "--reason", " "), 2, "Error: The reason is a text of at most 500 characters."),
    ],
)
def test_what_cannot_be_done_is_one_line_and_an_exit_code(
    app: Flask, database: None, words: tuple[object, ...], code: int, said: str
) -> None:
    result = run(app, *words)

    assert result.exit_code == code
    assert result.output.splitlines()[-1] == said
    assert rows("SELECT 1 FROM events") == []


def test_work_that_is_done_is_refused(app: Flask, bought: Purchase) -> None:
    ((done,),) = rows("SELECT id FROM deliveries WHERE state = 'done' AND queue = 'critical'")

    result = run(app, "retry", done)

    assert (result.exit_code, result.output) == (1, "Error: The work is done.\n")
