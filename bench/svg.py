"""Plots as plain SVG: a few lines over two axes. What else a plotting library could do is not needed here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import floor, log10

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 720, 420, 60, 190, 48, 52
_COLORS = ("#1b6ca8", "#d1495b", "#3c8d53", "#8d5a97", "#c17f0e", "#4a4a4a", "#17a2a2")
_STYLE = (
    "text{font:12px sans-serif;fill:#222}.title{font-size:15px}line{stroke:#ddd}"
    "path{fill:none;stroke-width:2}"
)
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """Lines by their names. `across` counts in powers; what the title names goes up, from 0."""

    title: str
    across: str
    lines: Mapping[str, Points]

    def svg(self) -> str:
        """The picture, on white."""
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">',
            f"<title>{escape(self.title)}</title><style>{_STYLE}</style>",
            f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
            _text(_LEFT, 24, self.title, kind="title"),
            _text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 12, self.across, anchor="middle"),
            *self._grid(),
            *self._ticks(),
        ]
        for number, (name, points) in enumerate(self.lines.items()):
            color, y = _COLORS[number % len(_COLORS)], 62 + 20 * number
            places = [(self._place_x(x), self._place_y(y)) for x, y in points]
            parts += [_line(places, color), _text(_WIDTH - _RIGHT + 26, y, name)]
            parts.append(f'<circle cx="{_WIDTH - _RIGHT + 16}" cy="{y - 4}" r="4" fill="{color}"/>')
        return "\n".join([*parts, "</svg>\n"])

    @property
    def _xs(self) -> list[float]:
        return sorted({x for points in self.lines.values() for x, _ in points})

    @property
    def _top(self) -> float:
        """The next of 1, 2, 2.5, 5 times a power of ten, so that fifths of it are short."""
        highest = max(y for points in self.lines.values() for _, y in points)
        power = 10.0 ** floor(log10(highest))
        return float(next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= highest))

    def _place_x(self, x: float) -> float:
        left, right = log10(self._xs[0]), log10(self._xs[-1])
        share = (log10(x) - left) / (right - left) if right > left else 0.0
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def _place_y(self, y: float) -> float:
        return _HEIGHT - _BOTTOM - y / self._top * (_HEIGHT - _TOP - _BOTTOM)

    def _ticks(self) -> list[str]:
        y = _HEIGHT - _BOTTOM + 18
        return [_text(self._place_x(x), y, f"{x:,.0f}", anchor="middle") for x in self._xs]

    def _grid(self) -> list[str]:
        parts = []
        for fifth in range(6):
            value = self._top * fifth / 5
            y = self._place_y(value)
            parts.append(f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
            parts.append(_text(_LEFT - 8, y + 4, f"{value:g}", anchor="end"))
        return parts


def _line(places: Points, color: str) -> str:
    path = " ".join(f"{'L' if at else 'M'}{x:.1f} {y:.1f}" for at, (x, y) in enumerate(places))
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{color}"/>' for x, y in places)
    return f'<path d="{path}" stroke="{color}"/>{dots}'


def _text(x: float, y: float, text: str, *, anchor: str = "start", kind: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">{escape(text)}</text>'
