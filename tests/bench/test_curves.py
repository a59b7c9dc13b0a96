import json
import sys
from pathlib import Path

import pytest

from bench import curves


def test_what_was_measured_is_drawn_without_the_points_that_say_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cheap, dear = {"factor": 2.0, "p99_ms": None, "rate": 900}, {"factor": 4.0, "p99_ms": 8.0, "rate": 800}
    by_size = {"1000000": {"list": dear}, "1000": {"list": cheap}}
    (tmp_path / "figures.json").write_text(json.dumps({"size": by_size, "load": {}}))
    monkeypatch.setattr(sys, "argv", ["curves", "--draw", "--folder", str(tmp_path)])

    curves.main()

    assert {path.name for path in tmp_path.glob("*.svg")} == {"cost-by-size.svg", "waiting-by-size.svg"}
    # Of 5 hellos at the top, 2 and 4 are drawn from the small size to the large one.
    assert 'd="M60.0 240.0 L530.0 112.0"' in (tmp_path / "cost-by-size.svg").read_text()
    assert (tmp_path / "waiting-by-size.svg").read_text().count(' r="3"') == 1
