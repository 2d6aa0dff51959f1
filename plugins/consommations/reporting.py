"""What a monthly report holds: its month, the links of the user, and the figures of each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from core.api import (
    N_,
    Company,
    Context,
    Field,
    JobError,
    Link,
    Report,
    Run,
    Sheet,
    Site,
    _,
    civil_month,
    fold,
)
from plugins.consommations.queries import SLOT, role_name

ADDRESS = "/consommations/reporting"
KIND = "consommations.report"
FORMATS = ("csv", "xlsx", "zip")
EARLIEST, LATEST = 2000, 9998
_MANY = 100
"""Links whose figures are read at once."""


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A civil month: « 2026-10 » in addresses, « 10/2026 » on the page."""

    year: int
    number: int

    @classmethod
    def of(cls, text: object) -> Month | None:
        """Return the month of « 2026-10 », the browser's word; None when it is none."""
        found = re.fullmatch(r"(\d{4})-(\d{2})", text, re.ASCII) if isinstance(text, str) else None
        if not found:
            return None
        year, number = int(found[1]), int(found[2])
        sound = EARLIEST <= year <= LATEST and 1 <= number <= 12
        return cls(year, number) if sound else None

    @classmethod
    def at(cls, moment: datetime, zone: ZoneInfo) -> Month:
        """Return the month it is by the clocks of a zone."""
        local = moment.astimezone(zone)
        return cls(local.year, local.month)

    def before(self) -> Month:
        return Month(self.year - (self.number == 1), (self.number - 2) % 12 + 1)

    @property
    def key(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @property
    def label(self) -> str:
        return f"{self.number:02}/{self.year:04}"


def last_months(now: datetime, zone: ZoneInfo, count: int = 3) -> list[Month]:
    """Return the months that are over, newest first."""
    found = [Month.at(now, zone).before()]
    while len(found) < count:
        found.append(found[-1].before())
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    """A month asked for, in UTC: up to the last whole five minutes while it is not over.

    ``at`` is when the measures are read: what comes later stands in a later report.
    """

    month: Month
    start: datetime
    end: datetime
    at: datetime
    zone: ZoneInfo
    over: bool

    @classmethod
    def of(cls, text: object, now: datetime, zone: ZoneInfo) -> Asked:
        """Return the month of « 2026-10 ». Raises ``JobError`` for none, or one to come."""
        month = Month.of(text)
        if month is None:
            raise JobError(_("Ce n’est pas un mois : choisissez-en un, comme 2026-03."))
        start, end = civil_month(month.year, month.number, zone)
        whole = datetime.fromtimestamp(now.timestamp() // SLOT * SLOT, UTC)
        if start >= whole:
            raise JobError(_("Le mois %(month)s n’a pas commencé.", month=month.label))
        return cls(month, start, min(end, whole), now, zone, end <= now)


@dataclass(frozen=True, slots=True)
class Access:
    """A link and where it is now; ``read`` is its last measure."""

    link: Link
    company: str
    site: str
    commune: str | None
    read: datetime | None


@dataclass(frozen=True, slots=True)
class Line:
    """A link with the figures of the month."""

    access: Access
    asked: Asked
    report: Report

    @property
    def measured(self) -> bool:
        return self.report.covered > 0

    @property
    def present(self) -> int:
        return self.report.slots - self.report.missing

    @property
    def coverage(self) -> float:
        """The share of the time that was measured. Volumes are of that time; the percentile is of
        the slots that are ``present``, which are kept for less long.
        """
        asked = (self.asked.end - self.asked.start).total_seconds()
        return min(1.0, self.report.covered / asked)

    @property
    def p95(self) -> float | None:
        """The greater of the two directions."""
        both = [p for p in (self.report.in_p95_bps, self.report.out_p95_bps) if p is not None]
        return max(both, default=None)


def accesses(ctx: Context, asked: Asked) -> list[Access]:
    """Return the links of the user by company, site and reference, the main one first.

    A link is listed where it is now, with all that it carried in the month, wherever it was then.
    Raises ``JobError`` when there is none, or when none has a measure in the month.
    """
    query: Any = (
        select(Link, Company.name, Site.name, Site.commune)
        .join(Company, Company.id == Link.company_id)
        .outerjoin(Site, Site.id == Link.site_id)
    )
    rows: Sequence[Any] = ctx.db.rows(query)
    if not rows:
        raise JobError(_("Aucune liaison dans votre périmètre."))
    if not ctx.metrics.volumes([row[0] for row in rows], asked.start, asked.end):
        raise JobError(_("Aucune mesure de vos liaisons en %(month)s.", month=asked.month.label))
    seen = ctx.metrics.freshness()
    found = [
        Access(link, company, site or "", commune, _moment(seen.get(link.id)))
        for link, company, site, commune in rows
    ]
    found.sort(
        key=lambda one: (
            fold(one.company), fold(one.site), one.link.service_id, one.link.role.value != "main",
            one.link.reference,
        )
    )  # fmt: skip
    return found


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def figures(
    ctx: Context, run: Run, asked: Asked, found: Sequence[Access], share: float = 1.0
) -> Iterator[Line]:
    """Yield the links with their figures, some at a time; ``share`` of the work is this."""
    for first in range(0, len(found), _MANY):
        some = found[first : first + _MANY]
        reports = ctx.metrics.reports([one.link for one in some], asked.start, asked.end)
        for one in some:
            yield Line(one, asked, reports[one.link.id])
        run.progress(share * (first + len(some)) / len(found))


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


COLUMNS: tuple[Field[Line], ...] = (
    Field(N_("Société"), lambda s: s.access.company, 30),
    Field(N_("Site"), lambda s: s.access.site, 34),
    Field(N_("Commune"), lambda s: s.access.commune, 24),
    Field(N_("N° de référence"), lambda s: s.access.link.reference, 22),
    Field(N_("Désignation"), lambda s: s.access.link.designation, 26),
    Field(N_("Liaison"), lambda s: role_name(s.access.link), 14),
    Field(N_("Débit souscrit entrant (bit/s)"), lambda s: s.access.link.contract_in_bps, 16),
    Field(N_("Débit souscrit sortant (bit/s)"), lambda s: s.access.link.contract_out_bps, 16),
    Field(N_("Volume entrant (octets)"), lambda s: s.report.in_octets if s.measured else None, 20),
    Field(N_("Volume sortant (octets)"), lambda s: s.report.out_octets if s.measured else None, 20),
    Field(N_("Débit moyen entrant (bit/s)"), lambda s: _whole(s.report.in_mean_bps), 16),
    Field(N_("Débit moyen sortant (bit/s)"), lambda s: _whole(s.report.out_mean_bps), 16),
    Field(N_("Débit de pointe entrant (bit/s)"), lambda s: _whole(s.report.in_peak_bps), 16),
    Field(N_("Débit de pointe sortant (bit/s)"), lambda s: _whole(s.report.out_peak_bps), 16),
    Field(N_("95e centile entrant (bit/s)"), lambda s: _whole(s.report.in_p95_bps), 16),
    Field(N_("95e centile sortant (bit/s)"), lambda s: _whole(s.report.out_p95_bps), 16),
    Field(N_("95e centile, le plus haut des deux (bit/s)"), lambda s: _whole(s.p95), 16),
    Field(N_("Créneaux mesurés"), lambda s: s.present, 12),
    Field(N_("Créneaux manquants"), lambda s: s.report.missing, 12),
    Field(N_("Mesures présentes (%)"), lambda s: round(100 * s.coverage, 2), 12),
    Field(N_("Début"), lambda s: s.asked.start, 17),
    Field(N_("Fin"), lambda s: s.asked.end, 17),
    Field(N_("Dernière mesure"), lambda s: s.access.read, 17),
    Field(N_("Données arrêtées au"), lambda s: s.asked.at, 17),
)


def table(ctx: Context, run: Run, asked: Asked) -> Sheet[Line]:
    """Return the month as a table, a line a link."""
    found = accesses(ctx, asked)
    run.facts["links"] = len(found)
    return Sheet(
        f"Reporting {asked.month.key}", COLUMNS, figures(ctx, run, asked, found), asked.zone
    )


def file_name(month: Month, kind: str) -> str:
    """Return the name of the file of a report."""
    what = "Reporting graphique" if kind == "zip" else "Reporting"
    return f"{what} {month.key}.{kind}"
