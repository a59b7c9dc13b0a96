"""What is an address in one country is none in another."""

from typing import Any

import pytest

from app.platform.errors import Invalid
from app.platform.postal_rules import checked

PORTLAND = {
    "name": "Ada Lovelace",
    "company": None,
    "line1": "12 Green Street",
    "line2": None,
    "city": "Portland",
    "region": "OR",
    "postal_code": "97201",
    "country": "US",
    "phone": None,
}
LONDON = PORTLAND | {"city": "London", "region": None, "postal_code": "SW1Y 4JH", "country": "GB"}
BERLIN = PORTLAND | {"city": "Berlin", "region": None, "postal_code": "10117", "country": "DE"}
HONG_KONG = PORTLAND | {"city": "Central", "region": "Kowloon", "postal_code": None, "country": "HK"}
NO_PHONE = {"phone": ["Must be a number of this country, or start with + and the code of another."]}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (PORTLAND, {}),
        (PORTLAND | {"region": "oregon"}, {"region": "OR"}),
        (PORTLAND | {"postal_code": "97201-1234"}, {"postal_code": "97201-1234"}),
        (LONDON | {"postal_code": "sw1y 4jh"}, {"postal_code": "SW1Y 4JH"}),
        (BERLIN | {"region": "Mitte"}, {"region": "Mitte"}),
        (HONG_KONG, {}),
        (PORTLAND | {"country": "JP", "region": "Tokyo", "postal_code": "100-0001"}, {}),
        (LONDON | {"country": "IE", "region": "Dublin", "postal_code": None}, {}),
        (HONG_KONG | {"postal_code": "999077"}, {"postal_code": "999077"}),
        (PORTLAND | {"phone": "(503) 555-0123"}, {"phone": "+15035550123"}),
        (BERLIN | {"phone": "030 901820"}, {"phone": "+4930901820"}),
        (BERLIN | {"phone": "+44 20 7946 0958"}, {"phone": "+442079460958"}),
    ],
)
def test_keeps_what_fits_in_the_spelling_of_its_country(given: dict[str, Any], kept: dict[str, Any]) -> None:
    assert checked(given) == given | kept


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        (PORTLAND | {"region": None}, {"region": ["Needed in this country."]}),
        (PORTLAND | {"region": "Bavaria"}, {"region": ["Unknown in this country."]}),
        (PORTLAND | {"postal_code": None}, {"postal_code": ["Needed in this country."]}),
        (
            PORTLAND | {"postal_code": "10001"},  # of New York
            {"postal_code": ["Unknown in this country or region; one is 97000."]},
        ),
        (
            BERLIN | {"postal_code": "1011"},
            {"postal_code": ["Unknown in this country or region; one is 26133."]},
        ),
        (LONDON | {"country": "XX"}, {"country": ["Must be a country of ISO 3166."]}),
        (LONDON | {"country": "ZZ"}, {"country": ["Must be a country of ISO 3166."]}),
        (BERLIN | {"phone": "call me"}, NO_PHONE),
        (BERLIN | {"phone": "12"}, NO_PHONE),
        (PORTLAND | {"phone": "555-0123"}, NO_PHONE),  # the area code is missing
    ],
)
def test_names_what_does_not_fit(given: dict[str, Any], wrong: dict[str, list[str]]) -> None:
    with pytest.raises(Invalid) as caught:
        checked(given)

    assert caught.value.extra == {"errors": wrong}


def test_names_all_that_is_wrong_and_none_of_it_in_the_text_that_is_logged() -> None:
    with pytest.raises(Invalid) as caught:
        checked(PORTLAND | {"region": None, "postal_code": "1", "phone": "call me"})

    assert caught.value.extra["errors"].keys() == {"region", "postal_code", "phone"}
    assert str(caught.value) == "This is no address of its country as it stands."
