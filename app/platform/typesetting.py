"""PDFs: a template of Typst and its facts become a document, the same bytes for the same facts.

Facts are handed in as data, never as a part of the template: what a customer typed stays text.
"""

import unicodedata
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

import orjson
import typst

from app.platform.db import Json

LATIN, HEBREW = "Noto Sans", "Libertinus Serif"
FAMILIES = (LATIN, "Noto Sans Arabic", "Noto Sans Devanagari")
EAST_ASIAN = {"CN": "SC", "SG": "SC", "TW": "TC", "HK": "HK", "MO": "HK", "KR": "KR"}
"""Which shapes Chinese characters have in a country; elsewhere they are Japan's."""
FOLDERS = (
    ("fontpkg_noto_sans", "files"),
    ("fontpkg_noto_sans_arabic", "files"),
    ("fontpkg_noto_sans_devanagari", "files"),
    ("noto_cjk_sans_otc", ""),
)
ARCHIVABLE: Final = "a-2b"


def typeset(template: Path, facts: Json, *, moment: datetime, more_fonts: Path | None) -> bytes:
    """The PDF of a template that reads `facts`. `moment` is when it says that it was made.

    It is a PDF/A, unless it holds a character that no font has: that is shown as a box, and an archive would
    refuse it.
    """
    compiler = _compiler(template, facts, more_fonts)
    seconds = int(moment.timestamp())
    try:
        made = compiler.compile(format="pdf", timestamp=seconds, pdf_standards=ARCHIVABLE)
    except typst.TypstError:
        made = compiler.compile(format="pdf", timestamp=seconds)
    return b"".join(_pages(made))


def pictures(template: Path, facts: Json, *, dots: int, more_fonts: Path | None) -> list[bytes]:
    """The pages as PNG, of so many dots per inch."""
    return _pages(_compiler(template, facts, more_fonts).compile(format="png", ppi=dots))


def _compiler(template: Path, facts: Json, more_fonts: Path | None) -> typst.Compiler:
    return typst.Compiler(
        template,
        root=template.parent,
        font_paths=_fonts(more_fonts),
        ignore_system_fonts=True,
        sys_inputs={"facts": orjson.dumps(facts).decode()},
    )


def _pages(made: bytes | list[bytes] | None) -> list[bytes]:
    return made if isinstance(made, list) else [made or b""]


def families(country: str | None) -> list[str]:
    """The fonts that a template asks for, the first that has a character before the others."""
    east_asian = f"Noto Sans CJK {EAST_ASIAN.get(country or '', 'JP')}"
    return [*FAMILIES, east_asian, HEBREW]


def directed(text: str) -> Json:
    """A text of its own with the direction in which it is read, as templates take it."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in ("L", "R", "AL"):
            return {"text": text, "dir": "ltr" if kind == "L" else "rtl"}
    return {"text": text, "dir": "ltr"}


@cache
def _fonts(more_fonts: Path | None) -> typst.Fonts:
    """Looked for once per process; what is not used is not read."""
    folders = [Path(str(files(package))) / folder for package, folder in FOLDERS]
    return typst.Fonts(
        include_system_fonts=False, font_paths=[*folders, *([more_fonts] if more_fonts else [])]
    )
