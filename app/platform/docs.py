"""The API's document, and a page to try it on; the page needs no internet."""

from functools import cache

import orjson
from flask import Flask, Response
from flask_smorest import Api
from flask_swagger_ui import get_swaggerui_blueprint

from app.platform.access import Access
from app.platform.openapi.document import build

PAGE = "swagger_ui"
POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Nothing from elsewhere. Inline is what starts the page, which shows nothing that a visitor wrote."""
SETTINGS = {
    "app_name": "Backroom",
    "displayRequestDuration": True,
    "persistAuthorization": True,
    "docExpansion": "none",
    "oauth2RedirectUrl": "/docs/oauth2-redirect.html",
}


def register_docs(app: Flask, api: Api) -> None:
    """Serve the document at /openapi.json and its page at /docs/. Both are open to everybody."""

    @cache
    def document() -> bytes:
        return orjson.dumps(build(app, api.spec.to_dict()))

    def openapi_json() -> Response:
        return Response(document(), content_type="application/json")

    app.add_url_rule("/openapi.json", view_func=openapi_json)
    page = get_swaggerui_blueprint("/docs", "/openapi.json", config=SETTINGS, blueprint_name=PAGE)
    page.after_request(_keep_at_home)
    app.register_blueprint(page)
    for endpoint in (f"{PAGE}.show", "openapi_json"):
        vars(app.view_functions[endpoint])["access"] = Access()


def _keep_at_home(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    return response
