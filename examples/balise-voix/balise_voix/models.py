"""Phone lines, and what each carried in a day."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.api import Owned, Site


class LineKind(StrEnum):
    """What a number is reached by."""

    TRUNK = "trunk"
    """A SIP trunk, several calls at once."""
    LINE = "line"
    FAX = "fax"


class VoiceLine(Owned):
    """A phone number at a site. ``number`` is as it is dialled in France: « 0565112233 ».

    ``channels`` is how many calls it carries at once; ``closed`` is when the back office left it
    out of its file.
    """

    __tablename__ = "voix_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[LineKind] = mapped_column(
        sa.Enum(
            LineKind,
            native_enum=False,
            length=8,
            values_callable=lambda kinds: [kind.value for kind in kinds],
        )
    )
    channels: Mapped[int] = mapped_column(default=1)
    closed: Mapped[datetime | None]
    site: Mapped[Site] = relationship(viewonly=True)


class CallDay(Owned):
    """The calls of a line in a civil day: how many came in, went out, were missed, and how long
    they lasted, in seconds.
    """

    __tablename__ = "voix_day"

    __table_args__ = (sa.UniqueConstraint("line_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[int] = mapped_column(sa.ForeignKey("voix_line.id"))
    day: Mapped[date] = mapped_column(index=True)
    incoming: Mapped[int]
    outgoing: Mapped[int]
    missed: Mapped[int]
    seconds: Mapped[int]
    line: Mapped[VoiceLine] = relationship()
