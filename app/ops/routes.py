"""Whether the process is alive, and what it is."""

from typing import Any

from flask_smorest import Blueprint

from app.identity.auth import public
from app.ops.schemas import AboutSchema, HealthSchema

blueprint = Blueprint("ops", __name__, description="Operations")
VERSION = "0.1.0"


@blueprint.route("/", methods=["GET"])
@public
@blueprint.response(200, AboutSchema)
def about() -> dict[str, Any]:
    """Name, version, and where to go from here."""
    links = {"docs": "/docs/", "openapi": "/openapi.json", "health": "/health", "products": "/v1/products"}
    return {"name": "Backroom", "version": VERSION, "links": links}


@blueprint.route("/health", methods=["GET"])
@public
@blueprint.response(200, HealthSchema)
def health() -> dict[str, str]:
    """Alive: this process answers. It asks nothing of the database or Redis."""
    return {"status": "ok"}
