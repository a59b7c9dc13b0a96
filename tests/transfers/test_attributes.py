"""What a file says of attributes: a number is neither true nor false, nor another number."""

from tests.database import rows
from tests.transfers.clerk import CHAIR, Clerk, counts, lines, sheet

KEPT = "SELECT attributes::text FROM products UNION ALL SELECT attributes::text FROM variants"


def test_what_python_calls_equal_is_stored_as_it_was_sent_last(clerk: Clerk) -> None:
    counted, told = '{"lid": 1, "doors": 0, "height": 1}', '{"lid": true, "doors": false, "height": 1.0}'
    clerk.imported(sheet([CHAIR | {"attributes": counted, "variant_attributes": counted}]))

    of_product = clerk.imported(sheet([{"sku": "CHAIR-RED", "attributes": told}]))
    of_variant = clerk.imported(sheet([{"sku": "CHAIR-RED", "variant_attributes": told}]))
    again = clerk.imported(sheet([{"sku": "CHAIR-RED", "attributes": told, "variant_attributes": told}]))

    assert [counts(each) for each in (of_product, of_variant, again)] == [(0, 1, 0, 0)] * 2 + [(0, 0, 1, 0)]
    assert rows(KEPT) == [(told,)] * 2


def test_a_nothing_below_nothing_is_nothing(clerk: Clerk) -> None:
    row = CHAIR | {"attributes": {"height": -0.0}, "price": 1999, "stock": 5}
    row = row | {"variant_attributes": {}, "compare_at_price": None, "weight_grams": None}

    job, again = clerk.imported(lines([row])), clerk.imported(lines([row]))

    assert (counts(job), counts(again)) == ((1, 0, 0, 0), (0, 0, 1, 0))
