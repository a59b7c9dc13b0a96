"""The web application, put together."""

from typing import TYPE_CHECKING

from flask import Flask
from flask_smorest import Blueprint

from app.platform import db, settings
from app.platform.logging import start_logging
from app.platform.problems import ProblemApi, register_problems
from app.platform.web import register_web

if TYPE_CHECKING:  # only for the hint: settings are handed in
    from config import Settings

BLUEPRINTS: tuple[Blueprint, ...] = ()


def create_app(configuration: "Settings") -> Flask:
    """An application with every route of the shop, its own database engine and JSON logs."""
    settings.install(configuration)
    start_logging(configuration.log_level)
    db.start_engine(configuration)
    app = Flask("backroom", static_folder=None)
    app.config.update(
        API_TITLE="Backroom",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
        PROPAGATE_EXCEPTIONS=False,
    )
    register_web(app)
    register_problems(app)
    api = ProblemApi(app)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    return app
