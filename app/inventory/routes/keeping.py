"""Stock for those who keep it: admins see all of it, sellers their own; so do the API keys of both."""

from typing import Any

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.identity.auth import owner, requires
from app.inventory import queries, services
from app.inventory.errors import StockIsPromised
from app.inventory.models import StockLevel, StockMovement
from app.inventory.schemas import (
    AdjustmentSchema,
    BulkSchema,
    LevelSchema,
    LevelsQuery,
    LevelsSchema,
    MovementsSchema,
    ThresholdSchema,
)
from app.platform.db import transaction
from app.platform.errors import NotFound
from app.platform.idempotency import idempotent
from app.platform.openapi.notation import problems
from app.platform.pagination import Page, plain_text, read_cursor, whole
from app.platform.schemas import PageQuery

blueprint = Blueprint(
    "Keeping stock",
    __name__,
    url_prefix="/v1",
    description="Units on hand and held, and every movement of them.",
)


@blueprint.route("/admin/inventory", methods=["GET"])
@requires("admin", "seller", permission="catalog", scope="stock:read")
@blueprint.arguments(LevelsQuery, location="query")
@blueprint.response(200, LevelsSchema)
def list_stock(query: dict[str, Any]) -> Page[StockLevel]:
    """Stock by SKU; a seller sees only their own."""
    (after,) = read_cursor(query["cursor"], plain_text) or (None,)
    with transaction() as session:
        return queries.levels(session, seller_id=owner(), low=query["low"], after=after, limit=query["limit"])


@blueprint.route("/admin/inventory/<sku>", methods=["GET"])
@requires("admin", "seller", permission="catalog", scope="stock:read")
@blueprint.response(200, LevelSchema)
def get_stock(sku: str) -> StockLevel:
    """The stock of one SKU."""
    with transaction() as session:
        return queries.level(session, sku, owner())


@blueprint.route("/admin/inventory/<sku>", methods=["PATCH"])
@requires("admin", "seller", permission="catalog")
@blueprint.arguments(ThresholdSchema)
@blueprint.response(200, LevelSchema)
def set_threshold(body: dict[str, Any], sku: str) -> StockLevel:
    """Say from how many units on the SKU is low on stock."""
    with transaction() as session:
        return services.set_threshold(
            session, sku=sku, threshold=body["low_stock_threshold"], seller_id=owner()
        )


@blueprint.route("/admin/inventory/<sku>/movements", methods=["GET"])
@requires("admin", "seller", permission="catalog")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, MovementsSchema)
def list_movements(query: dict[str, Any], sku: str) -> Page[StockMovement]:
    """Every change of the SKU's stock, newest first; their sum is `on_hand`."""
    (before,) = read_cursor(query["cursor"], whole) or (None,)
    with transaction() as session:
        stock = queries.level(session, sku, owner())
        return queries.movements(session, stock.variant_id, before=before, limit=query["limit"])


@blueprint.route("/admin/inventory/<sku>/adjustments", methods=["POST"])
@requires("admin", "seller", permission="catalog")
@idempotent
@blueprint.arguments(AdjustmentSchema)
@blueprint.response(201, LevelSchema)
@problems(StockIsPromised)
def adjust_stock(body: dict[str, Any], sku: str, *, session: Session) -> StockLevel:
    """Change the units on hand, or set them to what was counted."""
    return _apply(session, sku=sku, **body)


@blueprint.route("/admin/inventory/adjustments", methods=["POST"])
@requires("admin", "seller", permission="catalog")
@idempotent
@blueprint.arguments(BulkSchema)
@blueprint.response(201, LevelsSchema)
@problems(NotFound, StockIsPromised)
def adjust_stocks(body: dict[str, Any], *, session: Session) -> Page[StockLevel]:
    """Change many SKUs at once, all or none."""
    queries.lock_levels(session, [line["sku"] for line in body["items"]], owner())
    return Page([_apply(session, **line) for line in body["items"]], None)


def _apply(
    session: Session, *, sku: str, note: str | None, reason: str = "correction", **units: int
) -> StockLevel:
    if "on_hand" in units:
        return services.count(session, sku=sku, on_hand=units["on_hand"], note=note, seller_id=owner())
    return services.adjust(
        session, sku=sku, change=units["change"], reason=reason, note=note, seller_id=owner()
    )
