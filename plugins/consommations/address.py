"""What the address of « Consommations datas » asks for: whose curve, which period, what beside."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from core.api import N_, Context, _

ADDRESS = "/consommations"
CUSTOM = "perso"
USUAL = "24h"
LONGEST = timedelta(days=1827)
"""Measures are kept five years."""
FIVE = 300

PERIODS: Mapping[str, tuple[str, timedelta]] = {
    "4h": (N_("Dernières 4H"), timedelta(hours=4)),
    "24h": (N_("Dernières 24H"), timedelta(hours=24)),
    "semaine": (N_("Dernière semaine"), timedelta(days=7)),
    "mois": (N_("Dernier mois"), timedelta(days=30)),
    "6mois": (N_("Derniers 6 mois"), timedelta(days=182)),
    "annee": (N_("Dernière année"), timedelta(days=365)),
}
"""The periods that end now, by their word in the address."""
VIEWS = {"": N_("Par lien"), "sites": N_("Par site"), "societes": N_("Par société")}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,15}", re.ASCII)


class PeriodError(ValueError):
    """A period that cannot be shown; the message says why, to the reader."""


@dataclass(frozen=True, slots=True)
class Period:
    """A time between two minutes (UTC, the end excluded); ``live`` when it ends now."""

    start: datetime
    end: datetime
    live: bool

    @property
    def before(self) -> Period:
        """The period as long that comes before."""
        return Period(self.start - (self.end - self.start), self.start, live=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for. Anything that makes no sense there is as absent."""

    link: str = ""
    site: int = 0
    company: int = 0
    text: str = ""
    view: str = ""
    page: int = 0
    """Of the list; 0 for the one that holds what was chosen, the first without."""
    period: str = USUAL
    start: str = ""
    end: str = ""
    octets: bool = False
    compared: bool = False
    way: str = ""
    traffic_class: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Asked:
        page, period, view = query.get("page", ""), query.get("periode", ""), query.get("vue", "")
        custom = period == CUSTOM
        return cls(
            link=query.get("liaison", "")[:64],
            site=_number(query.get("site", "")),
            company=_number(query.get("societe", "")),
            text=query.get("q", "").strip()[:80],
            view=view if view in VIEWS else "",
            page=_number(page) if len(page) < 6 else 0,
            period=period if custom or period in PERIODS else USUAL,
            start=query.get("du", "")[:32] if custom else "",
            end=query.get("au", "")[:32] if custom else "",
            octets=query.get("unite") == "octets",
            compared=query.get("comparer") == "oui",
            way=query.get("sens", "") if query.get("sens") in ("in", "out") else "",
            traffic_class=query.get("classe", "")[:200],
        )

    @classmethod
    def of_search(cls, search: object) -> Asked:
        """Read the part of the address after « ? », whatever the browser sent."""
        text = search.removeprefix("?")[:2000] if isinstance(search, str) else ""
        return cls.of(dict(parse_qsl(text)))

    @property
    def chosen(self) -> bool:
        return bool(self.link or self.site or self.company)

    def query(self) -> dict[str, str]:
        """Return the parameters of the address, those that say something."""
        known = {
            "vue": self.view,
            "q": self.text,
            "page": str(self.page or ""),
            "liaison": self.link,
            "site": str(self.site or ""),
            "societe": str(self.company or ""),
            "periode": "" if self.period == USUAL else self.period,
            "du": self.start,
            "au": self.end,
            "unite": "octets" if self.octets else "",
            "comparer": "oui" if self.compared else "",
            "sens": self.way,
            "classe": self.traffic_class,
        }
        return {name: value for name, value in known.items() if value}

    def with_(self, path: str = ADDRESS, **changes: Any) -> str:
        """Return the address, of the page or of ``path``, that asks for the same but for these."""
        query = urlencode(replace(self, **changes).query())
        return f"{path}?{query}" if query else path

    def of_one(self, *, link: str = "", site: int = 0, company: int = 0) -> str:
        """Return the address of the curve of a link, of a site or of a company; the list opens on
        its page.
        """
        return self.with_(link=link, site=site, company=company, page=0, way="", traffic_class="")

    def over(self, period: str) -> str:
        """Return the address that asks for the same over one of ``PERIODS``."""
        return self.with_(period=period, start="", end="")

    def between(self, ctx: Context, shown: Period) -> str:
        """Return the address that asks for the same over a period of one's own."""
        start, end = (local_minute(ctx, at) for at in (shown.start, shown.end))
        return self.with_(period=CUSTOM, start=start, end=end)


def _number(text: str) -> int:
    return int(text) if _NUMBER.fullmatch(text) else 0


def local_minute(ctx: Context, at: datetime) -> str:
    """Return « 2026-11-24T08:20 », as a field for a date and a time has it."""
    return at.astimezone(ctx.zone).strftime("%Y-%m-%dT%H:%M")


def period_of(ctx: Context, asked: Asked) -> Period:
    """Return the period asked for: it ends with the last whole minute, or where one said.

    Its start is brought to five minutes, of which percentiles are made. Raises ``PeriodError``
    when there is none: unreadable, ending before it begins, to come, longer than what is kept.
    """
    now = _floor(ctx.now, 60)
    if asked.period != CUSTOM:
        return Period(_floor(now - PERIODS[asked.period][1], FIVE), now, live=True)
    start, end = _read(ctx, asked.start, last=False), _read(ctx, asked.end, last=True)
    if start is None or end is None:
        raise PeriodError(_("Indiquez le début et la fin de la période, avec leur heure."))
    if end <= start:
        raise PeriodError(_("La fin de la période doit venir après son début."))
    if start >= now:
        raise PeriodError(_("Cette période n’a pas commencé : choisissez un début dans le passé."))
    if end - start > LONGEST:
        raise PeriodError(
            _("Cette période est trop longue : les mesures sont conservées cinq ans.")
        )
    return Period(_floor(start, FIVE), min(_floor(end + timedelta(seconds=299), FIVE), now), False)


def _read(ctx: Context, text: str, *, last: bool) -> datetime | None:
    """Return a moment of the customer's clocks. An hour that they show twice is the first one
    for a start and the last one for an end, so that nothing asked for is left out.
    """
    if not _MOMENT.fullmatch(text):
        return None
    try:
        at = datetime.fromisoformat(text).replace(tzinfo=ctx.zone, fold=int(last))
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _floor(at: datetime, seconds: int) -> datetime:
    return datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, UTC)
