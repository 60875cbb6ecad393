"""when a schedule runs: `02:30`, or each so many minutes -> as cron, systemd and people say it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import NamedTuple

from pipeline.errors import SettingsError

_AT_RE = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\Z")
_SAID_RE = re.compile(r"(?:at (?P<at>\d\d:\d\d)|every (?P<every>\d+) min)\Z")
HOUR, DAY = 60, 24 * 60


class Timetable(NamedTuple):
    """When it runs, by the clock of the machine."""

    minute: int
    """Of the day, or with `every` 0."""
    every: int = 0
    """So many minutes apart; 0 is once a day."""

    def __str__(self) -> str:
        return f"every {self.every} min" if self.every else f"at {self.minute // HOUR:02}:{self.minute % HOUR:02}"

    @property
    def cron(self) -> str:
        """Five fields of a crontab.

        >>> read_at("02:30").cron, read_every(1).cron
        ('30 2 * * *', '*/1 * * * *')
        """
        if self.every:
            return f"*/{self.every} * * * *" if self.every < HOUR else "0 * * * *"
        return f"{self.minute % HOUR} {self.minute // HOUR} * * *"

    @property
    def calendar(self) -> str:
        """systemd's `OnCalendar`.

        >>> read_at("02:30").calendar, read_every(15).calendar
        ('*-*-* 02:30:00', '*-*-* *:00/15:00')
        """
        if self.every:  # systemd refuses a step of 60
            return f"*-*-* *:00/{self.every}:00" if self.every < HOUR else "*-*-* *:00:00"
        return f"*-*-* {self.minute // HOUR:02}:{self.minute % HOUR:02}:00"

    def next_after(self, now: datetime) -> datetime:
        """The next time it runs.

        >>> read_at("02:30").next_after(datetime(2026, 1, 1, 2, 30)).isoformat()
        '2026-01-02T02:30:00'
        """
        step, first = (self.every, 0) if self.every else (DAY, self.minute)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        gone = (now - midnight) // timedelta(minutes=1)
        return midnight + timedelta(minutes=first + ((gone - first) // step + 1) * step)


def read_at(said: str) -> Timetable:
    """A time of day. Raises `SettingsError`."""
    found = _AT_RE.match(said)
    if found is None:
        raise SettingsError(f"--at cannot be {said!r}", hint="say a time of day, such as 02:30")
    return Timetable(int(found.group(1)) * HOUR + int(found.group(2)))


def read_every(minutes: int) -> Timetable:
    """So many minutes apart, the same in each hour. Raises `SettingsError`."""
    if minutes < 1 or HOUR % minutes:
        raise SettingsError(f"--every cannot be {minutes}", hint="say minutes that an hour divides into, such as 15")
    return Timetable(0, minutes)


def read_said(said: str) -> Timetable | None:
    """What `str` gave; None for another text.

    >>> [str(read_said(str(table))) for table in (read_at("2:05"), read_every(5))]
    ['at 02:05', 'every 5 min']
    """
    found = _SAID_RE.match(said)
    if found is None:
        return None
    try:
        return read_every(int(found["every"])) if found["every"] else read_at(found["at"])
    except SettingsError:  # edited by hand
        return None
