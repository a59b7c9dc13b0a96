"""On which days the shop's people and carriers work."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.platform.environment import Environment, SettingError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Days of the week, counted from Monday as 0, less holidays, in the shop's own time zone."""

    weekdays: frozenset[int] = frozenset(range(5))
    holidays: frozenset[date] = frozenset()
    zone: tzinfo = UTC

    def includes(self, day: date) -> bool:
        """Whether people work on this day."""
        return day.weekday() in self.weekdays and day not in self.holidays

    def after(self, day: date, count: int) -> date:
        """The working day so many working days later; for 0, the day itself or the next that is one."""
        while not self.includes(day):
            day += timedelta(days=1)
        for _ in range(count):
            day = self.after(day + timedelta(days=1), 0)
        return day

    def local(self, moment: datetime) -> datetime:
        """The moment as the shop's clock shows it."""
        return moment.astimezone(self.zone)


def working_days_from(env: Environment) -> WorkingDays:
    """What the environment says. Raises SettingError for a day, a date or a zone that is none."""
    days = _words(env.text("WORKING_DAYS", "mon,tue,wed,thu,fri"))
    if not days or not set(days) <= set(DAYS):
        raise SettingError(f"WORKING_DAYS must be some of {','.join(DAYS)}, separated by commas.")
    try:
        holidays = frozenset(date.fromisoformat(word) for word in _words(env.optional("HOLIDAYS") or ""))
    except ValueError:
        raise SettingError("HOLIDAYS must be dates like 2026-12-25, separated by commas.") from None
    return WorkingDays(frozenset(map(DAYS.index, days)), holidays, _zone(env.text("TIME_ZONE", "UTC")))


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC  # which no machine has to know
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingError("TIME_ZONE must be one that this machine knows, like Europe/Berlin.") from None
