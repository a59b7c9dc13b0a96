from io import BytesIO

import pytest
from PIL import Image, ImageCms

from app.media.services.kinds import AVIF, JPEG, PNG, WEBP, kind_of
from app.media.services.pictures import Rendered, Size, Unreadable, render
from tests.media.files import BOTTOM, NO_PICTURES, REFUSED, SECRET, TOP, encoded, from_a_phone, photo, picture

MOST = 40_000_000
MODES = {
    "grey": encoded(picture(mode="L"), "PNG"),
    "16 bits of grey": encoded(Image.new("I;16", (400, 300), 30_000), "PNG"),
    "black and white": encoded(picture(mode="1"), "PNG"),
    "a palette": encoded(picture(mode="P"), "PNG"),
    "for print": encoded(picture(mode="CMYK"), "JPEG"),
    "with a profile that is none": encoded(picture(), "JPEG", icc_profile=b"nonsense"),
    "with another's profile": encoded(
        picture(mode="CMYK"),
        "JPEG",
        icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
    ),
}


def made(content: bytes) -> Rendered:
    kind = kind_of(content)
    assert kind is not None
    return render(content, kind, most_pixels=MOST)


def opened(size: Size) -> Image.Image:
    return Image.open(BytesIO(size.content), formats=("WEBP",))


def near(pixel: object, color: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(one - other) < 25 for one, other in zip(pixel, color, strict=False))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_picture_of_each_kind_becomes_three_sizes_in_webp(kind: str) -> None:
    content = encoded(picture(2000, 1500), kind)

    rendered = made(content)

    assert kind_of(content) == {"JPEG": JPEG, "PNG": PNG, "WEBP": WEBP, "AVIF": AVIF}[kind]
    assert (rendered.width, rendered.height) == (2000, 1500)
    assert [(each.name, each.width, each.height) for each in rendered.sizes] == [
        ("small", 320, 240),
        ("medium", 800, 600),
        ("large", 1600, 1200),
    ]
    for each in rendered.sizes:
        shown = opened(each)
        assert (shown.size, shown.mode) == ((each.width, each.height), "RGB")
        assert near(shown.getpixel((each.width // 2, 5)), TOP)
        assert near(shown.getpixel((each.width // 2, each.height - 5)), BOTTOM)


def test_nothing_is_made_larger_than_it_came_and_nothing_thinner_than_a_pixel() -> None:
    small, thin = made(photo(40, 30)), made(encoded(Image.new("RGB", (1, 5000)), "PNG"))

    assert [(each.width, each.height) for each in small.sizes] == [(40, 30)] * 3
    assert [(each.width, each.height) for each in thin.sizes] == [(1, 320), (1, 800), (1, 1600)]


def test_a_photo_of_a_phone_stands_upright_and_tells_nothing() -> None:
    content = from_a_phone()

    rendered = made(content)

    assert SECRET.encode() in content
    assert (rendered.width, rendered.height) == (300, 400)
    for each in rendered.sizes:
        shown = opened(each)
        assert (shown.width < shown.height, dict(shown.getexif())) == (True, {})
        assert {"exif", "xmp", "icc_profile"} & shown.info.keys() == set()
        assert not {b"EXIF", b"XMP ", b"ICCP"} & {each.content[12:16], *each.content[30:].split(b"\0")}
        assert SECRET.encode() not in each.content
        # Turned by a quarter: what was above is at the right.
        assert near(shown.getpixel((shown.width - 5, shown.height // 2)), TOP)


def test_what_can_be_seen_through_stays_so() -> None:
    image = picture(mode="RGBA")
    image.putalpha(0)

    (small, *_) = made(encoded(image, "PNG")).sizes

    assert opened(small).getpixel((10, 10))[3] == 0  # type: ignore[index]  # RGBA


@pytest.mark.parametrize("which", MODES)
def test_whatever_the_pixels_are_made_of_browsers_can_show_the_sizes(which: str) -> None:
    rendered = made(MODES[which])

    assert {opened(each).mode for each in rendered.sizes} == {"RGB"}
    assert (rendered.width, rendered.height) == (400, 300)


def test_16_bits_of_grey_keep_their_brightness() -> None:
    (small, *_) = made(MODES["16 bits of grey"]).sizes

    assert near(opened(small).getpixel((10, 10)), (117, 117, 117))


def test_the_same_file_gives_the_same_bytes() -> None:
    assert made(from_a_phone()) == made(from_a_phone())


@pytest.mark.parametrize("which", NO_PICTURES)
def test_what_is_no_picture_is_seen_by_its_first_bytes(which: str) -> None:
    assert kind_of(NO_PICTURES[which]) is None


@pytest.mark.parametrize("which", REFUSED)
def test_what_only_looks_like_a_picture_is_refused_with_the_reason(which: str) -> None:
    content, reason = REFUSED[which]

    with pytest.raises(Unreadable) as caught:
        made(content)

    assert str(caught.value) == reason


def test_how_many_pixels_there_may_be_is_counted_before_any_is_decoded() -> None:
    content = photo(400, 300)

    with pytest.raises(Unreadable, match="too_many_pixels"):
        render(content, JPEG, most_pixels=400 * 300 - 1)

    assert render(content, JPEG, most_pixels=400 * 300).width == 400
