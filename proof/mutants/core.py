"""What is mutated, and by which tests it is judged."""

from pathlib import Path

from sandbox.code import CODE

CORE = (
    "app/orders/states.py",
    "app/orders/services/moving.py",
    "app/payments/states.py",
    "app/payments/services/payments.py",
    "app/payments/services/refunds.py",
    "app/payments/services/disputes.py",
    "app/settlement/services",
    "app/events/claims.py",
    "app/inventory/services",
)
"""The transition core: whatever moves an order, money, stock or a delivery from state to state."""

JUDGES = (
    "tests/orders",
    "tests/payments",
    "tests/settlement",
    "tests/events",
    "tests/inventory",
    "tests/fulfillment",
    "tests/checkout",
    "tests/tasks/test_run_delivery.py",
    "tests/transfers/test_imports.py",
    "tests/transfers/test_steps.py",
)
"""Where the tests are that run the core in their own process, and judge each mutant that they come by."""

NO_JUDGES = (
    "tests/settlement/test_state_machine.py",
    "tests/settlement/test_permutations.py",
    "tests/settlement/test_any_order.py",
    "tests/settlement/test_every_order.py",
    "tests/settlement/test_attempt_rush.py",
    "tests/settlement/test_races.py",
    "tests/payments/test_live_webhooks.py",
    "tests/checkout/test_rush.py",
    "tests/inventory/test_ledger.py",
    "tests/inventory/test_races.py",
)
"""Tests of chance, of many at once and of other processes: they take long, and a mutant may slip through."""

NAMED = (
    "tests/notifications/test_sending.py",
    "tests/tasks/test_doorbell.py",
    "tests/tasks/test_consumers.py",
)
"""Where further tests are that judge only the mutants that name them."""


def core_files() -> list[str]:
    """The files of the core, as paths from the project's folder."""
    found = (CODE / each for each in CORE)
    files = (file for path in found for file in (sorted(path.glob("*.py")) if path.is_dir() else [path]))
    return [name_of(file) for file in files]


def name_of(path: Path) -> str:
    """The path from the project's folder."""
    return str(path.relative_to(CODE))
