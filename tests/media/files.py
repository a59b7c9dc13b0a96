"""Files to upload: pictures, and what only looks like one."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import ExifTags, Image, ImageCms

SECRET = "Ada's garden"
TOP, BOTTOM = (200, 30, 30), (30, 30, 200)


def picture(width: int = 400, height: int = 300, mode: str = "RGB") -> Image.Image:
    """Red above, blue below, so that one sees which way is up."""
    image = Image.new("RGB", (width, height), BOTTOM)
    image.paste(TOP, (0, 0, width, height // 2))
    return image.convert(mode)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The picture as a file of this kind."""
    written = BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def photo(width: int = 400, height: int = 300, *, color: int = 0) -> bytes:
    """A JPEG; another `color` makes another file."""
    image = picture(width, height)
    image.paste((color, color, color), (0, 0, 16, 16))
    return encoded(image, "JPEG")


def from_a_phone() -> bytes:
    """A JPEG that lies on its side and tells where and by whom it was taken."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Artist] = SECRET
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (48.0, 51.0, 29.0)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return encoded(picture(), "JPEG", exif=exif, icc_profile=profile, comment=SECRET.encode())


def bomb(width: int, height: int) -> bytes:
    """A PNG of less than 100 bytes that says it has so many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + checksum


def animated(kind: str) -> bytes:
    """Two frames."""
    return encoded(picture(), kind, save_all=True, append_images=[picture().rotate(90)])


def of_no_pixels() -> bytes:
    """An AVIF that says all that it has, and has none of it."""
    content = encoded(picture(), "AVIF")
    end = content.index(b"mdat") + len(b"mdat")
    return content[:end] + b"\xff" * (len(content) - end)


NO_PICTURES = {
    "an SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "a page": b"<!doctype html><script>alert(1)</script>",
    "a page that begins as a GIF": b"GIF89a/*<script>*/=1;alert(1)",
    "a GIF": encoded(picture(), "GIF"),
    "a TIFF": encoded(picture(), "TIFF"),
    "a PDF": b"%PDF-1.7\n",
    "a picture after a page": b"<html></html>" + photo(),
}
"""What the first bytes tell."""
REFUSED = {
    "a truncated JPEG": (encoded(Image.effect_noise((200, 200), 50), "JPEG")[:2000], "broken"),
    "a truncated PNG": (encoded(Image.effect_noise((200, 200), 50), "PNG")[:2000], "broken"),
    "a truncated WebP": (encoded(Image.effect_noise((200, 200), 50), "WEBP")[:2000], "broken"),
    "the beginning of a PNG": (b"\x89PNG\r\n\x1a\n", "broken"),
    "a WebP that is none": (b"RIFF\x00\x00\x00\x00WEBPnonsense", "broken"),
    "an AVIF of no pixels": (of_no_pixels(), "broken"),
    "a bomb": (bomb(60_000, 60_000), "too_many_pixels"),
    "a smaller bomb": (bomb(7_000, 7_000), "too_many_pixels"),
    "an animated PNG": (animated("PNG"), "animated"),
    "an animated WebP": (animated("WEBP"), "animated"),
    "a JPEG with a script": (
        encoded(picture(), "JPEG", comment=b"*/=1;<SCRIPT>alert(1)</script>"),
        "hides_something",
    ),
    "a JPEG that is PHP, too": (photo() + b"<?php system($_GET[0]);", "hides_something"),
    "a PNG that is an archive, too": (
        encoded(picture(), "PNG") + b"PK\x05\x06" + bytes(18),
        "hides_something",
    ),
    "a JPEG that is a PDF, too": (encoded(picture(), "JPEG", comment=b"%PDF-1.7"), "hides_something"),
}
"""What only a worker sees, and what it says."""
