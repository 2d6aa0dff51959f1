"""What people see of a rubric that fails, rests, is disabled, set aside or gone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
import structlog
from dash import Input, Output

from core import clock, health
from core.access import Permission
from core.faults import faults
from core.host import Host
from core.registry import Found, Registry
from core.rubric import Callbacks, Context, Downloads, Pages, Rubric
from core.testing.fixtures import PAGE, SAME_SITE, sign_in
from core.testing.replay import routed
from core.testing.world import NOW
from core.tests.rubrics import ALICE, STAFF, found, registry_of
from core.web.app import create_app


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """No traceback of what fails on purpose."""
    with structlog.testing.capture_logs():
        yield


@pytest.fixture
def failing(filled: Host) -> Host:
    """An installation with a rubric whose page, callback, download fail, beside those of ours."""
    read = Permission("supervision:read", "")
    pages, callbacks, downloads = Pages(), Callbacks(), Downloads()

    def boom(ctx: Context, *_values: Any) -> Any:
        raise RuntimeError("boum")

    pages.page("/supervision/boum", "x", permission=read)(boom)
    callbacks.on(Output("bad", "children"), Input("x", "value"), permission=read)(boom)
    downloads.table("/supervision/fichier", permission=read)(boom)
    rubric = Rubric(
        "supervision", "Supervision", read=read, pages=pages, callbacks=callbacks,
        downloads=downloads,
    )  # fmt: skip
    filled.registry = registry_of(found("supervision", rubric), seconds=9)
    return filled


def call(client: Any) -> Any:
    body = {
        "output": "bad.children",
        "outputs": {"id": "bad", "property": "children"},
        "inputs": [{"id": "x", "property": "value", "value": 1}],
        "changedPropIds": ["x.value"],
    }
    return client.post("/_dash-update-component", json=body, headers=SAME_SITE)


def test_a_callback_that_fails_again_and_again_is_closed_for_that_account(failing: Host) -> None:
    app = create_app(failing)
    alice, bob = sign_in(app, ALICE), sign_in(app, "bob@b.example")
    assert [call(alice).status_code for _ in range(6)] == [500] * 5 + [503]
    assert int(call(alice).headers["Retry-After"]) > 1
    assert call(bob).status_code == 500, "what one account sends closes nobody else's door"


def test_a_rubric_that_fails_several_accounts_is_left_out_for_all(failing: Host) -> None:
    app = create_app(failing)
    for email in (ALICE, "bob@b.example", STAFF):
        client = sign_in(app, email)
        for _ in range(5):
            call(client)
    assert call(sign_in(app, "onesite@a.example")).status_code == 503


def test_health_tells_how_each_rubric_fares_and_why(failing: Host) -> None:
    app = create_app(failing)
    alice, staff = sign_in(app, ALICE), sign_in(app, STAFF)
    for _ in range(6):
        call(alice)
    alice.get("/supervision/fichier.csv")
    failing.registry.answering.faults.keep(failing.engine, clock.now(), at_once=True)
    fault = faults(failing.engine, clock.now())["supervision"]
    assert fault.failures == 6
    assert "boum" in fault.error
    assert fault.until is not None
    said = {one.subject: one for one in health.findings(failing, clock.now())}
    assert said["rubric:supervision"].level == "warning"
    assert "mise en pause" in said["rubric:supervision"].text
    shown = page(staff, "/sante")
    for word in ("En pause jusqu", "Rubrique supervision", "essai 1.0", "boum", "référence"):
        assert word in shown.replace("Supervision", "Rubrique supervision")
    assert alice.get("/sante", headers=PAGE).status_code == 403


def page(client: Any, path: str) -> str:
    """Return what the browser is sent for a page."""
    reply = routed(client, path)
    assert reply.status_code == 200
    return json.dumps(reply.json, ensure_ascii=False)


def test_a_page_that_fails_again_and_again_says_that_it_rests(failing: Host) -> None:
    alice = sign_in(create_app(failing), ALICE)
    shown = [page(alice, "/supervision/boum") for _ in range(6)]
    assert "ne répond pas" in shown[4]
    assert "mise en pause" in shown[5]


@pytest.fixture
def without(filled: Host) -> Host:
    """An installation in which one rubric is disabled, and one cannot load."""

    def broken() -> Any:
        raise ImportError("nowhere")

    def never() -> Any:
        raise AssertionError("imported")

    filled.registry = Registry(
        [Found("broken", "essai", broken, "broken"), Found("voix", "essai", never, "voix")],
        disabled=["voix"],
    )
    return filled


def test_a_disabled_rubric_is_not_imported_and_its_addresses_tell_the_staff_alone(
    without: Host,
) -> None:
    app = create_app(without)
    alice, staff = sign_in(app, ALICE), sign_in(app, STAFF)
    for path, said in (("/voix/lignes", "désactivée"), ("/broken", "nowhere")):
        assert alice.get(path, headers=PAGE).status_code == 404
        assert staff.get(path, headers=PAGE).status_code == 200
        assert said in page(staff, path)
        assert "introuvable" in page(alice, path)
    assert staff.get("/nothing", headers=PAGE).status_code == 404
    shown = page(staff, "/sante")
    assert "Désactivée" in shown
    assert "À l’écart" in shown


def test_data_of_a_rubric_that_is_gone_are_told_and_kept(without: Host) -> None:
    """Its line of migrations has no owner any more: the start goes on, ``balise check`` says so."""
    with without.engine.begin() as connection:
        for id in ("gone", "voix"):
            connection.execute(sa.text(f"create table alembic_version_{id} (version_num text)"))
    said = {one.subject: one for one in health.findings(without, NOW)}
    assert said["rubric:gone"].level == "warning"
    assert "Réinstallez-la" in said["rubric:gone"].text
    assert said["rubric:voix"].level == "ok"
    assert create_app(without).test_client().get("/healthz").status_code == 200


def test_a_name_that_is_disabled_and_does_not_exist_is_told_with_the_nearest(without: Host) -> None:
    (one,) = health.check_disabled(without.registry, ["voix", "vois"])
    assert one.level == "error"
    assert "« voix »" in one.text


def test_safe_mode_goes_without_any_rubric(empty_installation: Any) -> None:
    from core import config

    settings = {"BALISE_STORAGE_DATA": str(empty_installation)}
    host = Host(config.load(empty_installation / "config.yaml", settings), safe_mode=True)
    assert host.registry.rubrics == {}
    assert "supervision" in host.registry.disabled
    assert create_app(host).test_client().get("/healthz").status_code == 200
    host.engine.dispose()
