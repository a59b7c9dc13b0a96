"""What runs here, whether it is alive, whether it should get requests, and its metrics."""

from typing import Any

from flask import Response, current_app, request
from flask_smorest import Blueprint
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from app.identity.auth import public
from app.ops.errors import NotReady
from app.ops.schemas.probes import AboutSchema, HealthSchema, ReadinessSchema
from app.ops.services import exposition
from app.ops.services.exposition import DatabaseCollector
from app.ops.services.probes import FAILED
from app.ops.services.readiness import Prober
from app.platform import metrics
from app.platform.errors import NotAuthenticated, NotFound
from app.platform.openapi.notation import problems
from app.platform.rate_limits.guarding import unlimited
from app.platform.settings import settings
from app.platform.version import VERSION

blueprint = Blueprint(
    "Operations",
    __name__,
    description="Whether all is well, for machines that watch.",
)


@blueprint.route("/", methods=["GET"])
@public
@blueprint.response(200, AboutSchema)
def about() -> dict[str, Any]:
    """Name, version, and where to go from here."""
    docs = {"docs": "/docs/", "openapi": "/openapi.json"} if settings().transport.public_docs else {}
    links = {**docs, "health": "/health", "products": "/v1/products"}
    return {"name": "Backroom", "version": VERSION, "links": links}


@blueprint.route("/health", methods=["GET"])
@public
@unlimited
@blueprint.response(200, HealthSchema)
def health() -> dict[str, str]:
    """Alive: this process answers. It asks nothing of the database or Redis."""
    return {"status": "ok"}


@blueprint.route("/ready", methods=["GET"])
@public
@unlimited
@blueprint.response(200, ReadinessSchema)
@problems(NotReady)
def ready() -> dict[str, Any]:
    """Whether to send requests here, within two seconds.

    503 only for what the API cannot serve without. What costs time only is `degraded`, with 200: a balancer
    that took out every API because Redis is away would close the shop.
    """
    prober: Prober = current_app.extensions["prober"]
    found = prober.look()
    checks = {name: {"status": each.status, **each.facts} for name, each in found.checks.items()}
    if found.status == FAILED:
        raise NotReady("The database does not answer, or its schema is older than this code.", checks=checks)
    return {"status": found.status, "checks": checks}


@blueprint.route("/metrics", methods=["GET"])
@public
@blueprint.response(200, {"type": "string"}, content_type="text/plain")
@problems(NotAuthenticated, NotFound)
def metrics_page() -> Response:
    """Metrics of all processes that share a folder. Needs METRICS_TOKEN as a bearer token, if it is set."""
    known = settings()
    given, token = request.headers.get("Authorization", ""), known.monitoring.metrics_token
    exposition.check_reader(given, token, is_open=known.app_env == "development")
    database: DatabaseCollector = current_app.extensions["database_collector"]
    counted = metrics.collector(known.monitoring.metrics_folder)
    return Response(exposition.page(counted, database), content_type=CONTENT_TYPE_PLAIN_0_0_4)
