"""How the collection itself goes: what each process does, which routers fail and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Internal


class DeviceHealth(Internal):
    """How the last visits to a router ended; written when that changes, not at each visit.

    ``outcome`` is a value of the collector's own list (« ok », « timeout », « bad_answer »…),
    ``detail`` a few words without any secret, ``since`` when it became so. ``backed_off``: it
    failed so often that it is only probed now and then.
    """

    __tablename__ = "device_health"

    device_id: Mapped[int] = mapped_column(
        sa.ForeignKey("device.id", ondelete="CASCADE"), primary_key=True
    )
    outcome: Mapped[str] = mapped_column(sa.String(24))
    detail: Mapped[str] = mapped_column(default="")
    since: Mapped[datetime]
    backed_off: Mapped[bool] = mapped_column(default=False)


class CollectorState(Internal):
    """One process of the collector, as it last told of itself.

    ``numbers``: totals since ``started`` and gauges of the moment, by name.
    """

    __tablename__ = "collector_state"

    name: Mapped[str] = mapped_column(primary_key=True)
    pid: Mapped[int]
    engine: Mapped[str]
    started: Mapped[datetime]
    at: Mapped[datetime]
    numbers: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
