"""The API's documentation as a page to try it on; it needs no internet."""

from flask import Flask
from flask_swagger_ui import get_swaggerui_blueprint


def register_docs(app: Flask) -> None:
    """Serve the page at /docs/, of the document at /openapi.json. Both are open to everybody."""
    settings = {"app_name": "Backroom", "displayRequestDuration": True, "persistAuthorization": True}
    app.register_blueprint(get_swaggerui_blueprint("/docs", "/openapi.json", config=settings))
    for endpoint in ("swagger_ui.show", "api-docs.openapi_json"):
        vars(app.view_functions[endpoint])["is_public"] = True
