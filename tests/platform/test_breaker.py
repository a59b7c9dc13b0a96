from app.platform.breaker import Breaker


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def opened(clock: Clock) -> Breaker:
    breaker = Breaker("test", failures=3, pause=5, monotonic=clock)
    for _ in range(3):
        assert breaker.allows()
        breaker.failed()
    return breaker


def test_it_opens_after_so_many_failures_in_a_row() -> None:
    breaker = opened(Clock())

    assert not breaker.allows()


def test_a_success_between_failures_starts_the_count_again() -> None:
    breaker = Breaker("test", failures=2, pause=5, monotonic=Clock())

    for _ in range(5):
        breaker.failed()
        breaker.succeeded()

    assert breaker.allows()


def test_after_the_pause_one_caller_tries_and_the_others_wait() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.seconds += 5

    assert [breaker.allows() for _ in range(3)] == [True, False, False]


def test_a_try_that_succeeds_closes_it() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.seconds += 5

    assert breaker.allows()
    breaker.succeeded()

    assert [breaker.allows() for _ in range(3)] == [True, True, True]


def test_a_try_that_fails_starts_a_new_pause() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.seconds += 5
    assert breaker.allows()

    clock.seconds += 3
    breaker.failed()
    clock.seconds += 4.9

    assert not breaker.allows()
    clock.seconds += 0.2
    assert breaker.allows()
