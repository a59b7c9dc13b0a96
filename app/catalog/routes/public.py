"""The shop window."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from flask import Response, jsonify, request
from flask_smorest import Blueprint
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from app.catalog.errors import CurrencyNotSold
from app.catalog.queries import categories, detail, listing
from app.catalog.queries.scopes import CATEGORIES, LISTINGS, scopes_of_product
from app.catalog.queries.texts import Texts
from app.catalog.schemas.categories import CategoriesSchema, CategorySchema
from app.catalog.schemas.products import ProductSchema, ProductsSchema
from app.catalog.schemas.queries import ProductQuery, ProductsQuery
from app.catalog.services.price_lists import check_sold_in
from app.identity.auth import public
from app.platform.cache.answers import cached, made_of
from app.platform.db import Json, reading
from app.platform.openapi.headers import LANGUAGE, WANTED_LANGUAGE
from app.platform.openapi.notation import problems
from app.platform.pagination import Page
from app.platform.schemas import PageQuery
from app.platform.settings import settings


def _tags(accepted: LanguageAccept) -> Iterator[str]:
    return (tag for tag, quality in accepted if quality > 0)


@lru_cache(maxsize=1024)
def wanted(header: str) -> tuple[str, ...]:
    """The languages that an answer is looked for in, by the header Accept-Language."""
    return Texts(_tags(parse_accept_header(header, LanguageAccept))).wanted


blueprint = Blueprint(
    "Catalog",
    __name__,
    url_prefix="/v1",
    description="What is offered, by category, and for how much.",
)


@blueprint.route("/products", methods=["GET"], parameters=[WANTED_LANGUAGE])
@cached(LISTINGS, CATEGORIES, languages=wanted)
@public
@blueprint.arguments(ProductsQuery, location="query")
@blueprint.response(200, ProductsSchema, headers=LANGUAGE)
@problems(CurrencyNotSold)
def list_products(query: dict[str, Any]) -> Response:
    """What is offered, in the language of Accept-Language."""
    texts = _texts()
    with reading() as session:
        return _answer(listing.products(session, texts=texts, **_in_other(query)), texts)


@blueprint.route("/products/<reference>", methods=["GET"], parameters=[WANTED_LANGUAGE])
@cached(CATEGORIES, languages=wanted)
@public
@blueprint.arguments(ProductQuery, location="query")
@blueprint.response(200, ProductSchema, headers=LANGUAGE)
@problems(CurrencyNotSold)
def get_product(query: dict[str, Any], reference: str) -> Response:
    """One product, by id or slug, in the shop's own currency or in another."""
    texts = _texts()
    with reading() as session:
        product = detail.product(session, reference, texts=texts, **_in_other(query))
    made_of(*scopes_of_product(product))
    return _answer(product, texts)


@blueprint.route("/categories", methods=["GET"], parameters=[WANTED_LANGUAGE])
@cached(CATEGORIES, languages=wanted)
@public
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, CategoriesSchema, headers=LANGUAGE)
def list_categories(query: dict[str, Any]) -> Response:
    """All categories; `parent_id` and `path` make the tree."""
    texts = _texts()
    with reading() as session:
        return _page(categories.categories(session, texts=texts, **query), texts)


@blueprint.route("/categories/<reference>", methods=["GET"], parameters=[WANTED_LANGUAGE])
@cached(CATEGORIES, languages=wanted)
@public
@blueprint.response(200, CategorySchema, headers=LANGUAGE)
def get_category(reference: str) -> Response:
    """One category, by id or slug."""
    texts = _texts()
    with reading() as session:
        return _answer(categories.category(session, reference, texts=texts), texts)


def _in_other(query: dict[str, Any]) -> dict[str, Any]:
    """Without the shop's own currency: prices are in that anyway. Raises CurrencyNotSold."""
    known = settings()
    if wanted := query.get("currency"):
        check_sold_in(wanted, known.currencies)
    return {name: value for name, value in query.items() if (name, value) != ("currency", known.currency)}


def _texts() -> Texts:
    return Texts(_tags(request.accept_languages))


def _page(page: Page[Json], texts: Texts) -> Response:
    return _answer({"items": page.items, "next_cursor": page.next_cursor}, texts)


def _answer(body: Json, texts: Texts) -> Response:
    """Sent as it is: a dump by the schema, which is there for the documentation, would take longer."""
    response = jsonify(body)
    response.headers["Content-Language"] = texts.languages
    return response
