"""Showing what was uploaded: sizes to everybody, originals to those who hold a link."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import Flask, Response, current_app, request
from flask_smorest import Blueprint

from app.identity.auth import public, requires
from app.media import queries
from app.media.errors import ObjectMissing, StorageAway
from app.media.gateway.select import EXTENSION, storage_from, storage_of
from app.media.schemas import LinkQuery, UploadWithOriginalSchema
from app.media.services import links
from app.media.services.keys import SIZE_TYPE, is_size_name, original_key, stored_size
from app.media.services.serving import DOWNLOAD, OF_SIZES, of_original
from app.platform import clock
from app.platform.db import Json, transaction
from app.platform.errors import NotFound, Unavailable
from app.platform.openapi.notation import problems
from app.platform.settings import settings
from app.platform.uploads import register_uploads

if TYPE_CHECKING:  # only for the hint: settings are handed in
    from config import Settings

blueprint = Blueprint("Pictures", __name__, description="What was uploaded, and where it can be seen.")

BINARY = {"type": "string", "format": "binary"}


def register_media(app: Flask, configuration: "Settings") -> None:
    """Let the application take, keep and show files as the settings say. Stands before any blueprint."""
    register_uploads(
        app,
        largest=configuration.media.largest_upload,
        largest_sheet=configuration.transfers.largest_import,
    )
    queries.show_at(configuration.media)
    app.extensions[EXTENSION] = storage_from(configuration)


@blueprint.route("/media/<uuid:upload_id>/<string(length=37):name>", methods=["GET"])
@public
@blueprint.response(200, BINARY, content_type=SIZE_TYPE)
@blueprint.alt_response(304, description="The caller's copy is still good, as it always is.")
@problems(Unavailable)
def get_size(upload_id: UUID, name: str) -> Response:
    """One size of a picture. What is at this address never changes: caches may keep it for ever."""
    if not is_size_name(name):
        raise NotFound("There is no such picture.")
    response = _file(stored_size(f"{upload_id}/{name}"), OF_SIZES)
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"  # pages of other origins show it
    response.set_etag(name)
    response.make_conditional(request)
    return response


@blueprint.route("/media/originals/<uuid:upload_id>", methods=["GET"])
@public
@blueprint.arguments(LinkQuery, location="query")
@blueprint.response(200, BINARY, content_type=DOWNLOAD)
@problems(Unavailable)
def get_original(query: dict[str, Any], upload_id: UUID) -> Response:
    """A file as it was uploaded, to whoever holds a link that has not run out; it opens as a download."""
    secrets = settings().jwt_keys
    if not links.opens(upload_id, **query, now=clock.now(), secrets=secrets):
        raise NotFound("This link is not good, or not any more. Ask for the upload again.")
    with transaction() as session:
        upload = queries.get(session, upload_id)
    return _file(original_key(upload_id), of_original(upload_id, upload.content_type))


@blueprint.route("/v1/admin/uploads/<uuid:upload_id>", methods=["GET"])
@requires("admin", permission="catalog")
@blueprint.response(200, UploadWithOriginalSchema)
def get_upload(upload_id: UUID) -> Json:
    """What became of a file that was uploaded, with a link to it as it came."""
    with transaction() as session:
        upload = queries.get(session, upload_id)
    known, now = settings(), clock.now()
    lifetime = known.media.link_lifetime
    url = storage_of(current_app).link(original_key(upload_id), lifetime)
    if url is None:
        path = links.signed_path(upload_id, now=now, lifetime=lifetime, secret=known.jwt_secret_key)
        url = f"{known.public_url}{path}"
    return vars(upload) | {"original": {"url": url, "expires_at": now + lifetime}}


def _file(key: str, headers: Mapping[str, str]) -> Response:
    try:
        return Response(storage_of(current_app).get(key), headers=dict(headers))
    except ObjectMissing as error:
        raise NotFound("There is no such file.") from error
    except StorageAway as error:
        raise Unavailable("Files cannot be read now. Repeat the request in a moment.") from error
