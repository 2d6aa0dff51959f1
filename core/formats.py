"""How numbers, rates, dates and durations are written, in the language in use. Pure.

A missing value is « N/A ». Units stand after a narrow no-break space; rates go by powers of
1000 (bit/s), volumes too (octets).
"""

from __future__ import annotations

import math
from datetime import date as date_of_calendar
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel import dates, numbers

from core.i18n import N_, _, language, locale

NA = N_("N/A")
SPACE = "\N{NARROW NO-BREAK SPACE}"

_BITS = ("bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s")
_OCTETS = {"fr": ("o", "Ko", "Mo", "Go", "To", "Po"), "en": ("B", "kB", "MB", "GB", "TB", "PB")}


def number(value: float | None, decimals: int = 0) -> str:
    """Return « 1 234,5 », with as many decimals as asked."""
    if value is None or not math.isfinite(value):
        return _(NA)
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return numbers.format_decimal(value, format=pattern, locale=locale())


def percent(ratio: float | None, decimals: int = 1) -> str:
    """Return « 95,8 % » for 0.958."""
    if ratio is None or not math.isfinite(ratio):
        return _(NA)
    text = number(ratio * 100, decimals)
    return f"{text}%" if language() == "en" else f"{text}{SPACE}%"


def rate(bps: float | None) -> str:
    """Return « 61,7 Mbit/s » for a measured rate in bit/s."""
    if bps is None or not math.isfinite(bps):
        return _(NA)
    value, power = _scaled(bps, len(_BITS) - 1, decimals=1)
    return f"{number(value, 0 if power == 0 or abs(value) >= 100 else 1)}{SPACE}{_BITS[power]}"


def contract(bps: float | None) -> str:
    """Return « 200 Mbit/s » for a rate that was sold: no decimals that say nothing."""
    if bps is None or not math.isfinite(bps):
        return _(NA)
    value, power = _scaled(bps, len(_BITS) - 1, decimals=2)
    text = numbers.format_decimal(value, format="#,##0.##", locale=locale())
    return f"{text}{SPACE}{_BITS[power]}"


def octets(value: float | None) -> str:
    """Return « 2,68 To » (TB in English) for a number of octets."""
    if value is None or not math.isfinite(value):
        return _(NA)
    units = _OCTETS.get(language(), _OCTETS["en"])
    scaled, power = _scaled(value, len(units) - 1, decimals=2)
    decimals = 0 if power == 0 or abs(scaled) >= 100 else 1 if abs(scaled) >= 10 else 2
    return f"{number(scaled, decimals)}{SPACE}{units[power]}"


def octet_rate(bps: float | None) -> str:
    """Return « 7,71 Mo/s » (MB/s in English) for a rate in bit/s."""
    if bps is None or not math.isfinite(bps):
        return _(NA)
    return f"{octets(bps / 8)}/s"


def octet_rate_unit(bps: float) -> tuple[float, str]:
    """Return what ``rate_unit`` does for an axis in octets per second."""
    units = _OCTETS.get(language(), _OCTETS["en"])
    _value, power = _scaled(bps / 8, len(units) - 1, decimals=0)
    return 8 * 1000.0**power, f"{units[power]}/s"


def rate_unit(bps: float) -> tuple[float, str]:
    """Return the divisor and the unit that suit an axis whose greatest value is ``bps``."""
    _value, power = _scaled(bps, len(_BITS) - 1, decimals=0)
    return 1000.0**power, _BITS[power]


def _scaled(value: float, powers: int, decimals: int) -> tuple[float, int]:
    """Divide by 1000 until the value, rounded, is under 1000."""
    power = 0
    while power < powers and round(abs(value), decimals if abs(value) < 100 else 0) >= 1000:
        value /= 1000
        power += 1
    return value, power


def date(moment: datetime | None, zone: ZoneInfo) -> str:
    """Return « 24/11/26 », the day it was in that zone."""
    return _(NA) if moment is None else moment.astimezone(zone).strftime("%d/%m/%y")


def full_date(day: date_of_calendar) -> str:
    """Return « mardi 24 novembre 2026 »."""
    return dates.format_date(day, "full", locale=locale())


def moment(at: datetime | None, zone: ZoneInfo) -> str:
    """Return « 24/11/2026 08:20:47 »."""
    return _(NA) if at is None else at.astimezone(zone).strftime("%d/%m/%Y %H:%M:%S")


def clock(at: datetime | None, zone: ZoneInfo) -> str:
    """Return « 10:42:06 »."""
    return _(NA) if at is None else at.astimezone(zone).strftime("%H:%M:%S")


def duration(length: timedelta | None, short: bool = False) -> str:
    """Return « 1 jours 02:21:19 »; ``short`` leaves out « 0 jours ». Never negative."""
    if length is None:
        return _(NA)
    seconds = max(0, int(length.total_seconds()))
    days, rest = divmod(seconds, 86400)
    text = f"{rest // 3600:02}:{rest % 3600 // 60:02}:{rest % 60:02}"
    return text if short and not days else _("%(days)s jours %(clock)s", days=days, clock=text)


def age(length: timedelta) -> str:
    """Return « 26 min », « 3 h 07 », « 12 jours »: how long ago, for a sentence."""
    minutes = max(0, int(length.total_seconds())) // 60
    if minutes < 1:
        return _("moins d’une minute")
    if minutes < 60:
        return f"{minutes}{SPACE}min"
    if minutes < 48 * 60:
        return f"{minutes // 60}{SPACE}h{SPACE}{minutes % 60:02}"
    return _("%(days)s jours", days=minutes // 1440)
