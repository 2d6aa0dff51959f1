"""What commands about links share: links by reference, time zones, options."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn
from zoneinfo import ZoneInfo, available_timezones

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from core.db import Company
from core.network.inventory import Link
from core.network.metrics.cells import BadValueError, date_of

if TYPE_CHECKING:
    from core.host import Host


class Zone(click.ParamType[ZoneInfo]):
    """A time zone by its name."""

    name = "ZONE"

    def convert(self, value: Any, param: Any, ctx: Any) -> ZoneInfo:
        if value not in available_timezones():
            close = difflib.get_close_matches(value, available_timezones(), n=1)
            hint = f" Vouliez-vous dire « {close[0]} » ?" if close else ""
            self.fail(f"« {value} » n'est pas un fuseau horaire.{hint}", param, ctx)
        return ZoneInfo(value)


class Month(click.ParamType[tuple[int, int]]):
    """A civil month, « 2026-03 »."""

    name = "AAAA-MM"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, int]:
        found = re.fullmatch(r"(\d{4})-(\d{2})", str(value))
        if not found or not (2000 <= int(found[1]) < 9999 and 1 <= int(found[2]) <= 12):
            self.fail(f"« {value} » n'est pas un mois : AAAA-MM, comme 2026-03.", param, ctx)
        return int(found[1]), int(found[2])


class Moment(click.ParamType[datetime]):
    """A date and a time, « 2026-12-01 22:00 » or « 01/12/2026 22:00 », its offset or none."""

    name = "DATE"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return date_of(str(value))
        except BadValueError:
            self.fail(f"« {value} » n'est pas une date : 2026-12-01 22:00.", param, ctx)


json_option = click.option("--json", "as_json", is_flag=True, help="Pour un script.")
month_option = click.option("--month", type=Month(), required=True, help="Le mois civil.")
zone_option = click.option(
    "--zone", type=Zone(), help="Fuseau horaire ; sans lui, celui du client."
)


def ready(host: Host) -> None:
    """End here unless the database is there, at the schema of this version."""
    from core import health

    finding = health.examine_database(host.engine)
    if finding.level != "ok":
        raise click.ClickException(finding.text)


def links_of(session: Session, references: Sequence[str]) -> list[Link]:
    """Return the links of these references, each once. Ends with the nearest names otherwise."""
    links = []
    for reference in dict.fromkeys(references):
        statement = sa.select(Link).where(Link.reference == reference)
        whose = joinedload(Link.company).joinedload(Company.customer)
        link = session.scalar(statement.options(whose))
        if link is None:
            _unknown(session, reference)
        links.append(link)
    return links


def _unknown(session: Session, reference: str) -> NoReturn:
    known = list(session.scalars(sa.select(Link.reference)))
    close = difflib.get_close_matches(reference, known, n=3, cutoff=0.5)
    hint = f" Vouliez-vous dire {', '.join(f'« {name} »' for name in close)} ?" if close else ""
    raise click.ClickException(f"Aucune liaison de référence « {reference} ».{hint}")


def zone_of(links: Sequence[Link], host: Host) -> ZoneInfo:
    """Return the zone of the customers of links, which must be one."""
    default = host.config.display.timezone
    names = {link.company.customer.timezone or default for link in links} or {default}
    if len(names) > 1:
        raise click.UsageError(
            "Ces liaisons ont plusieurs fuseaux horaires "
            f"({', '.join(sorted(names))}) : choisissez avec --zone."
        )
    return ZoneInfo(names.pop())
