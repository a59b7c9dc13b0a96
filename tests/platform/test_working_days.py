from datetime import UTC, date, datetime

import pytest

from app.platform.environment import Environment, SettingError
from app.platform.working_days import WorkingDays, working_days_from

FRIDAY, MONDAY, TUESDAY = date(2026, 12, 4), date(2026, 12, 7), date(2026, 12, 8)


def read(**values: str) -> WorkingDays:
    return working_days_from(Environment({"APP_ENV": "development"} | values))


def test_a_weekend_and_a_holiday_are_gone_past() -> None:
    days = WorkingDays(holidays=frozenset({MONDAY}))

    assert [days.after(FRIDAY, count) for count in (0, 1, 2)] == [FRIDAY, TUESDAY, date(2026, 12, 9)]
    assert days.after(date(2026, 12, 5), 0) == TUESDAY


def test_they_are_read_from_the_environment() -> None:
    days = read(WORKING_DAYS="sat, sun", HOLIDAYS="2026-12-06,2026-12-13")

    assert days.after(FRIDAY, 1) == date(2026, 12, 12)
    assert read() == WorkingDays()
    assert days.local(datetime(2026, 12, 4, 23, 30, tzinfo=UTC)).hour == 23


@pytest.mark.parametrize(
    "values",
    [
        {"WORKING_DAYS": "monday"},
        {"WORKING_DAYS": ","},
        {"HOLIDAYS": "25.12."},
        {"TIME_ZONE": "Mars/Olympus"},
    ],
)
def test_what_is_no_day_is_refused_by_its_name(values: dict[str, str]) -> None:
    with pytest.raises(SettingError, match=next(iter(values))):
        read(**values)
