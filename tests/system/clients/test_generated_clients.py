from pathlib import Path

import pytest
import requests

from tests.system.clients.generating import python_client, run, typescript_client
from tests.system.shop import Shop
from tests.system.shopping import PAID, stock_up


@pytest.fixture
def document(shop: Shop, tmp_path: Path) -> Path:
    """The document of the running shop, as a file."""
    answer = requests.get(f"{shop.api}/openapi.json", timeout=10)
    answer.raise_for_status()
    (tmp_path / "openapi.json").write_bytes(answer.content)
    return tmp_path / "openapi.json"


def chair(shop: Shop) -> str:
    """The SKU of what is bought, of which there is just enough."""
    (stocked,) = stock_up(shop, units=2)
    return stocked.sku


def order(shop: Shop, order_id: str) -> list[tuple[str, str, int, bool]]:
    """States, units, and whether it is a guest's."""
    return shop.rows(
        "SELECT status, payment_status, quantity, user_id IS NULL"
        " FROM orders JOIN order_lines ON order_id = orders.id WHERE orders.id = %(id)s",
        id=order_id,
    )


def test_a_user_buys_something_with_a_generated_python_client(
    shop: Shop, document: Path, tmp_path: Path
) -> None:
    python_client(tmp_path, document)
    stripe = shop.facts["stripe"]
    publishable_key = stripe["api_key"].replace("sk_", "pk_", 1)

    words = [shop.api, stripe["base"], publishable_key, chair(shop)]
    order_id = run("python", "purchase.py", *words, folder=tmp_path).strip()

    assert order(shop, order_id) == [(*PAID, 2, False)]


def test_a_guest_buys_something_with_a_generated_typescript_client(
    shop: Shop, document: Path, tmp_path: Path
) -> None:
    typescript_client(tmp_path, document)

    order_id = run("node", "built/purchase.js", shop.api, chair(shop), folder=tmp_path).strip()

    assert order(shop, order_id) == [(*PAID, 2, True)]


def test_what_npm_installs_is_pinned_without_a_place() -> None:
    lock = (Path(__file__).parent / "package-lock.json").read_text()

    assert '"resolved"' not in lock
    assert "registry" not in lock
