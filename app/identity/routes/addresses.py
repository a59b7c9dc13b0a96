"""The caller's address book."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from app.identity import queries
from app.identity.auth import caller, requires
from app.identity.errors import AddressBookFull
from app.identity.models import Address
from app.identity.schemas.addresses import (
    AddressBodySchema,
    AddressChangeSchema,
    AddressEntrySchema,
    AddressesQuery,
    AddressesSchema,
)
from app.identity.services import addresses
from app.platform.db import transaction
from app.platform.idempotency import idempotent
from app.platform.openapi.notation import problems
from app.platform.pagination import Page

blueprint = Blueprint(
    "Addresses",
    __name__,
    url_prefix="/v1/users/me/addresses",
    description="The caller's address book, checked by the rules of each country.",
)


@blueprint.route("", methods=["GET"])
@requires()
@blueprint.arguments(AddressesQuery, location="query")
@blueprint.response(200, AddressesSchema)
def list_addresses(query: dict[str, Any]) -> Page[Address]:
    """The caller's addresses, the defaults first, then the newest."""
    with transaction() as session:
        return Page(queries.addresses(session, caller().user_id, kind=query["type"]), None)


@blueprint.route("", methods=["POST"])
@requires()
@idempotent
@blueprint.arguments(AddressBodySchema)
@blueprint.response(201, AddressEntrySchema)
@problems(AddressBookFull)
def add_address(body: dict[str, Any], *, session: Session) -> Address:
    """Keep an address. Region, postal code and phone are answered in the spelling of their country."""
    kind, is_default = body.pop("type"), body.pop("is_default")
    return addresses.add(session, caller().user_id, kind=kind, is_default=is_default, postal=body)


@blueprint.route("/<uuid:address_id>", methods=["GET"])
@requires()
@blueprint.response(200, AddressEntrySchema)
def get_address(address_id: UUID) -> Address:
    """One of the caller's addresses."""
    with transaction() as session:
        return queries.address(session, caller().user_id, address_id)


@blueprint.route("/<uuid:address_id>", methods=["PATCH"])
@requires()
@blueprint.arguments(AddressChangeSchema(partial=True))
@blueprint.response(200, AddressEntrySchema)
def change_address(body: dict[str, Any], address_id: UUID) -> Address:
    """Change one of the caller's addresses; what is left out stays. Orders keep their copies."""
    with transaction() as session:
        return addresses.change(session, caller().user_id, address_id, body)


@blueprint.route("/<uuid:address_id>", methods=["DELETE"])
@requires()
@blueprint.response(204)
def remove_address(address_id: UUID) -> None:
    """Forget one of the caller's addresses."""
    with transaction() as session:
        addresses.remove(session, caller().user_id, address_id)
