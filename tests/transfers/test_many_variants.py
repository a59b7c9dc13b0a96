"""A product has 100 variants at most, however they come."""

import pytest

from app.catalog.services.importing import judging
from tests.database import rows
from tests.transfers.clerk import CHAIR, Clerk, counts, sheet

SKUS = "SELECT sku FROM variants WHERE archived_at IS NULL ORDER BY sku"


@pytest.fixture(autouse=True)
def three_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "MOST_VARIANTS", 3)


def file_of(*skus: str) -> str:
    return sheet([CHAIR | {"sku": sku} for sku in skus])


def test_of_a_new_product_the_rows_beyond_are_refused(clerk: Clerk) -> None:
    job = clerk.imported(file_of("A", "B", "B", "C", "D", "A"))

    assert counts(job) == (3, 0, 2, 1)
    assert [(each["row"], each["sku"], each["column"], each["problem"]) for each in clerk.report(job)] == [
        ("5", "D", "product", "A product has 3 variants at most.")
    ]
    assert rows(SKUS) == [("A",), ("B",), ("C",)]


def test_what_is_there_counts_unless_it_is_sold_no_more(clerk: Clerk) -> None:
    clerk.imported(file_of("A", "B"))
    ((product, first),) = rows("SELECT product_id, id FROM variants WHERE sku = 'A'")
    full = clerk.imported(file_of("B", "C", "D"))
    path = f"/v1/admin/products/{product}/variants/{first}"
    assert clerk.admin.client.delete(path, headers=clerk.admin.headers).status_code == 204

    dry, room = clerk.imported(file_of("D", "E"), dry_run="true"), clerk.imported(file_of("D", "E"))

    assert [counts(each) for each in (full, dry, room)] == [(1, 0, 1, 1), (1, 0, 0, 1), (1, 0, 0, 1)]
    assert rows(SKUS) == [("B",), ("C",), ("D",)]
