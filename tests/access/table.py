"""What each call answers to each principal: whoever adds a call adds a line, and thinks about strangers.

Every line is asked for with good values, so that 404 and 409 are about whose thing it is and how it stands.
"""

from dataclasses import dataclass, field
from typing import Any

from tests.access.rules import (
    CUSTOMERS,
    KEYS,
    Rule,
    admins,
    all_of,
    buyers,
    clients,
    everybody,
    keepers,
    keys,
    newcomers,
    orders,
    own,
    sellers,
    senders,
    shoppers,
    users,
)
from tests.buyers import CHECKOUT
from tests.factories import PASSWORD
from tests.sales import ADDRESS

ANOTHER = "a green lamp on a long table"
READ = keys("stock:read")
NO_KEY = all_of(KEYS, 403)
HOLD = clients(404) | {"key_hold": 200}
TILL = {"reference": "till-1"}
ONE = {"sku": "{sku}", "quantity": 1}
NEW_PAYMENT = {"payment_flow": "payment_intent"}
ADJUSTMENT = {"change": 1, "reason": "received"}


@dataclass(frozen=True, slots=True)
class Line:
    """One call: what each principal is answered; the body, if the document's example will not do."""

    rule: Rule
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    query: str = ""


A_PHOTO = "a file"
"""In the body of a call that takes a form: there goes a picture."""
A_SHEET = "a file of rows"
"""There goes one of a row that is refused."""
WITH_KEY = {"Idempotency-Key": "one"}

TABLE: dict[str, Line] = {
    "GET /": Line(everybody()),
    "GET /docs/": Line(everybody()),
    "GET /docs/<path:path>": Line(everybody()),
    "GET /health": Line(everybody()),
    "GET /metrics": Line(everybody()),
    "GET /openapi.json": Line(everybody()),
    "GET /ready": Line(everybody()),
    "GET /media/<uuid:upload_id>/<string(length=37):name>": Line(everybody()),
    "GET /media/originals/<uuid:upload_id>": Line(everybody(404), query="?expires=99999999999&signature=x"),
    "GET /v1/categories": Line(everybody()),
    "GET /v1/categories/<reference>": Line(everybody()),
    "GET /v1/products": Line(everybody()),
    "GET /v1/products/<reference>": Line(everybody()),
    "GET /v1/products/<reference>/reviews": Line(everybody()),
    "POST /v1/products/<reference>/reviews": Line(users(201) | {"customer": 409, "seller": 409}),
    "PATCH /v1/reviews/<uuid:review_id>": Line(own()),
    "DELETE /v1/reviews/<uuid:review_id>": Line(own(204)),
    "GET /v1/shipping-methods": Line(everybody(), query="?country=GB"),
    "POST /v1/auth/register": Line(everybody(422), {}),
    "POST /v1/auth/login": Line(everybody(422), {}),
    "POST /v1/auth/refresh": Line(everybody(401)),
    "POST /v1/webhooks/stripe": Line(everybody(400), {}),
    "POST /v1/auth/password-reset": Line(everybody(202)),
    "POST /v1/auth/password-reset/confirm": Line(everybody(404), {"token": "x", "password": ANOTHER}),
    "POST /v1/auth/verify-email": Line(everybody(404), {"token": "x"}),
    "POST /v1/auth/step-up": Line(users(204), {"password": PASSWORD}),
    "POST /v1/auth/logout": Line(users(204)),
    "POST /v1/auth/logout-all": Line(users(204)),
    "GET /v1/users/me": Line(users()),
    "DELETE /v1/users/me": Line(users(409) | all_of(CUSTOMERS, 204)),
    "POST /v1/users/me/exports": Line(users(202)),
    "GET /v1/users/me/exports/<uuid:export_id>": Line(own()),
    "PATCH /v1/users/me": Line(users()),
    "POST /v1/users/me/password": Line(users(204), {"current_password": PASSWORD, "password": ANOTHER}),
    "POST /v1/users/me/email": Line(users(202)),
    "POST /v1/users/me/email-verification": Line(users(202)),
    "GET /v1/users/me/addresses": Line(users()),
    "POST /v1/users/me/addresses": Line(users(201), ADDRESS | {"type": "billing"}),
    "GET /v1/users/me/addresses/<uuid:address_id>": Line(own()),
    "PATCH /v1/users/me/addresses/<uuid:address_id>": Line(own(), {"city": "Leeds"}),
    "DELETE /v1/users/me/addresses/<uuid:address_id>": Line(own(204)),
    "GET /v1/users/me/reviews": Line(users()),
    "GET /v1/users/me/payment-methods": Line(users()),
    "POST /v1/users/me/payment-methods": Line(users(201)),
    "GET /v1/users/me/payment-methods/<uuid:method_id>": Line(own()),
    "PATCH /v1/users/me/payment-methods/<uuid:method_id>": Line(own()),
    "DELETE /v1/users/me/payment-methods/<uuid:method_id>": Line(own(204)),
    "POST /v1/variants/<uuid:variant_id>/back-in-stock": Line(users(409)),
    "DELETE /v1/variants/<uuid:variant_id>/back-in-stock": Line(users(404)),
    "GET /v1/cart": Line(newcomers()),
    "DELETE /v1/cart": Line(shoppers(204)),
    "POST /v1/cart/items": Line(newcomers(201), {"variant_id": "{variant_id}", "quantity": 1}),
    "PATCH /v1/cart/items/<uuid:item_id>": Line(buyers("customer"), {"quantity": 1}),
    "DELETE /v1/cart/items/<uuid:item_id>": Line(buyers("customer")),
    "POST /v1/checkout": Line(shoppers(422) | {"customer": 201}, CHECKOUT, headers=WITH_KEY),
    "GET /v1/orders": Line(shoppers()),
    "GET /v1/orders/<id_or_number>": Line(orders("customer")),
    "PATCH /v1/orders/<id_or_number>": Line(orders("customer"), {"gift_message": "Hello"}),
    "GET /v1/orders/<id_or_number>/timeline": Line(orders("customer")),
    "POST /v1/orders/<id_or_number>/cancel": Line(orders("customer", 202), {}),
    "POST /v1/orders/<id_or_number>/payments": Line(orders("customer", 201), NEW_PAYMENT, headers=WITH_KEY),
    "GET /v1/payments/<uuid:payment_id>": Line(orders("customer")),
    "POST /v1/payments/<uuid:payment_id>/confirm": Line(orders("customer", 202)),
    "POST /v1/seller/application": Line(users(409) | all_of(CUSTOMERS, 201)),
    "GET /v1/seller/application": Line(users(404)),
    "GET /v1/admin/seller-applications": Line(admins("users")),
    "POST /v1/admin/seller-applications/<uuid:application_id>/approve": Line(admins("users")),
    "POST /v1/admin/seller-applications/<uuid:application_id>/reject": Line(admins("users")),
    "GET /v1/seller/products": Line(sellers()),
    "POST /v1/seller/products": Line(sellers(201)),
    "GET /v1/seller/products/<uuid:product_id>": Line(sellers(others=404)),
    "PATCH /v1/seller/products/<uuid:product_id>": Line(sellers(others=404)),
    "DELETE /v1/seller/products/<uuid:product_id>": Line(sellers(204, others=404)),
    "POST /v1/seller/products/<uuid:product_id>/variants": Line(sellers(201, others=404)),
    "PATCH /v1/seller/products/<uuid:product_id>/variants/<uuid:variant_id>": Line(sellers(others=404)),
    "DELETE /v1/seller/products/<uuid:product_id>/variants/<uuid:variant_id>": Line(sellers(204, others=404)),
    "GET /v1/seller/orders": Line(sellers()),
    "GET /v1/seller/orders/<id_or_number>": Line(sellers(404)),
    "GET /v1/parcels": Line(senders() | {"other_seller": 200}),
    "GET /v1/parcels/<uuid:parcel_id>": Line(senders()),
    "GET /v1/parcels/<uuid:parcel_id>/packing-slip": Line(senders()),
    "PATCH /v1/parcels/<uuid:parcel_id>": Line(senders(), {"carrier": "DHL"}),
    "POST /v1/parcels/<uuid:parcel_id>/start": Line(senders()),
    "POST /v1/parcels/<uuid:parcel_id>/pack": Line(senders(), {}),
    "POST /v1/parcels/<uuid:parcel_id>/unpack": Line(senders()),
    "POST /v1/parcels/<uuid:parcel_id>/ship": Line(senders(409), {}),
    "POST /v1/parcels/<uuid:parcel_id>/deliver": Line(senders(409)),
    "GET /v1/admin/orders/<id_or_number>/fulfillments": Line(admins("orders")),
    "POST /v1/admin/orders/<id_or_number>/fulfillments": Line(admins("orders", 409), {"status": "packed"}),
    "GET /v1/admin/inventory": Line(keepers() | {"other_seller": 200} | READ),
    "GET /v1/admin/inventory/<sku>": Line(keepers() | READ | {"other_seller_key": 404}),
    "PATCH /v1/admin/inventory/<sku>": Line(keepers()),
    "GET /v1/admin/inventory/<sku>/movements": Line(keepers()),
    "POST /v1/admin/inventory/<sku>/adjustments": Line(keepers(201), ADJUSTMENT),
    "POST /v1/admin/inventory/adjustments": Line(keepers(201), {"items": [ADJUSTMENT | {"sku": "{sku}"}]}),
    "POST /v1/inventory/reserve": Line(
        clients(201) | {"other_seller_key": 404}, {"reference": "till-2", "items": [ONE]}
    ),
    "POST /v1/inventory/commit": Line(HOLD, TILL),
    "POST /v1/inventory/release": Line(HOLD, TILL),
    "POST /v1/admin/categories": Line(admins("catalog", 201)),
    "PATCH /v1/admin/categories/<uuid:category_id>": Line(admins("catalog")),
    "DELETE /v1/admin/categories/<uuid:category_id>": Line(admins("catalog", 204)),
    "GET /v1/admin/imports": Line(admins("catalog") | NO_KEY),
    "POST /v1/admin/imports": Line(admins("catalog", 202) | NO_KEY, {"file": A_SHEET}),
    "GET /v1/admin/imports/<uuid:import_id>": Line(admins("catalog") | NO_KEY),
    "GET /v1/admin/imports/<uuid:import_id>/report": Line(admins("catalog") | NO_KEY),
    "POST /v1/admin/imports/<uuid:import_id>/cancel": Line(admins("catalog") | NO_KEY),
    "GET /v1/admin/exports": Line(admins("catalog") | NO_KEY),
    "POST /v1/admin/exports": Line(admins("catalog", 202) | NO_KEY),
    "GET /v1/admin/exports/<uuid:catalog_export_id>": Line(admins("catalog") | NO_KEY),
    "GET /v1/admin/exports/<uuid:catalog_export_id>/file": Line(admins("catalog") | NO_KEY),
    "GET /v1/admin/products": Line(admins("catalog")),
    "POST /v1/admin/products": Line(admins("catalog", 201)),
    "GET /v1/admin/products/<uuid:product_id>": Line(admins("catalog")),
    "PATCH /v1/admin/products/<uuid:product_id>": Line(admins("catalog")),
    "DELETE /v1/admin/products/<uuid:product_id>": Line(admins("catalog", 204)),
    "POST /v1/admin/products/<uuid:product_id>/variants": Line(admins("catalog", 201)),
    "POST /v1/admin/products/<uuid:product_id>/images": Line(admins("catalog", 201), {"file": A_PHOTO}),
    "PATCH /v1/admin/products/<uuid:product_id>/images/<uuid:image_id>": Line(admins("catalog")),
    "DELETE /v1/admin/products/<uuid:product_id>/images/<uuid:image_id>": Line(admins("catalog", 204)),
    "POST /v1/admin/categories/<uuid:category_id>/image": Line(admins("catalog", 202), {"file": A_PHOTO}),
    "DELETE /v1/admin/categories/<uuid:category_id>/image": Line(admins("catalog", 204)),
    "PATCH /v1/admin/products/<uuid:product_id>/variants/<uuid:variant_id>": Line(admins("catalog")),
    "DELETE /v1/admin/products/<uuid:product_id>/variants/<uuid:variant_id>": Line(admins("catalog", 204)),
    "GET /v1/admin/reviews": Line(admins("catalog")),
    "POST /v1/admin/reviews/<uuid:review_id>/publish": Line(admins("catalog")),
    "POST /v1/admin/reviews/<uuid:review_id>/reject": Line(admins("catalog")),
    "GET /v1/admin/orders/<uuid:order_id>/disputes": Line(admins("orders")),
    "GET /v1/admin/orders/<id_or_number>/refunds": Line(admins("refunds")),
    "POST /v1/admin/orders/<id_or_number>/refunds": Line(admins("refunds", 409), headers=WITH_KEY),
    "GET /v1/admin/refunds": Line(admins("refunds")),
    "POST /v1/admin/refunds/<uuid:refund_id>/retry": Line(admins("refunds", 409)),
    "GET /v1/admin/payment-reviews": Line(admins("refunds")),
    "POST /v1/admin/payments/<uuid:payment_id>/resolve": Line(admins("refunds", 404)),
    "GET /v1/admin/users": Line(admins("users")),
    "GET /v1/admin/users/<uuid:user_id>": Line(admins("users")),
    "PATCH /v1/admin/users/<uuid:user_id>": Line(admins("users"), {"status": "suspended"}),
    "GET /v1/admin/audit-log": Line(admins("users")),
    "GET /v1/admin/api-keys": Line(admins("users")),
    "POST /v1/admin/api-keys": Line(admins("users", 201) | {"users": 403}),
    "GET /v1/admin/api-keys/<uuid:key_id>": Line(admins("users")),
    "POST /v1/admin/api-keys/<uuid:key_id>/replace": Line(admins("users", 201) | {"users": 403}),
    "POST /v1/admin/api-keys/<uuid:key_id>/revoke": Line(admins("users")),
    "GET /v1/admin/messages": Line(admins("operations")),
    "POST /v1/admin/messages/<uuid:message_id>/resend": Line(admins("operations", 202)),
    "GET /v1/admin/reconciliation": Line(admins("operations")),
    "GET /v1/admin/reconciliation/<uuid:run_id>": Line(admins("operations")),
    "GET /v1/admin/uploads/<uuid:upload_id>": Line(admins("catalog")),
    "GET /v1/admin/webhook-events": Line(admins("operations")),
    "POST /v1/admin/webhook-events/<event_id>/replay": Line(admins("operations", 202)),
    "GET /v1/admin/work": Line(admins("operations")),
    "GET /v1/admin/work/<int(max=9223372036854775807):work_id>": Line(admins("operations")),
    "POST /v1/admin/work/<int(max=9223372036854775807):work_id>/drop": Line(admins("operations", 409)),
    "POST /v1/admin/work/<int(max=9223372036854775807):work_id>/retry": Line(admins("operations", 409)),
    "POST /v1/admin/work/retry": Line(admins("operations", 202)),
}
"""By method and rule."""

OF_A_GUEST = (
    ("GET /v1/orders/<id_or_number>", 200),
    ("GET /v1/orders/<id_or_number>/timeline", 200),
    ("PATCH /v1/orders/<id_or_number>", 200),
    ("POST /v1/orders/<id_or_number>/cancel", 202),
    ("POST /v1/orders/<id_or_number>/payments", 201),
    ("GET /v1/payments/<uuid:payment_id>", 200),
    ("POST /v1/payments/<uuid:payment_id>/confirm", 202),
)
"""Calls about an order, once more about one that a guest has placed."""
