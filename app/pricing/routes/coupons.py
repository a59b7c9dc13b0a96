"""Coupons for those who make them."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.identity.auth import requires
from app.platform.db import transaction
from app.platform.idempotency import idempotent
from app.platform.money import Money
from app.platform.openapi.notation import problems
from app.platform.pagination import Page, read_cursor
from app.pricing.errors import CodeTaken, CouponLimitTooLow
from app.pricing.models.coupons import Coupon, CouponUse
from app.pricing.queries import coupons as queries
from app.pricing.schemas.coupons import (
    CouponSchema,
    CouponsQuery,
    CouponsSchema,
    CouponTermsSchema,
    CouponUsesQuery,
    CouponUsesSchema,
    NewCouponSchema,
)
from app.pricing.services import coupons

blueprint = Blueprint(
    "Coupons",
    __name__,
    url_prefix="/v1/admin/coupons",
    description="Codes that make a purchase cheaper, and who used them.",
)


@blueprint.route("", methods=["GET"])
@requires("admin", permission="catalog")
@blueprint.arguments(CouponsQuery, location="query")
@blueprint.response(200, CouponsSchema)
def list_coupons(query: dict[str, Any]) -> Page[Coupon]:
    """All coupons, the newest first, or the one of a `code`."""
    (before,) = read_cursor(query["cursor"], UUID) or (None,)
    with transaction() as session:
        return queries.coupons(session, code=query["code"], before=before, limit=query["limit"])


@blueprint.route("", methods=["POST"])
@requires("admin", permission="catalog")
@idempotent
@blueprint.arguments(NewCouponSchema)
@blueprint.response(201, CouponSchema)
@problems(CodeTaken)
def create_coupon(body: dict[str, Any], *, session: Session) -> Coupon:
    """Make a coupon. What it gives, and for what, cannot be changed: end it, and make another."""
    money = {name: Money(**body[name]) if body[name] else None for name in ("amount", "minimum")}
    return coupons.create(session, **body | money)


@blueprint.route("/<uuid:coupon_id>", methods=["GET"])
@requires("admin", permission="catalog")
@blueprint.response(200, CouponSchema)
def get_coupon(coupon_id: UUID) -> Coupon:
    """One coupon, with how often it is used."""
    with transaction() as session:
        return queries.coupon(session, coupon_id)


@blueprint.route("/<uuid:coupon_id>", methods=["PATCH"])
@requires("admin", permission="catalog")
@blueprint.arguments(CouponTermsSchema)
@blueprint.response(200, CouponSchema)
@problems(CouponLimitTooLow)
def change_coupon(body: dict[str, Any], coupon_id: UUID) -> Coupon:
    """Change note, time, limits, or whether buyers know it; orders that have it keep it."""
    with transaction() as session:
        return coupons.change(session, coupon_id, body)


@blueprint.route("/<uuid:coupon_id>/uses", methods=["GET"])
@requires("admin", permission="catalog")
@blueprint.arguments(CouponUsesQuery, location="query")
@blueprint.response(200, CouponUsesSchema)
def list_coupon_uses(query: dict[str, Any], coupon_id: UUID) -> Page[CouponUse]:
    """The orders that a coupon was used for, the newest first."""
    (before,) = read_cursor(query["cursor"], UUID) or (None,)
    with transaction() as session:
        queries.coupon(session, coupon_id)
        return queries.uses(session, coupon_id, status=query["status"], before=before, limit=query["limit"])
