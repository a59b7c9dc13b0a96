"""Admins who hold some permissions only."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.identity.models import User
from app.platform.db import transaction
from tests.buyers import Purchase
from tests.database import change
from tests.factories import bearer, make_user, signed_in

CATALOG, WORK = "/v1/admin/products", "/v1/admin/work"


def restricted(client: FlaskClient, *permissions: str) -> dict[str, str]:
    """The headers of a new admin who holds these permissions only."""
    with transaction() as session:
        user = make_user(session, role="admin")
        user.permissions = list(permissions)
    return bearer(client, user.email)


def test_an_admin_without_any_in_particular_holds_all_permissions(client: FlaskClient) -> None:
    headers = signed_in(client, role="admin")

    assert [client.get(path, headers=headers).status_code for path in (CATALOG, WORK)] == [200, 200]


def test_an_admin_with_one_permission_gets_nowhere_else(client: FlaskClient) -> None:
    headers = restricted(client, "catalog")

    let_in, refused = client.get(CATALOG, headers=headers), client.get(WORK, headers=headers)

    assert let_in.status_code == 200
    assert (refused.status_code, refused.get_json()["detail"]) == (
        403,
        "This needs the permission operations, which you do not hold.",
    )


def test_a_changed_permission_holds_at_once(client: FlaskClient) -> None:
    headers = restricted(client, "catalog")
    with transaction() as session:
        session.execute(update(User).values(permissions=["operations", "users"]))

    assert [client.get(path, headers=headers).status_code for path in (CATALOG, WORK)] == [403, 200]


def test_permissions_make_nobody_an_admin(client: FlaskClient) -> None:
    headers = restricted(client, "catalog")
    with transaction() as session:
        session.execute(update(User).values(role="customer"))

    assert client.get(CATALOG, headers=headers).status_code == 403


def test_only_admins_who_may_see_orders_see_those_of_others(client: FlaskClient, bought: Purchase) -> None:
    order = f"/v1/orders/{bought.order_id}"

    with_it = client.get(order, headers=restricted(client, "orders"))
    without = client.get(order, headers=restricted(client, "catalog", "refunds", "users", "operations"))

    assert (with_it.status_code, without.status_code) == (200, 404)


@pytest.mark.parametrize("permissions", ["{everything}", "{}"])
def test_the_database_knows_the_permissions(session: Session, permissions: str) -> None:
    make_user(session, role="admin")

    with pytest.raises(IntegrityError, match="permissions_known"):
        change("UPDATE users SET permissions = CAST(:given AS text[])", session, given=permissions)
