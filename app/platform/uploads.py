"""Routes that take a file, in multipart/form-data: the others keep their limit, and take none."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Request, current_app, request
from flask_smorest import Blueprint
from flask_smorest.fields import Upload
from marshmallow import Schema, ValidationError
from webargs.multidictproxy import MultiDictProxy
from werkzeug.datastructures import CombinedMultiDict, FileStorage
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

View = TypeVar("View", bound=Callable[..., Any])

MULTIPART, MEDIA_TYPE = "multipart", "multipart/form-data"
"""The `location` of the arguments of such a route, and what it is on the wire."""
_LIMIT = "LARGEST_UPLOAD"


def takes_file(view: View) -> View:
    """Mark a view whose body is multipart/form-data, up to the size that `register_uploads` was told."""
    vars(view)["takes_file"] = True
    return view


def register_uploads(app: Flask, *, largest: int) -> None:
    """Let marked views take bodies of up to `largest` bytes. Stands before any blueprint."""
    app.config[_LIMIT] = largest
    Blueprint.DEFAULT_LOCATION_CONTENT_TYPE_MAPPING[MULTIPART] = MEDIA_TYPE
    Blueprint.ARGUMENTS_PARSER.location_loader(MULTIPART)(_parts)


def expect_file() -> None:
    """Let the request in hand bring a file, if its view takes one. Raises UnsupportedMediaType otherwise."""
    if request.mimetype != MEDIA_TYPE:
        raise UnsupportedMediaType
    request.max_content_length = current_app.config[_LIMIT]


def brings_file() -> bool:
    """Whether the view of the request in hand takes a file."""
    view = current_app.view_functions.get(request.endpoint or "")
    return bool(vars(view).get("takes_file")) if view else False


class FileContent(Upload):
    """A file, as its bytes: how it is called and what it is said to be are nobody's business."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> bytes:
        if not isinstance(value, FileStorage):
            raise ValidationError("Must be a file.")
        content: bytes = value.stream.read()
        if not content:
            raise ValidationError("Must not be empty.")
        return content


def _parts(sent: Request, schema: Schema) -> MultiDictProxy:
    # Werkzeug cuts off what comes in chunks, of a length that nobody told before.
    if sent.content_length is None and len(sent.get_data()) >= (sent.max_content_length or 0):
        raise RequestEntityTooLarge
    return MultiDictProxy(CombinedMultiDict([sent.form, sent.files]), schema)
