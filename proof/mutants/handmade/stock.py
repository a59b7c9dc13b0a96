"""Nothing is sold twice, and nothing stays on the shelf unsold."""

from proof.mutants.words import Mutant

_SETTLEMENT = "tests/settlement/"
_STOCK = "tests/inventory/test_reserving.py::"

STOCK = (
    Mutant(
        key="stock is taken without its condition, and the database lets it",
        file="app/inventory/services/reserving.py",
        old="where(stock.c.variant_id == queued.c.variant_id, enough)",
        new="where(stock.c.variant_id == queued.c.variant_id)",
        sql="ALTER TABLE stock_levels DROP CONSTRAINT ck_stock_levels_reserved_within_on_hand",
        tests=(f"{_STOCK}test_the_last_unit_is_held_once",),
    ),
    Mutant(
        key="no constraint on stock",
        sql="ALTER TABLE stock_levels DROP CONSTRAINT ck_stock_levels_reserved_within_on_hand",
        tests=(f"{_STOCK}test_the_database_itself_refuses_what_must_not_be",),
    ),
    Mutant(
        key="no unique index on what is held",
        sql="DROP INDEX uq_reservations_live",
        tests=(f"{_STOCK}test_holding_the_same_again_changes_nothing",),
    ),
    Mutant(
        key="units come back twice",
        file="app/inventory/services/stock.py",
        old='if _is_recorded(session, variant_id, "returned", reference):',
        new="if False:",
        sql="ALTER TABLE stock_movements DROP CONSTRAINT uq_stock_movements_reason_reference",
        tests=("tests/inventory/test_taking_back.py::test_the_same_return_again_changes_nothing",),
    ),
    Mutant(
        key="the stock is free before the provider has closed the payment",
        file="app/settlement/workflows/closing.py",
        old="if payment is None or order.hold_until + holds.longest < now(session):",
        new="if True:",
        tests=(f"{_SETTLEMENT}test_expiry.py::test_a_provider_that_cannot_be_reached_keeps_the_hold",),
    ),
    Mutant(
        key="an expiry ignores that the hold was extended",
        file="app/settlement/workflows/closing.py",
        old="return order.status == PENDING and (asked or order.hold_until <= now(session))",
        new="return order.status == PENDING",
        tests=(f"{_SETTLEMENT}test_expiry.py::test_a_hold_that_was_extended_meanwhile_is_no_expiry",),
    ),
    Mutant(
        key="an order ends and keeps its stock",
        file="app/settlement/services/holdings.py",
        old="    inventory.release(session, holder_id=order.id)\n",
        new="",
        tests=(f"{_SETTLEMENT}test_cancel.py::test_without_a_live_payment_it_is_final_at_once",),
    ),
)
