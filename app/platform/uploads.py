"""Routes that take a file, in multipart/form-data: the others keep their limit, and take none."""

from collections.abc import Callable
from typing import Any, BinaryIO, TypeVar

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
_LIMIT, _LIMIT_OF_SHEETS = "LARGEST_UPLOAD", "LARGEST_IMPORT"
_MARK = "takes_file"


def takes_file(view: View) -> View:
    """Mark a view whose body is multipart/form-data, up to the size that `register_uploads` was told."""
    vars(view)[_MARK] = _LIMIT
    return view


def takes_sheet(view: View) -> View:
    """The same for a view that takes a file of rows, of up to the size for those."""
    vars(view)[_MARK] = _LIMIT_OF_SHEETS
    return view


def register_uploads(app: Flask, *, largest: int, largest_sheet: int) -> None:
    """Let marked views take bodies of up to so many bytes. Stands before any blueprint."""
    app.config[_LIMIT], app.config[_LIMIT_OF_SHEETS] = largest, largest_sheet
    Blueprint.DEFAULT_LOCATION_CONTENT_TYPE_MAPPING[MULTIPART] = MEDIA_TYPE
    Blueprint.ARGUMENTS_PARSER.location_loader(MULTIPART)(_parts)


def expect_file() -> None:
    """Let the request in hand bring a file, if its view takes one. Raises UnsupportedMediaType otherwise."""
    if request.mimetype != MEDIA_TYPE:
        raise UnsupportedMediaType
    request.max_content_length = current_app.config[_marked()]


def brings_file() -> bool:
    """Whether the view of the request in hand takes a file."""
    return _marked() is not None


def _marked() -> Any:
    view = current_app.view_functions.get(request.endpoint or "")
    return vars(view).get(_MARK) if view else None


class FileContent(Upload):
    """A file, as its bytes: how it is called and what it is said to be are nobody's business."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> bytes:
        if not isinstance(value, FileStorage):
            raise ValidationError("Must be a file.")
        content: bytes = value.stream.read()
        if not content:
            raise ValidationError("Must not be empty.")
        return content


class FileStream(Upload):
    """A file, to be read piece by piece: a large one lies on the disk as long as the request lasts."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> BinaryIO:
        if not isinstance(value, FileStorage):
            raise ValidationError("Must be a file.")
        stream: BinaryIO = value.stream  # type: ignore[assignment]  # Werkzeug says IO[bytes]
        return stream


def _parts(sent: Request, schema: Schema) -> MultiDictProxy:
    # Werkzeug cuts off what comes in chunks, of a length that nobody told before.
    if sent.content_length is None and len(sent.get_data()) >= (sent.max_content_length or 0):
        raise RequestEntityTooLarge
    return MultiDictProxy(CombinedMultiDict([sent.form, sent.files]), schema)
