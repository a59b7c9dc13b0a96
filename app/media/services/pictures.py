"""Pictures made anew from pixels: of the file that somebody sent, nothing else is ever shown to others."""

import re
import struct
import warnings
from dataclasses import dataclass
from io import BytesIO

from PIL import ExifTags, Image, ImageCms, ImageOps

from app.media.services.keys import SIZE_TYPE
from app.media.services.kinds import AVIF, JPEG, PNG, WEBP
from app.media.states import ANIMATED, BROKEN, HIDES_SOMETHING, TOO_LARGE

EDGES = {"small": 320, "medium": 800, "large": 1600}
"""The longest edge of each size, in pixels; nothing is made larger than it came."""
QUALITY = 80
LYING = frozenset({5, 6, 7, 8})
"""The EXIF orientations by which width and height change places."""

_FORMATS = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP", AVIF: "AVIF"}
_MARKUP = re.compile(rb"<(?:!doctype|html|script|svg|\?php)", re.IGNORECASE)
_PDF, _PDF_BEGINS_WITHIN = b"%PDF-", 1024
_ZIP_ENDS, _ZIP_ENDS_WITHIN = b"PK\x05\x06", 65_557
_WHAT_FORMATS_RAISE = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    EOFError,
    RuntimeError,
    struct.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
"""Of broken files: each decoder complains in its own way, libavif's mostly with RuntimeError."""


class Unreadable(Exception):
    """Nothing can be shown of the file; the text is one of REFUSALS."""


@dataclass(frozen=True, slots=True)
class Size:
    """One size of a picture, encoded."""

    name: str
    content: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Rendered:
    """A picture upright: its own measures in pixels, and its sizes, the smallest first."""

    width: int
    height: int
    sizes: tuple[Size, ...]


def render(content: bytes, content_type: str, *, most_pixels: int) -> Rendered:
    """The sizes of a picture in WebP: upright, in sRGB, without anything that the file tells beside it.

    The same file gives the same bytes. How many pixels it claims to have is read before any is decoded.
    Raises Unreadable.
    """
    if hides_something(content):
        raise Unreadable(HIDES_SOMETHING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image, width, height = _decode(content, content_type, most_pixels)
    except _WHAT_FORMATS_RAISE as error:
        is_bomb = isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning)
        raise Unreadable(TOO_LARGE if is_bomb else BROKEN) from error
    largest_first = sorted(EDGES.items(), key=lambda each: -each[1])
    # Each is made of the one before: there is never more than one copy of all pixels.
    sizes = [_shrunk(image, name, edge) for name, edge in largest_first]
    return Rendered(width, height, tuple(reversed(sizes)))


def hides_something(content: bytes) -> bool:
    """Whether another program could read the file as a page, a script, a PDF or an archive."""
    return (
        _MARKUP.search(content) is not None
        or _PDF in content[:_PDF_BEGINS_WITHIN]
        or _ZIP_ENDS in content[-_ZIP_ENDS_WITHIN:]
    )


def _decode(content: bytes, content_type: str, most_pixels: int) -> tuple[Image.Image, int, int]:
    """The picture upright in sRGB, at least as large as its largest size, and its own measures."""
    image: Image.Image = Image.open(BytesIO(content), formats=(_FORMATS[content_type],))
    if image.width * image.height > most_pixels:
        raise Unreadable(TOO_LARGE)
    # A JPEG of a phone may have a second picture behind the first; that is no animation.
    if content_type != JPEG and getattr(image, "is_animated", False):
        raise Unreadable(ANIMATED)
    width, height = image.size
    image.draft(None, (max(EDGES.values()),) * 2)  # a large JPEG is decoded at a half, a quarter, an eighth
    image.load()
    profile = image.info.get("icc_profile")
    lies_on_its_side = image.getexif().get(ExifTags.Base.Orientation) in LYING
    size = (height, width) if lies_on_its_side else (width, height)
    ImageOps.exif_transpose(image, in_place=True)
    return _in_srgb(image, profile), *size


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits of grey, of which the upper 8 are shown
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    mode = "RGBA" if image.has_transparency_data else "RGB"
    if image.mode in ("P", "PA", "LA", "La", "1"):
        image = image.convert(mode)
    return _converted(image, profile, mode) if profile else image.convert(mode)


def _converted(image: Image.Image, profile: bytes, mode: str) -> Image.Image:
    """By the file's own profile of colours; one that is no good is left out of account."""
    try:
        known = ImageCms.ImageCmsProfile(BytesIO(profile))
        converted = ImageCms.profileToProfile(image, known, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image.convert(mode)
    return converted or image.convert(mode)


def _shrunk(image: Image.Image, name: str, edge: int) -> Size:
    """This size of the picture, which is no larger itself from now on."""
    image.thumbnail((edge, edge))
    written = BytesIO()
    image.save(written, _FORMATS[SIZE_TYPE], quality=QUALITY)
    return Size(name, written.getvalue(), image.width, image.height)
