"""Stores for everybody."""

from math import isfinite
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from app.identity.auth import public
from app.platform.db import reading
from app.platform.pagination import Page, exactly, plain_text, read_cursor
from app.stores import queries
from app.stores.queries import Found, Spot
from app.stores.schemas import StoreSchema, StoresQuery, StoresSchema

blueprint = Blueprint(
    "Stores",
    __name__,
    url_prefix="/v1/stores",
    description="Where the shop's stores are, and when they are open.",
)


@blueprint.route("", methods=["GET"])
@public
@blueprint.arguments(StoresQuery, location="query")
@blueprint.response(200, StoresSchema)
def list_stores(query: dict[str, Any]) -> Page[Found]:
    """Stores by distance from a place, the nearest first, or by name if none is given."""
    limit, with_pickup = query["limit"], query["pickup"]
    with reading() as session:
        if query["lat"] is None:
            named = read_cursor(query["cursor"], exactly("name"), plain_text, UUID)
            return queries.by_name(
                session,
                only_active=True,
                with_pickup=with_pickup,
                after=named and named[1:],
                limit=limit,
            )
        far = read_cursor(query["cursor"], exactly("distance"), _number, UUID)
        return queries.nearest(
            session,
            Spot(query["lat"], query["lng"]),
            radius_km=query["radius_km"],
            with_pickup=with_pickup,
            after=far and far[1:],
            limit=limit,
        )


@blueprint.route("/<uuid:store_id>", methods=["GET"])
@public
@blueprint.response(200, StoreSchema)
def get_store(store_id: UUID) -> Found:
    """One store."""
    with reading() as session:
        return queries.active(session, store_id)


def _number(value: Any) -> float:
    """A distance that the database can compare with. Raises ValueError."""
    if type(value) not in (int, float) or not isfinite(value):
        raise ValueError
    return float(value)
