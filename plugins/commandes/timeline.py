"""The steps of an order: planned, done, late, and whose turn it is. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from plugins.commandes.models import (
    Actor,
    Kind,
    OrderChange,
    OrderLine,
    ProductionCode,
    Stage,
    is_installed,
)

ORDER = tuple(Stage)
PLANS = {Stage.LINK: "link", Stage.ROUTER: "router", Stage.SERVICE: "contract"}
"""The field of an order line that plans a step."""
OF_CANCELLATIONS = (Stage.ORDERED, Stage.STUDY, Stage.SERVICE)
"""The steps of a line that ends a service: nothing is built."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step: when it is planned, when it was planned ``first``, when it was ``done``.

    ``over`` says that it is behind, even if nobody knows since when; ``current`` that it is under
    way. ``slip`` is how many days after what was first planned it was done, is planned, or already
    is without being done; None where nothing was planned, negative when early.
    """

    stage: Stage
    planned: date | None
    first: date | None
    done: date | None
    over: bool
    current: bool
    slip: int | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """The steps of a line in their order; ``turn`` is whose turn it is, None when nobody's or
    not known; ``slip`` is that of the last step.
    """

    steps: Sequence[Step]
    turn: Actor | None
    slip: int | None


def timeline(
    line: OrderLine,
    changes: Sequence[OrderChange],
    codes: Mapping[str, ProductionCode],
    today: date,
    day_of: Callable[[datetime], date] = datetime.date,
) -> Timeline:
    """Return the steps of a line on a day, from its fields and from what they were.

    ``changes`` are in the order they happened; ``day_of`` gives the civil day of a moment. A step
    is over when the production has reached a later one, or when all is installed.
    """
    shown = OF_CANCELLATIONS if line.kind is Kind.CANCELLATION else ORDER
    reached = _reached(changes, codes, day_of)
    known = codes.get(line.code or "")
    current = None if line.installed else _current(line, known, reached, today, shown)
    steps = []
    for stage in shown:
        over = line.installed or (current is not None and _rank(stage) < _rank(current))
        planned = getattr(line, PLANS[stage]) if stage in PLANS else None
        first = _first(changes, PLANS[stage], planned) if stage in PLANS else None
        done = _done(line, changes, reached, stage, day_of) if over else None
        slip = _slip(first, planned, done, today, over=over)
        steps.append(Step(stage, planned, first, done, over, stage is current, slip))
    turn = known.actor if known and not line.installed and line.closed is None else None
    return Timeline(steps, turn, steps[-1].slip)


def _rank(stage: Stage) -> int:
    return ORDER.index(stage)


def _reached(
    changes: Sequence[OrderChange],
    codes: Mapping[str, ProductionCode],
    day_of: Callable[[datetime], date],
) -> list[tuple[int, date]]:
    """Return when the production went from a step to another, by the rank of that one: the first
    code that was ever seen says nothing of what was before.
    """
    return [
        (_rank(codes[str(change.after)].stage), day_of(change.at))
        for change in changes
        if change.field == "code" and change.before and change.after in codes
    ]


def _current(
    line: OrderLine,
    known: ProductionCode | None,
    reached: Sequence[tuple[int, date]],
    today: date,
    shown: Sequence[Stage],
) -> Stage:
    """Return the step under way: that of the code, or without one the first that is not past."""
    if known is not None:
        rank = _rank(known.stage)
        return next((s for s in shown if _rank(s) >= rank), shown[-1])
    past = [
        s for s in (Stage.LINK, Stage.ROUTER) if (day := getattr(line, PLANS[s])) and day < today
    ]
    rank = max([_rank(Stage.STUDY), *(_rank(s) + 1 for s in past), *(r for r, _day in reached)])
    return next((s for s in shown if _rank(s) >= rank), shown[-1])


def _first(changes: Sequence[OrderChange], field: str, planned: date | None) -> date | None:
    """Return the first day that was planned: the oldest value of a field."""
    values = [day for change in changes if change.field == field
              for day in (_day(change.before), _day(change.after)) if day]  # fmt: skip
    return next(iter(values), planned)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _done(
    line: OrderLine,
    changes: Sequence[OrderChange],
    reached: Sequence[tuple[int, date]],
    stage: Stage,
    day_of: Callable[[datetime], date],
) -> date | None:
    """Return when a step that is over ended, None when nothing says it."""
    if stage is Stage.SERVICE:
        ends = [day_of(c.at) for c in changes if c.field == "state" and is_installed(c.after or "")]
        return line.delivered or next(iter(ends), None)
    if stage is Stage.ORDERED and line.ordered:
        return line.ordered
    later = [day for rank, day in reached if rank > _rank(stage)]
    planned = getattr(line, PLANS[stage]) if stage in PLANS else None
    return next(iter(later), planned if line.installed else None)


def _slip(
    first: date | None, planned: date | None, done: date | None, today: date, *, over: bool
) -> int | None:
    if first is None:
        return None
    end = done if over else max(planned or first, today)
    if not over and (planned or first) >= today:
        end = planned
    return (end - first).days if end else None
