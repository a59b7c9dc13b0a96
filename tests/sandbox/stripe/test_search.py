import pytest
import stripe

from tests.stand_in import StandIn


def found(stand_in: StandIn, query: str) -> list[str | None]:
    return [customer.name for customer in stand_in.client.v1.customers.search({"query": query}).data]


@pytest.fixture
def people(stand_in: StandIn) -> None:
    for name, email, plan in [
        ("Ada", "ada@example.com", "gold"),
        ("Bob", "bob@example.com", "gold"),
        ("Eve", "eve@example.org", ""),
    ]:
        stand_in.client.v1.customers.create({"name": name, "email": email, "metadata": {"plan": plan}})


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("email:'ada@example.com'", ["Ada"]),
        ('email:"ADA@example.com"', ["Ada"]),
        ("email~'example.com'", ["Bob", "Ada"]),
        ("metadata['plan']:'gold'", ["Bob", "Ada"]),
        ("metadata['plan']:'gold' AND -name:'Bob'", ["Ada"]),
        ("name:'Bob' OR name:'Eve'", ["Eve", "Bob"]),
        ("metadata['plan']:null", ["Eve"]),
        ("-metadata['plan']:null", ["Bob", "Ada"]),
        ("created>1000000000", ["Eve", "Bob", "Ada"]),
        ("created<1000000000", []),
        ("phone~'1'", []),
    ],
)
def test_customers_are_found_as_the_query_says(stand_in: StandIn, query: str, names: list[str]) -> None:
    assert found(stand_in, query) == names


@pytest.mark.parametrize(
    "query",
    ["", "ada", "planet:'Mars'", "metadata:'gold'", "name>'a'", "name:'a' AND name:'b' OR name:'c'"],
)
@pytest.mark.usefixtures("people")
def test_a_query_that_cannot_be_read_is_refused(stand_in: StandIn, query: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        found(stand_in, query)

    assert refused.value.param == "query"


@pytest.mark.usefixtures("people")
def test_a_search_goes_on_page_by_page(stand_in: StandIn) -> None:
    search = stand_in.client.v1.customers.search

    first = search({"query": "email~'example'", "limit": 2})
    assert first.next_page is not None
    second = search({"query": "email~'example'", "limit": 2, "page": first.next_page})

    assert [customer.name for customer in first.data] == ["Eve", "Bob"]
    assert [customer.name for customer in second.data] == ["Ada"]
    assert second.to_dict()["next_page"] is None


def test_intents_are_found_by_metadata(stand_in: StandIn) -> None:
    stand_in.new_intent(metadata={"order": "6"})
    wanted = stand_in.new_intent(metadata={"order": "7"})

    answer = stand_in.client.v1.payment_intents.search(
        {"query": "metadata['order']:'7' AND status:'requires_payment_method'"}
    )

    assert [intent.id for intent in answer.data] == [wanted.id]


@pytest.mark.usefixtures("people")
def test_search_can_lag_behind(stand_in: StandIn) -> None:
    stand_in.order("search", {"lag_seconds": 60})

    assert found(stand_in, "name:'Ada'") == []
    stand_in.order("search", {"lag_seconds": 0})
    assert found(stand_in, "name:'Ada'") == ["Ada"]
