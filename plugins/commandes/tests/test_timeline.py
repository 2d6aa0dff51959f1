"""The steps of an order follow its codes and its dates; a slip is counted in days."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from plugins.commandes.models import Actor, Kind, OrderChange, OrderLine, ProductionCode, Stage
from plugins.commandes.timeline import Timeline, timeline

TODAY = date(2026, 11, 20)
CODES = {
    code: ProductionCode(code=code, label=code, stage=stage, actor=actor)
    for code, stage, actor in (
        ("E", Stage.STUDY, Actor.CUSTOMER),
        ("T", Stage.WORKS, Actor.THIRD),
        ("R", Stage.ROUTER, Actor.OPERATOR),
    )
}


def line(**more: object) -> OrderLine:
    plain = {
        "kind": Kind.CREATION, "state": "PRODUCTION EN COURS", "installed": False, "closed": None,
        "ordered": date(2026, 10, 1), "contract": date(2026, 12, 10), "link": date(2026, 12, 1),
        "router": date(2026, 12, 3), "code": "T", "delivered": None,
    }  # fmt: skip
    return OrderLine(**{**plain, **more})


def change(field: str, before: str | None, after: str, day: int = 5) -> OrderChange:
    at = datetime(2026, 11, day, 9, tzinfo=UTC)
    return OrderChange(field=field, before=before, after=after, at=at)


def steps(found: Timeline) -> dict[Stage, tuple[bool, bool]]:
    return {step.stage: (step.over, step.current) for step in found.steps}


def test_what_is_before_the_code_is_over_and_its_step_is_under_way() -> None:
    found = timeline(line(), [], CODES, TODAY)
    assert steps(found) == {
        Stage.ORDERED: (True, False), Stage.STUDY: (True, False), Stage.WORKS: (False, True),
        Stage.LINK: (False, False), Stage.ROUTER: (False, False), Stage.SERVICE: (False, False),
    }  # fmt: skip
    assert found.turn is Actor.THIRD
    assert found.slip == 0


def test_a_step_ended_when_the_code_of_a_later_one_was_taken() -> None:
    found = timeline(line(), [change("code", "E", "T", 5)], CODES, TODAY)
    done = {step.stage: step.done for step in found.steps}
    assert done[Stage.ORDERED] == date(2026, 10, 1)
    assert done[Stage.STUDY] == date(2026, 11, 5)


def test_the_first_code_that_was_ever_seen_says_nothing_of_what_was_before() -> None:
    found = timeline(line(), [change("code", None, "T", 5)], CODES, TODAY)
    assert {step.done for step in found.steps[1:]} == {None}


def test_an_appointment_put_off_is_late_by_the_days_between() -> None:
    changes = [change("link", "2026-11-25", "2026-12-01")]
    (step,) = (x for x in timeline(line(), changes, CODES, TODAY).steps if x.stage is Stage.LINK)
    assert (step.first, step.planned, step.slip) == (date(2026, 11, 25), date(2026, 12, 1), 6)


@pytest.mark.parametrize(
    ("contract", "slip"),
    [(date(2026, 11, 19), 1), (date(2026, 11, 20), 0), (date(2026, 10, 21), 30)],
)
def test_a_date_that_passed_without_being_kept_is_late_every_day_more(
    contract: date, slip: int
) -> None:
    assert timeline(line(contract=contract), [], CODES, TODAY).slip == slip


def test_once_installed_all_is_over_and_it_is_nobodys_turn() -> None:
    done = line(installed=True, state="INSTALLEE", delivered=date(2026, 12, 8))
    found = timeline(done, [], CODES, date(2027, 1, 1))
    assert all(step.over for step in found.steps)
    assert (found.turn, found.slip) == (None, -2)


def test_a_cancellation_has_nothing_to_build() -> None:
    found = timeline(line(kind=Kind.CANCELLATION, code="E"), [], CODES, TODAY)
    assert [step.stage for step in found.steps] == [Stage.ORDERED, Stage.STUDY, Stage.SERVICE]


def test_without_a_known_code_the_dates_tell_the_step() -> None:
    early = line(code=None, link=date(2026, 11, 10), router=date(2026, 12, 3))
    found = timeline(early, [], CODES, TODAY)
    assert steps(found)[Stage.ROUTER] == (False, True)
    assert found.turn is None
