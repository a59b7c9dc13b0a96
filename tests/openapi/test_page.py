import re

import pytest
from flask.testing import FlaskClient

PAGE = ("/docs/", "/docs/index.css", "/docs/swagger-ui.css")
LOADED = re.compile(r"""(?:src|href)="([^"]+)"|url\(["']?([^"')]+)|@import\s+["']([^"']+)""")


def text_of(client: FlaskClient, path: str) -> str:
    """A file of the page; answering one leaves it open until the answer is closed."""
    with client.get(path) as answer:
        assert answer.status_code == 200
        return answer.get_data(as_text=True)


def named_in(text: str) -> set[str]:
    return {next(filter(None, match)) for match in LOADED.findall(text)}


@pytest.mark.parametrize("part", PAGE)
def test_the_page_loads_nothing_from_elsewhere(client: FlaskClient, part: str) -> None:
    named = named_in(text_of(client, part))

    assert {address for address in named if not address.startswith(("/docs/", "data:", "#"))} == set()


def test_everything_that_the_page_names_is_there(client: FlaskClient) -> None:
    named = named_in(text_of(client, "/docs/"))

    assert {"/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js"} <= named
    for address in named - {"/docs/favicon-32x32.png", "/docs/favicon-16x16.png"}:
        assert text_of(client, address)


def test_browsers_are_told_to_load_nothing_from_elsewhere(client: FlaskClient) -> None:
    policy = client.get("/docs/").headers["Content-Security-Policy"]

    assert policy.startswith("default-src 'none';")
    assert re.findall(r"(?:[a-z]+:)?//\S+|https?:|\*", policy) == []


def test_calls_go_where_the_page_is_from(client: FlaskClient) -> None:
    document = client.get("/openapi.json").get_json()

    assert [server["url"] for server in document["servers"]] == ["/"]
    assert '"url": "/openapi.json"' in client.get("/docs/").get_data(as_text=True)
