import pytest

from proof.outages.report import printed
from proof.outages.rest import in_time, none_of
from tests.system.waiting import broken

IN_TIME = in_time("first", 9.96, most=10)
LATE = in_time("second", 12.61, most=10)
HUNG = in_time("slowest", 50.1, most=10)
NEVER = in_time("third", None, most=10)
WRONG = none_of("fourth", ["order 1"])


def test_a_test_forgives_what_came_late_but_no_hang_and_not_what_never_came() -> None:
    assert broken([IN_TIME, LATE, HUNG, NEVER, WRONG]) == [HUNG, NEVER, WRONG]


def test_the_command_forgives_neither(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed({"outage": [IN_TIME]})
    assert not printed({"outage": [IN_TIME, LATE]})

    assert "second  12.6 s    <= 10 s   BROKEN" in capsys.readouterr().out
