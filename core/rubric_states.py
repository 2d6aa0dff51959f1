"""Each rubric that was found: whose it is, whether it serves, what went wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from core import migrate
from core.faults import RubricFault, faults
from core.i18n import _
from core.registry import Registry


class Standing(StrEnum):
    """Whether a rubric serves."""

    SERVING = "serving"
    PAUSED = "paused"
    """Some of it failed again and again, and is left out until ``fault.until``."""
    DISABLED = "disabled"
    SET_ASIDE = "set aside"


@dataclass(frozen=True, slots=True)
class RubricState:
    """A rubric as « Santé » shows it. ``why`` says what to mend, for one that is set aside or in
    part; ``seconds`` is how long its import took in this process.
    """

    id: str
    label: str
    standing: Standing
    name: str
    distribution: str
    version: str
    why: tuple[str, ...] = ()
    seconds: float | None = None
    fault: RubricFault | None = None


def rubric_states(
    registry: Registry, engine: sa.Engine | None, now: datetime
) -> Sequence[RubricState]:
    """Return every rubric that was found: what needs somebody first. Without ``engine``, what
    processes wrote down of failures is left out.
    """
    if engine is not None:
        registry.answering.faults.keep(engine, now, at_once=True)
    failed = faults(engine, now) if engine is not None else {}
    whole = [one for one in registry.failures if not one.part or one.id not in registry.rubrics]
    found = [
        RubricState(
            one.id or one.name, one.id or one.name, Standing.SET_ASIDE, one.name,
            one.distribution, one.version, (one.error,),
        )
        for one in whole
    ]  # fmt: skip
    found += [_serving(registry, id, failed.get(id), now) for id in registry.rubrics]
    found += [
        RubricState(id, id, Standing.DISABLED, one.name, one.distribution, one.version)
        for id, one in registry.disabled.items()
    ]
    order = [Standing.SET_ASIDE, Standing.PAUSED, Standing.SERVING, Standing.DISABLED]
    return sorted(found, key=lambda one: (order.index(one.standing), not one.why))


def _serving(registry: Registry, id: str, fault: RubricFault | None, now: datetime) -> RubricState:
    """Return a rubric that loaded."""
    paused = fault is not None and fault.until is not None and fault.until > now
    parts = [one.error for one in registry.failures if one.part and one.id == id]
    origin, loaded = registry.loaded.get(id, (None, None))
    if loaded is not None and loaded.effects:
        told = ", ".join(loaded.effects)
        parts.append(_("Son chargement touche à ce qui n’est pas à elle : %(e)s.", e=told))
    return RubricState(
        id, registry.rubrics[id].label, Standing.PAUSED if paused else Standing.SERVING,
        origin.name if origin else id, origin.distribution if origin else "?",
        origin.version if origin else "", tuple(parts),
        loaded.seconds if loaded else None, fault,
    )  # fmt: skip


def orphans(registry: Registry, engine: sa.Engine) -> Sequence[str]:
    """Return the ids of rubrics that have tables in the database, and are found nowhere."""
    start = f"{migrate.HOST.table}_"
    lines = [name for name in sa.inspect(engine).get_table_names() if name.startswith(start)]
    known = {*registry.rubrics, *registry.disabled, *(one.id for one in registry.failures)}
    return sorted({name.removeprefix(start) for name in lines} - known)
