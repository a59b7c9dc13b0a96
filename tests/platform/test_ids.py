from concurrent.futures import ThreadPoolExecutor

from app.platform.ids import new_id


def test_ids_grow_with_time() -> None:
    made = [new_id() for _ in range(1000)]

    assert made == sorted(made)
    assert {each.version for each in made} == {7}


def test_ids_of_many_threads_never_meet() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = [
            each for batch in pool.map(lambda _: [new_id() for _ in range(500)], range(8)) for each in batch
        ]

    assert len(made) == 4000
