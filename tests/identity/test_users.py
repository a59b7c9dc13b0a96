"""Administration of accounts: who is there, what they may do, and who may say so."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.buyers import Buyer, make_buyer
from tests.database import change, rows
from tests.threads import together

USERS = "/v1/admin/users"
Restricted = Callable[..., Buyer]


@pytest.fixture
def admin(client: FlaskClient) -> Buyer:
    return make_buyer(client, role="admin")


@pytest.fixture
def restricted(client: FlaskClient) -> Restricted:
    """Makes an admin who holds these permissions only."""

    def make(*permissions: str) -> Buyer:
        made = make_buyer(client, role="admin")
        change("UPDATE users SET permissions = :held WHERE id = :id", held=list(permissions), id=id_of(made))
        return made

    return make


def id_of(somebody: Buyer) -> UUID:
    return UUID(somebody.get("/v1/users/me").get_json()["id"])


def manage(admin: Buyer, user_id: UUID, **changes: Any) -> TestResponse:
    return admin.client.patch(f"{USERS}/{user_id}", headers=admin.headers, json=changes)


def standing(user_id: UUID) -> tuple[Any, ...]:
    (found,) = rows("SELECT role, permissions, status FROM users WHERE id = :id", id=user_id)
    return tuple(found)


def test_a_suspended_user_is_out_with_the_next_request_and_back_by_a_new_login(
    client: FlaskClient, admin: Buyer
) -> None:
    buyer = make_buyer(client)
    user_id = id_of(buyer)

    answer = manage(admin, user_id, status="suspended")

    assert (answer.status_code, answer.get_json()["status"]) == (200, "suspended")
    assert buyer.get("/v1/users/me").status_code == 401
    assert manage(admin, user_id, status="active").get_json()["status"] == "active"
    assert buyer.get("/v1/users/me").status_code == 401
    assert standing(user_id) == ("customer", None, "active")


def test_a_role_holds_from_the_next_request_on(client: FlaskClient, admin: Buyer) -> None:
    buyer = make_buyer(client)
    user_id = id_of(buyer)
    assert buyer.get("/v1/admin/refunds").status_code == 403

    answer = manage(admin, user_id, role="admin", permissions=["refunds", "orders"])

    assert answer.get_json()["permissions"] == ["refunds", "orders"]
    assert buyer.get("/v1/admin/refunds").status_code == 200
    assert buyer.get(USERS).status_code == 403
    manage(admin, user_id, role="seller")
    assert (standing(user_id), buyer.get("/v1/admin/refunds").status_code) == (
        ("seller", None, "active"),
        403,
    )


def test_what_was_changed_is_in_the_audit_log(client: FlaskClient, admin: Buyer) -> None:
    user_id = id_of(make_buyer(client))

    manage(admin, user_id, role="seller")

    assert rows("SELECT actor, thing_id, before, after FROM audit_log WHERE thing = 'users'") == [
        (f"user:{id_of(admin)}", str(user_id), {"role": "customer"}, {"role": "seller"})
    ]


def test_nobody_changes_their_own_account_there(admin: Buyer) -> None:
    user_id = id_of(admin)

    assert manage(admin, user_id, role="customer").status_code == 403
    assert standing(user_id) == ("admin", None, "active")


@pytest.mark.parametrize(
    "changes", [{"role": "admin"}, {"role": "admin", "permissions": ["users", "refunds"]}]
)
def test_nobody_gives_away_more_than_they_hold(
    client: FlaskClient, restricted: Restricted, changes: dict[str, Any]
) -> None:
    user_id = id_of(make_buyer(client))
    clerk = restricted("users", "orders")

    assert manage(clerk, user_id, **changes).status_code == 403
    assert standing(user_id) == ("customer", None, "active")
    assert manage(clerk, user_id, role="admin", permissions=["orders"]).status_code == 200


@pytest.mark.parametrize(
    "changes", [{"status": "suspended"}, {"role": "customer"}, {"permissions": ["users"]}]
)
def test_nobody_changes_who_may_do_more_than_they(
    admin: Buyer, restricted: Restricted, changes: dict[str, Any]
) -> None:
    chief = id_of(admin)

    assert manage(restricted("users"), chief, **changes).status_code == 403
    assert standing(chief) == ("admin", None, "active")


def test_two_admins_who_suspend_each_other_do_not_both_succeed(client: FlaskClient, admin: Buyer) -> None:
    other = make_buyer(client, role="admin")
    first, second = id_of(admin), id_of(other)

    together(
        lambda: manage(admin, second, status="suspended"),
        lambda: manage(other.twin(), first, status="suspended"),
    )

    assert sorted((standing(first)[2], standing(second)[2])) == ["active", "suspended"]


def test_permissions_are_for_admins(client: FlaskClient, admin: Buyer) -> None:
    user_id = id_of(make_buyer(client))

    answer = manage(admin, user_id, permissions=["orders"])

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["permissions"])
    assert standing(user_id) == ("customer", None, "active")


def test_accounts_are_found_by_address_name_role_and_status(client: FlaskClient, admin: Buyer) -> None:
    user_id = id_of(make_buyer(client))
    change("UPDATE users SET email = 'a_b%@example.com', full_name = 'Zoë' WHERE id = :id", id=user_id)
    manage(admin, user_id, status="suspended")

    def found(query: str) -> list[str]:
        return [item["id"] for item in admin.get(f"{USERS}?{query}").get_json()["items"]]

    assert found("q=A_B%25") == found("q=zo%C3%AB") == found("status=suspended") == [str(user_id)]
    assert found("q=axb") == found("status=deleted") == found("role=seller") == []
    assert admin.get(f"{USERS}/{user_id}").get_json()["email"] == "a_b%@example.com"
    assert "password_hash" not in admin.get(f"{USERS}/{user_id}").get_json()


def test_accounts_come_in_pages_newest_first(client: FlaskClient, admin: Buyer) -> None:
    newest = [id_of(make_buyer(client)) for _ in range(2)]

    page = admin.get(f"{USERS}?limit=1").get_json()
    rest = admin.get(f"{USERS}?limit=9&cursor={page['next_cursor']}").get_json()

    assert [item["id"] for item in page["items"] + rest["items"]] == [
        str(each) for each in (*reversed(newest), id_of(admin))
    ]


def test_an_unknown_account_is_not_found(admin: Buyer) -> None:
    nobody = UUID(int=0)

    assert admin.get(f"{USERS}/{nobody}").status_code == 404
    assert manage(admin, nobody, role="seller").status_code == 404
