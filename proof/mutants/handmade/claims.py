"""One worker at a time, and nothing is lost with it."""

from proof.mutants.words import Mutant

_CLAIMS = "app/events/claims.py"
_EVENTS = "tests/events/"

CLAIMS = (
    Mutant(
        key="the token check is dropped",
        file=_CLAIMS,
        old="if session.execute(_holding(), self._mine).first() is None:",
        new="if session.execute(_holding(), self._mine) is None:",
        tests=(f"{_EVENTS}test_fencing.py::test_an_old_token_commits_nothing",),
    ),
    Mutant(
        key="work is done for a token that is stale",
        file=_CLAIMS,
        old="if session.execute(_finishing(), self._mine).first() is None:",
        new="if session.execute(_finishing(), self._mine) is None:",
        tests=(f"{_EVENTS}test_fencing.py::test_an_old_token_commits_nothing",),
    ),
    Mutant(
        key="any token is the right one",
        file=_CLAIMS,
        old='_D.token == bindparam("held_token")',
        new='_D.token >= bindparam("held_token")',
        tests=(f"{_EVENTS}test_fencing.py::test_an_old_token_changes_nothing",),
    ),
    Mutant(
        key="a lease keeps nobody out",
        file=_CLAIMS,
        old='DeliveryRecord.state == "running", DeliveryRecord.lease_until < func.now())',
        new='DeliveryRecord.state == "running")',
        tests=(f"{_EVENTS}test_claiming.py::test_who_has_it_keeps_it_until_the_lease_ends",),
    ),
    Mutant(
        key="the claim is not committed before the work",
        file="tasks/base.py",
        old="held = claim(session, delivery_id, consumer=name, lease=lease)",
        new="held = claim(session, delivery_id, consumer=name, lease=lease); session.rollback()",
        tests=("tests/tasks/test_run_delivery.py::test_the_effect_and_done_commit_together_and_once",),
    ),
    Mutant(
        key="done is committed before its effect",
        file="tasks/base.py",
        old="                function(session, held.delivery)\n                held.finish(session)",
        new="                held.finish(session)\n            with transaction() as session:\n"
        "                function(session, held.delivery)",
        tests=("tests/tasks/test_consumers.py::test_a_consumer_that_fails_has_done_nothing_and_is_not_done",),
    ),
    Mutant(
        key="running work is tried again by hand",
        file="app/events/repairs.py",
        old="if is_held:",
        new="if False:",
        tests=(f"{_EVENTS}test_repairs.py::test_what_is_done_or_under_way_is_refused",),
    ),
)
