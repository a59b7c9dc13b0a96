from typing import Any

from bench.targets import rows


def figures(**facts: Any) -> dict[str, Any]:
    """Those of a scenario that costs 5 hellos and 2 ms, with three statements."""
    return {"factor": 5.0, "cpu_ms": 2.0, "statements": 3.0, "facts": facts, "rounds": []}


def test_what_reaches_its_limit_meets_it_and_what_is_above_does_not() -> None:
    known = {"detail": figures(), "list": figures() | {"factor": 6.1}}

    assert list(rows(known))[2:] == [
        "| list | 6 hellos | 6.1 hellos | **no** |",
        "| list, SQL | 2 | 3 | **no** |",
        "| detail | 5 hellos | 5 hellos | yes |",
        "| detail, SQL | 3 | 3 | yes |",
    ]


def test_a_rate_has_to_be_at_least_its_limit() -> None:
    slow, fast = figures(**{"share of pgbench": 0.59}), figures(**{"share of pgbench": 0.6})

    assert list(rows({"hot": slow}))[2:] == ["| hot product, of pgbench | at least 0.6 x | 0.59 x | **no** |"]
    assert list(rows({"hot": fast}))[2:] == ["| hot product, of pgbench | at least 0.6 x | 0.6 x | yes |"]


def test_what_is_compared_needs_both() -> None:
    noop, nothing = figures(), figures() | {"cpu_ms": 1.0}

    assert list(rows({"noop": noop}))[2:] == []
    assert list(rows({"noop": noop, "nothing": nothing}))[2:] == [
        "| delivery of nothing, of a bare message | 2.5 x | 2 x | yes |"
    ]


def test_of_an_expiry_the_largest_round_counts() -> None:
    sizes = {10: (900.0, 9.0), 100: (1200.0, 2.0)}
    rounds = [
        {"facts": {f"{size} holds per s": rate, f"p99 beside {size} over calm": times}}
        for size, (rate, times) in sizes.items()
    ]

    assert list(rows({"expiry": figures() | {"rounds": rounds}}))[2:] == [
        "| holds that end, per second | at least 1,000 | 1,200 | yes |",
        "| of the rate at a tenth of the holds | at least 0.8 x | 1.3 x | yes |",
        "| p99 of reads beside it, of calm | 3 x | 2 x | yes |",
    ]
