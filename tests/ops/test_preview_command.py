from pathlib import Path

from flask import Flask

from tests.database import rows


def test_documents_can_be_looked_at_before_one_is_issued(app: Flask, tmp_path: Path) -> None:
    words = ["preview-documents", str(tmp_path), "--language", "de"]

    result = app.test_cli_runner().invoke(args=words)

    names = ("credit-note", "invoice", "packing-slip")
    assert result.exit_code == 0, result.output
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        f"{name}.{ending}" for name in names for ending in ("pdf", "png")
    ]
    assert [(tmp_path / f"{name}.pdf").read_bytes()[:5] for name in names] == [b"%PDF-"] * 3
    assert rows("SELECT count(*) FROM documents") == rows("SELECT count(*) FROM document_numbers") == [(0,)]
