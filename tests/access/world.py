"""A shop with one of everything, and somebody of each kind who asks for it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.fulfillment import services as fulfillment
from app.identity import queries
from app.identity.auth import tokens
from app.identity.services import selling, sessions
from app.payments.models.wallets import ProviderCustomer, SavedMethod
from app.payments.services import inbox
from app.platform.db import transaction
from app.platform.ids import new_id
from app.pricing.services import tax_zones
from app.settlement import services as settlement
from app.settlement.services import runs
from tests.access.rules import ADMINS
from tests.buyers import Buyer, Guest, Purchase, make_buyer, make_guest, purchase, shelf
from tests.coupons import make_coupon
from tests.database import change, rows
from tests.factories import make_category, make_user
from tests.invoicing.making import filed
from tests.keys import key_headers
from tests.media.files import photo
from tests.media.making import image
from tests.ops.broken_on_purpose import small_shop
from tests.pricing.zones import rate_to_everywhere
from tests.sales import ADDRESS, HOLDS, object_of
from tests.stores.making import make_store
from tests.transfers.making import sheets
from tests.work import drain

STREET = "1 Canary Lane"
AS_EVERYWHERE = {"country": "GB", "region": "", "rates": {"standard": 800}, "shipping_category": "standard"}
"""A tax zone that changes no total: it is where all is sent."""
Ids = dict[str, str]
Headers = dict[str, str]


@dataclass(frozen=True, slots=True)
class World:
    """`ids` of things by the names that addresses have for them, once for each who owns an order.

    `secrets` are texts that belong to somebody, and that nobody else but an admin may read anywhere.
    """

    headers: dict[str, Headers]
    ids: dict[str, Ids]
    secrets: dict[str, tuple[str, ...]]


def make_world(client: FlaskClient) -> World:
    """Committed, by calls and services."""
    bought = purchase(client)
    guest = make_guest(client)
    seller_id = bought.product.seller_id
    headers = {
        "customer": bought.buyer.headers,
        "other_customer": make_buyer(client).headers,
        "seller": _login(client, seller_id),
        "other_seller": make_buyer(client, role="seller").headers,
        "other_guest": _other_guest(client),
        **_strangers(client),
        **{name: _admin(client, name) for name in ADMINS},
        **_keys(seller_id),
    }
    of_guest = _bought_by(guest)
    headers["guest"] = guest.headers
    of_guest["document_id"] = filed(client.application, of_guest["order_id"])
    things = _things(bought)
    of_customer = _of(str(bought.order_id), str(bought.payment_id))
    of_customer["document_id"] = filed(client.application, of_customer["order_id"])
    assert (
        client.post(
            "/v1/inventory/reserve",
            json={"reference": "till-1", "items": [{"sku": bought.product.sku, "quantity": 1}]},
            headers=headers["key_hold"],
        ).status_code
        == 201
    )
    change("UPDATE api_keys SET last_used_at = now()")
    ids = {
        "customer": things | of_customer,
        "guest": things | of_guest,
    }
    secrets = {name: _secrets(found["order_id"]) for name, found in ids.items()}
    return World(headers, ids, secrets | {"customer": (*secrets["customer"], STREET)})


def _of(order_id: str, payment_id: str) -> Ids:
    return {"id_or_number": order_id, "order_id": order_id, "payment_id": payment_id}


def _bought_by(guest: Guest) -> Ids:
    guest.put(shelf())
    body = guest.check_out(email="canary-guest@example.com").get_json()
    return _of(body["order"]["id"], body["payment"]["id"])


def _other_guest(client: FlaskClient) -> Headers:
    guest = make_guest(client)
    guest.put(shelf())
    return guest.headers


def _strangers(client: FlaskClient) -> dict[str, Headers]:
    logged_out, suspended = make_buyer(client), make_buyer(client)
    suspended_id = suspended.get("/v1/users/me").get_json()["id"]
    logged_out.post("/v1/auth/logout")
    revoked, expired = key_headers("stock:read", "stock:hold"), key_headers("stock:read", "stock:hold")
    change("UPDATE users SET status = 'suspended' WHERE id = :id", id=suspended_id)
    for end, key in (("revoked_at", revoked), ("expires_at", expired)):
        statement = f"UPDATE api_keys SET {end} = now() WHERE prefix = left(:key, 15)"  # noqa: S608  # our own words
        change(statement, key=key["X-Api-Key"])
    return {
        "nobody": {},
        "wrong_token": {"Authorization": "Bearer wrong"},
        "logged_out": logged_out.headers,
        "suspended": suspended.headers,
        "revoked_key": revoked,
        "expired_key": expired,
    }


def _keys(seller_id: UUID) -> dict[str, Headers]:
    both = ("stock:read", "stock:hold")
    with transaction() as session:
        other_seller_id = make_user(session, role="seller").id
    return {
        "key_read": key_headers("stock:read"),
        "key_hold": key_headers("stock:hold"),
        "other_key": key_headers(*both, "services:notify", "mail:bounce"),
        "seller_key": key_headers(*both, seller_id=seller_id),
        "other_seller_key": key_headers(*both, seller_id=other_seller_id),
    }


def _admin(client: FlaskClient, name: str) -> Headers:
    with transaction() as session:
        user = make_user(session, role="admin")
        user.permissions = None if name == "admin" else [name]
    return _login(client, user.id)


def _login(client: FlaskClient, user_id: UUID) -> Headers:
    with transaction() as session:
        password_hash = queries.user(session, user_id).password_hash
        login = sessions.open_session(
            session, user_id=user_id, password_hash=password_hash, lifetime=timedelta(hours=1)
        )
    with client.application.app_context():
        made = tokens(login.user, session_id=login.session_id, refresh_jti=login.refresh_jti)
    return {"Authorization": f"Bearer {made['access_token']}"}


def _things(bought: Purchase) -> Ids:
    """What is in the addresses beside orders."""
    entry = ADDRESS | {"type": "shipping", "line1": STREET}
    address = bought.buyer.post("/v1/users/me/addresses", entry).get_json()
    export = bought.buyer.post("/v1/users/me/exports").get_json()
    review = bought.buyer.post(f"/v1/products/{bought.product.id}/reviews", {"rating": 4}).get_json()
    with transaction() as session:
        small_shop(session)
        inbox.store(session, {"id": "evt_1", "type": "charge.updated", "data": {"object": {"id": "ch_1"}}})
        made: dict[str, Any] = {
            "category_id": make_category(session),
            "tax_zone_id": tax_zones.create_zone(session, AS_EVERYWHERE).id,
            "run_id": runs.begin(session, reaching_back=timedelta(days=1)),
            "user_id": make_user(session).id,
            "application_id": selling.apply(
                session, make_user(session).id, shop_name="Lamps", text="Lamps"
            ).id,
            "coupon_id": make_coupon(session, "KNOWN").id,
            "method_id": _saved_card(session, bought.buyer),
            "store_id": make_store(session),
            **rate_to_everywhere(session),
        }
    product = {
        "product_id": bought.product.id,
        "variant_id": bought.product.variant_id,
        "sku": bought.product.sku,
        "address_id": address["id"],
        "export_id": export["id"],
        "review_id": review["id"],
        "item_id": bought.buyer.get("/v1/cart").get_json()["items"][0]["id"],
        "event_id": "evt_1",
        "path": "swagger-ui.css",
        "parcel_id": (parcel_id := _sold_once_more(bought)),
        "return_id": _wanted_back(parcel_id),
    } | _picture(bought)
    product |= _listening(bought.product.seller_id)
    product |= sheets(bought.buyer.client.application)
    return {name: str(value) for name, value in (made | product | _rows()).items()}


def _sold_once_more(bought: Purchase) -> str:
    """A parcel that the seller has to send, to somebody else."""
    buyer = make_buyer(bought.buyer.client)
    buyer.put(shelf(seller_id=bought.product.seller_id))
    body = buyer.check_out().get_json()
    ids = UUID(body["order"]["id"]), UUID(body["payment"]["id"])
    with transaction() as session:
        seen = object_of(*ids, body["payment"]["provider_id"], "succeeded", {})
        settlement.settle(session, seen, holds=HOLDS)
        fulfillment.open_for_order(session, ids[0])
    ((parcel_id,),) = rows("SELECT id::text FROM fulfillments WHERE order_id = :id", id=ids[0])
    return str(parcel_id)


def _wanted_back(parcel_id: str) -> str:
    """A return of what is in the parcel."""
    change(
        "INSERT INTO returns (id, order_id, seller_id)"
        " SELECT gen_random_uuid(), order_id, seller_id FROM fulfillments WHERE id = :id",
        id=parcel_id,
    )
    ((return_id,),) = rows("SELECT id::text FROM returns")
    return str(return_id)


def _listening(seller_id: UUID) -> Ids:
    """An endpoint of a seller, and a message that it was sent."""
    endpoint_id, message_id = new_id(), new_id()
    change(
        "INSERT INTO webhook_endpoints"
        " (id, seller_id, notified_user_id, url, types, after_xid, after_sequence)"
        " VALUES (:id, :seller_id, :seller_id, 'https://hooks.example/', '{LOW_STOCK}', 0, 0)",
        id=endpoint_id,
        seller_id=seller_id,
    )
    change(
        "INSERT INTO webhook_messages (id, endpoint_id, event_id, sequence, type, subject, data, occurred_at,"
        " status, ended_at) VALUES (:id, :endpoint_id, :id, 1, 'LOW_STOCK', 'x', '{}', now(), 'sent', now())",
        id=message_id,
        endpoint_id=endpoint_id,
    )
    return {"endpoint_id": str(endpoint_id), "webhook_message_id": str(message_id)}


def _picture(bought: Purchase) -> Ids:
    upload_id = image(bought.buyer.client.application, bought.product.id, photo())
    assert drain(only=["media.prepare"]) == ["media.prepare"]
    ((key,),) = rows("SELECT sizes -> 0 ->> 'key' FROM media_uploads WHERE id = :id", id=upload_id)
    return {"upload_id": str(upload_id), "image_id": str(upload_id), "name": key.partition("/")[2]}


def _saved_card(session: Session, buyer: Buyer) -> UUID:
    customer = ProviderCustomer(user_id=UUID(buyer.get("/v1/users/me").get_json()["id"]))
    session.add(customer)
    session.flush()
    card = SavedMethod(customer_id=customer.id, provider_id="pm_1", type="card", is_default=True)
    session.add(card)
    session.flush()
    return card.id


def _rows() -> dict[str, Any]:
    one = {
        "message_id": "SELECT min(id::text) FROM messages",
        "undeliverable_id": "SELECT gen_random_uuid()",
        "refund_id": "SELECT min(id::text) FROM refunds",
        "key_id": "SELECT min(id::text) FROM api_keys WHERE revoked_at IS NULL AND expires_at > now()",
        "work_id": "SELECT min(id) FROM deliveries WHERE state = 'done'",
    }
    return {name: rows(statement)[0][0] for name, statement in one.items()}


def _secrets(order_id: str) -> tuple[str, ...]:
    statement = """
      SELECT o.number, o.email, payment.provider_id, payment.client_secret
      FROM orders o JOIN payments payment ON payment.order_id = o.id WHERE o.id = :id"""
    ((number, email, *of_provider),) = rows(statement, id=order_id)
    return (number, email, *filter(None, of_provider))
