"""Stores for those who run the shop."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.identity.auth import requires
from app.platform.db import transaction
from app.platform.idempotency import idempotent
from app.platform.pagination import Page, exactly, plain_text, read_cursor
from app.platform.schemas import PageQuery
from app.stores import queries, services
from app.stores.queries import Found
from app.stores.schemas import KeptStoreSchema, KeptStoresSchema, StoreBody, StoreChange

blueprint = Blueprint(
    "Keeping stores",
    __name__,
    url_prefix="/v1/admin/stores",
    description="Opening stores, changing what is known of them, and closing them.",
)


@blueprint.route("", methods=["GET"])
@requires("admin", permission="catalog")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, KeptStoresSchema)
def list_kept_stores(query: dict[str, Any]) -> Page[Found]:
    """All stores by their names, inactive ones included."""
    after = read_cursor(query["cursor"], exactly("name"), plain_text, UUID)
    with transaction() as session:
        return queries.by_name(
            session, only_active=False, with_pickup=False, after=after and after[1:], limit=query["limit"]
        )


@blueprint.route("", methods=["POST"])
@requires("admin", permission="catalog")
@idempotent
@blueprint.arguments(StoreBody)
@blueprint.response(201, KeptStoreSchema)
def open_store(body: dict[str, Any], *, session: Session) -> Found:
    """Add a store."""
    return services.open_store(session, body)


@blueprint.route("/<uuid:store_id>", methods=["PATCH"])
@requires("admin", permission="catalog")
@blueprint.arguments(StoreChange(partial=tuple(StoreBody().fields)))
@blueprint.response(200, KeptStoreSchema)
def change_store(body: dict[str, Any], store_id: UUID) -> Found:
    """Change what is given; `is_active` false closes it. Orders to be picked up there stay as they are."""
    with transaction() as session:
        return services.change_store(session, store_id, body)
