"""The shop window."""

from typing import Any

from flask import Response, jsonify, request
from flask_smorest import Blueprint

from app.catalog.queries import categories, detail, listing
from app.catalog.queries.texts import Texts
from app.catalog.schemas.categories import CategoriesSchema, CategorySchema
from app.catalog.schemas.products import ProductSchema, ProductsSchema
from app.catalog.schemas.queries import ProductsQuery
from app.identity.auth import public
from app.platform.db import Json, reading
from app.platform.openapi.headers import LANGUAGE, WANTED_LANGUAGE
from app.platform.pagination import Page
from app.platform.schemas import PageQuery

blueprint = Blueprint(
    "Catalog",
    __name__,
    url_prefix="/v1",
    description="What is offered, by category, and for how much.",
)


@blueprint.route("/products", methods=["GET"], parameters=[WANTED_LANGUAGE])
@public
@blueprint.arguments(ProductsQuery, location="query")
@blueprint.response(200, ProductsSchema, headers=LANGUAGE)
def list_products(query: dict[str, Any]) -> Response:
    """What is offered, in the language of Accept-Language."""
    texts = _texts()
    with reading() as session:
        return _answer(listing.products(session, texts=texts, **query), texts)


@blueprint.route("/products/<reference>", methods=["GET"], parameters=[WANTED_LANGUAGE])
@public
@blueprint.response(200, ProductSchema, headers=LANGUAGE)
def get_product(reference: str) -> Response:
    """One product, by id or slug."""
    texts = _texts()
    with reading() as session:
        return _answer(detail.product(session, reference, texts=texts), texts)


@blueprint.route("/categories", methods=["GET"], parameters=[WANTED_LANGUAGE])
@public
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, CategoriesSchema, headers=LANGUAGE)
def list_categories(query: dict[str, Any]) -> Response:
    """All categories; `parent_id` and `path` make the tree."""
    texts = _texts()
    with reading() as session:
        return _page(categories.categories(session, texts=texts, **query), texts)


@blueprint.route("/categories/<reference>", methods=["GET"], parameters=[WANTED_LANGUAGE])
@public
@blueprint.response(200, CategorySchema, headers=LANGUAGE)
def get_category(reference: str) -> Response:
    """One category, by id or slug."""
    texts = _texts()
    with reading() as session:
        return _answer(categories.category(session, reference, texts=texts), texts)


def _texts() -> Texts:
    return Texts(tag for tag, quality in request.accept_languages if quality > 0)


def _page(page: Page[Json], texts: Texts) -> Response:
    return _answer({"items": page.items, "next_cursor": page.next_cursor}, texts)


def _answer(body: Json, texts: Texts) -> Response:
    """Sent as it is: a dump by the schema, which is there for the documentation, would take longer."""
    response = jsonify(body)
    response.headers["Content-Language"] = texts.languages
    response.vary.add("Accept-Language")
    return response
