import pytest
from flask.testing import FlaskClient


def test_the_shipping_methods_of_a_country_are_public(client: FlaskClient) -> None:
    answer = client.get("/v1/shipping-methods?country=US")

    assert answer.status_code == 200
    assert answer.get_json() == {
        "items": [
            {
                "code": "standard",
                "name": "Standard shipping",
                "price": {"amount": 499, "currency": "USD"},
                "estimate": "3 to 5 working days",
                "fewest_days": 3,
                "most_days": 5,
            }
        ],
        "next_cursor": None,
    }


@pytest.mark.parametrize("country", ["", "us", "USA", "U1", "US%0A"])
def test_a_country_that_is_none_is_refused(client: FlaskClient, country: str) -> None:
    answer = client.get(f"/v1/shipping-methods?country={country}")

    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == ["country"]


def test_an_unknown_parameter_is_refused(client: FlaskClient) -> None:
    answer = client.get("/v1/shipping-methods?country=US&zip=90210")

    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == ["zip"]
