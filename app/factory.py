"""The web application, put together."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from flask import Flask
from flask_smorest import Blueprint

from app.carts.routes import blueprint as carts
from app.catalog.cli import listings
from app.catalog.routes.admin_categories import blueprint as admin_categories
from app.catalog.routes.admin_products import blueprint as admin_products
from app.catalog.routes.images import blueprint as images
from app.catalog.routes.moderation import blueprint as moderation
from app.catalog.routes.public import blueprint as catalog
from app.catalog.routes.reviews import blueprint as reviews
from app.catalog.routes.seller_images import blueprint as seller_images
from app.catalog.routes.seller_products import blueprint as seller_products
from app.checkout.routes import blueprint as checkout
from app.fulfillment.routes.orders import blueprint as fulfillment
from app.fulfillment.routes.parcels import blueprint as parcels
from app.fulfillment.routes.returns import blueprint as returns
from app.fulfillment.routes.wanting import blueprint as wanting
from app.fulfillment.routes.wishes import blueprint as wishes
from app.identity.auth import SECURITY_SCHEMES, register_identity
from app.identity.routes.account import blueprint as identity
from app.identity.routes.addresses import blueprint as addresses
from app.identity.routes.api_keys import blueprint as api_keys
from app.identity.routes.proofs import blueprint as proofs
from app.identity.routes.selling import blueprint as selling
from app.identity.routes.unsubscribing import blueprint as unsubscribing
from app.identity.routes.users import blueprint as users
from app.inventory.routes.holds import blueprint as holds
from app.inventory.routes.keeping import blueprint as inventory
from app.invoicing.routes.buying import blueprint as invoices
from app.invoicing.routes.keeping import blueprint as documents
from app.live.routes import blueprint as live
from app.media.routes import blueprint as media
from app.media.routes import register_media
from app.notifications.cli import mail
from app.notifications.routes.bounces import blueprint as bounces
from app.notifications.routes.messages import blueprint as notifications
from app.notifications.routes.notices import blueprint as notices
from app.ops.cli import COMMANDS
from app.ops.routes.audit import blueprint as audit
from app.ops.routes.probes import blueprint as ops
from app.ops.routes.reconciliation import blueprint as reconciliation
from app.ops.routes.timeline import blueprint as timeline
from app.ops.routes.work import blueprint as work
from app.ops.services import watching
from app.ops.services.exposition import DatabaseCollector
from app.ops.services.readiness import Prober
from app.orders.routes.buying import blueprint as orders
from app.orders.routes.searching import blueprint as all_orders
from app.orders.routes.selling import blueprint as seller_orders
from app.payments.gateway.inline import InlineCalls
from app.payments.gateway.select import inline_gateway
from app.payments.routes.events import blueprint as payments
from app.payments.routes.saved_methods import blueprint as saved_methods
from app.platform import db, settings
from app.platform.cache import changes
from app.platform.cache.answers import register_cache
from app.platform.docs import register_docs
from app.platform.logging import start_logging
from app.platform.problems import ProblemApi, register_problems
from app.platform.rate_limits.guarding import register_rate_limits
from app.platform.redis_server import forgetful
from app.platform.transport import register_preflights, register_transport
from app.platform.web import register_web
from app.pricing.routes.coupons import blueprint as coupons
from app.pricing.routes.public import blueprint as pricing
from app.pricing.routes.shipping_zones import blueprint as shipping_zones
from app.pricing.routes.taxes import blueprint as taxes
from app.reporting.routes import blueprint as own_data
from app.settlement.routes.bank import blueprint as bank
from app.settlement.routes.payments import blueprint as settlement
from app.settlement.routes.refunds import blueprint as refunds
from app.settlement.routes.returns import blueprint as received
from app.stores.routes.keeping import blueprint as keeping_stores
from app.stores.routes.public import blueprint as stores
from app.transfers.routes.exports import blueprint as exports
from app.transfers.routes.imports import blueprint as imports
from app.transfers.routes.order_exports import blueprint as order_exports
from app.webhooks.routes.endpoints import blueprint as webhooks
from app.webhooks.routes.messages import blueprint as webhook_messages
from app.webhooks.routes.notices import blueprint as service_notices

if TYPE_CHECKING:  # only for the hint: settings are handed in
    from config import Settings

BLUEPRINTS: tuple[Blueprint, ...] = (
    catalog,
    reviews,
    notices,
    carts,
    pricing,
    stores,
    checkout,
    orders,
    wishes,
    wanting,
    invoices,
    timeline,
    live,
    settlement,
    identity,
    proofs,
    unsubscribing,
    own_data,
    addresses,
    saved_methods,
    selling,
    seller_products,
    seller_images,
    seller_orders,
    parcels,
    returns,
    received,
    fulfillment,
    all_orders,
    order_exports,
    admin_products,
    admin_categories,
    keeping_stores,
    shipping_zones,
    moderation,
    coupons,
    images,
    imports,
    exports,
    taxes,
    inventory,
    holds,
    media,
    refunds,
    bank,
    documents,
    payments,
    notifications,
    bounces,
    webhooks,
    webhook_messages,
    service_notices,
    work,
    reconciliation,
    users,
    api_keys,
    audit,
    ops,
)
"""In the order of the page at /docs/, whose headings are their names."""


def create_app(
    configuration: "Settings", *, scheduled_jobs: Mapping[str, timedelta] = MappingProxyType({})
) -> Flask:
    """An application with every route of the shop, its own database engine and JSON logs.

    `scheduled_jobs`: the period of each job whose last success is watched.
    """
    settings.install(configuration)
    start_logging(configuration.log_level)
    watching.start(configuration, db.start_engine(configuration), role="api")
    app = Flask("backroom", static_folder=None)
    app.config.update(
        API_TITLE="Backroom",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={"components": {"securitySchemes": SECURITY_SCHEMES}},
        PROPAGATE_EXCEPTIONS=False,
    )
    register_web(app)
    register_media(app, configuration)
    register_problems(app)
    register_transport(app, configuration.transport)
    server = forgetful(configuration)
    register_rate_limits(app, policy=configuration.rate_limits, server=server)
    register_cache(app, configuration.cache, changes.start(server, configuration.cache))
    register_preflights(app, configuration.transport)
    register_identity(app, configuration)
    app.extensions["payment_gateway"] = inline_gateway(configuration)
    app.extensions["inline_calls"] = InlineCalls(limit=configuration.stripe_inline_calls)
    app.extensions["prober"] = Prober(configuration, scheduled_jobs)
    app.extensions["database_collector"] = DatabaseCollector()
    api = ProblemApi(app)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    if configuration.transport.public_docs:
        register_docs(app, api)
    for command in (*COMMANDS, listings, mail):
        app.cli.add_command(command)
    return app
