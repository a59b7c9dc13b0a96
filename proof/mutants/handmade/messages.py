"""Every message arrives, and counts once."""

from proof.mutants.words import Mutant

_EVENTS = "tests/events/"

MESSAGES = (
    Mutant(
        key="the doorbell rings before the commit",
        file="app/platform/db.py",
        old="        yield session\n    for hook in tuple(_after_commit.values()):\n        hook(session)",
        new="        yield session\n"
        "        for hook in tuple(_after_commit.values()):\n            hook(session)",
        tests=("tests/tasks/test_doorbell.py::test_it_rings_when_others_can_see_the_work",),
    ),
    Mutant(
        key="work is published outside of its transaction",
        file="app/events/services.py",
        old="    ring_later(session, rings)\n    return rings",
        new="    session.commit()\n    ring_later(session, rings)\n    return rings",
        tests=(f"{_EVENTS}test_publishing.py::test_what_is_rolled_back_was_never_said",),
    ),
    Mutant(
        key="no unique index on what is owed to a consumer",
        sql="ALTER TABLE deliveries DROP CONSTRAINT uq_deliveries_consumer_dedupe_key",
        tests=(f"{_EVENTS}test_publishing.py::test_work_that_is_owed_is_not_owed_twice",),
    ),
    Mutant(
        key="the relay rings without a limit",
        file="app/events/relay.py",
        old="        .limit(room)\n",
        new="",
        tests=(f"{_EVENTS}test_relay.py::test_never_more_than_there_is_room_for_and_the_oldest_first",),
    ),
    Mutant(
        key="no unique index on events of the provider",
        sql="ALTER TABLE provider_events DROP CONSTRAINT pk_provider_events CASCADE",
        tests=(
            "tests/payments/test_signatures.py::test_the_same_event_again_is_welcome_and_changes_nothing",
        ),
    ),
    Mutant(
        key="the webhook says 200 and keeps nothing",
        file="app/payments/routes/events.py",
        old="new = inbox.store(session, event)",
        new="new = inbox.store(session, event); session.rollback()",
        tests=(
            "tests/payments/test_signatures.py::test_a_signed_event_is_kept_whole_and_its_processing_is_owed",
        ),
    ),
    Mutant(
        key="an event is kept and its processing is not owed",
        file="app/payments/services/inbox.py",
        old='publish(session, EventReceived(event_id=event["id"], type=event["type"]))\n    return True',
        new="return True",
        tests=(
            "tests/payments/test_signatures.py::test_a_signed_event_is_kept_whole_and_its_processing_is_owed",
        ),
    ),
    Mutant(
        key="a mail that was sent is sent again",
        file="app/notifications/services/ledger.py",
        old="if message.status == states.SENT:",
        new="if False:",
        tests=("tests/notifications/test_sending.py::test_the_same_work_done_again_sends_nothing",),
    ),
    Mutant(
        key="an answer is forgotten under its key",
        file="app/platform/idempotency.py",
        old="if row.fingerprint is None:",
        new="if True:",
        tests=("tests/checkout/test_idempotency.py::test_the_answer_comes_again_and_says_so",),
    ),
)
