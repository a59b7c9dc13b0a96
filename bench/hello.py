"""The yardstick: the smallest Flask application, served by gunicorn."""

from flask import Flask

app = Flask("hello")


@app.get("/")
def hello() -> dict[str, str]:
    """One small JSON object."""
    return {"hello": "world"}
