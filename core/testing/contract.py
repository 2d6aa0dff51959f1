"""The contract of rubrics: thirteen facts that hold for each, tested by one small class.

::

    from core.testing.contract import RubricContract

    class TestVoix(RubricContract):
        rubric = "voix"
        values = {"voix-tick.n_intervals": [1]}

It wants the fixtures of ``core.testing.fixtures``; rows of the rubric's tables, for both customers,
come from ``tests/world.py`` beside it: ``fill(host, session, tenants)``. A failure names the
page, callback, file or hook, and says what to do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.host import Host
from core.testing import checks_of_answers, checks_of_code, checks_of_people
from core.testing.replay import Arguments
from core.testing.subject import Said, Subject


class RubricContract:
    """Derive a class from it, and say what the rubric's addresses and callbacks may be sent.

    ``parts`` fill the parts of addresses, by name; ``searches`` are what may follow « ? »;
    ``values`` those of inputs and states, by « id.property »; ``paths`` more addresses at which
    callbacks are told to be; ``history`` the ids of tabs and scenes that tell the past;
    ``moving`` are words of the addresses and callbacks that tell what they are asked, as a log
    does: two answers of those are not compared. « @ » stands for a reference of customer A.
    """

    rubric: ClassVar[str]
    parts: ClassVar[Mapping[str, str]] = {}
    searches: ClassVar[Sequence[str]] = ()
    values: ClassVar[Mapping[str, Sequence[Any]]] = {}
    paths: ClassVar[Sequence[str]] = ()
    history: ClassVar[Sequence[str]] = ()
    moving: ClassVar[Sequence[str]] = ()

    @pytest.fixture
    def subject(
        self,
        shared_world: Host,
        shared_app: Flask,
        at_now: None,
        _clients: dict[str, FlaskClient],
        _asked: dict[tuple[str, ...], Sequence[Said]],
    ) -> Subject:
        """The rubric in the application that all tests share, its clock stopped."""
        arguments = Arguments(self.parts, self.searches, self.values, self.paths, self.moving)
        return Subject(shared_world, shared_app, self.rubric, arguments, _clients, _asked)

    def test_it_loads_alone(self, subject: Subject) -> None:
        _none(checks_of_code.loads_alone(subject))

    def test_its_texts_are_complete(self, subject: Subject) -> None:
        _none(checks_of_code.texts(subject))

    def test_it_keeps_the_laws(self, subject: Subject) -> None:
        _none(checks_of_code.laws(subject))

    def test_its_migrations_make_its_models(self, subject: Subject) -> None:
        _none(checks_of_code.migrations(subject))

    def test_it_survives_a_failing_neighbour(self, subject: Subject) -> None:
        _none(checks_of_code.failing_neighbour(subject))

    def test_it_can_be_disabled(self, subject: Subject) -> None:
        _none(checks_of_code.disabled(subject))

    def test_every_door_asks_for_its_permission(self, subject: Subject) -> None:
        _none(checks_of_people.doors(subject))

    def test_no_other_customer_sees_anything(self, subject: Subject) -> None:
        _none(checks_of_people.other_tenant(subject))

    def test_a_user_of_one_site_sees_no_other(self, subject: Subject) -> None:
        _none(checks_of_people.one_site(subject))

    def test_a_customer_without_anything_sees_a_helpful_page(self, subject: Subject) -> None:
        _none(checks_of_people.empty_tenant(subject))

    def test_old_measures_are_not_shown_as_new(
        self, subject: Subject, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _none(checks_of_answers.stale(subject, monkeypatch, self.history))

    def test_its_ids_are_unique(self, subject: Subject) -> None:
        _none(checks_of_answers.unique_ids(subject))

    def test_it_asks_the_database_no_more_than_it_may(self, subject: Subject) -> None:
        _none(checks_of_answers.budget(subject))


def _none(faults: Sequence[str]) -> None:
    """Fail with each fault on a line of its own."""
    if faults:
        pytest.fail("\n".join(f"- {one}" for one in faults), pytrace=False)
