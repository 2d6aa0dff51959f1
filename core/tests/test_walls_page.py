"""« Murs »: the operator's administrator makes a wall, sees it, revokes it; all of it audited."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from dash import no_update
from sqlalchemy.orm import Session

from core import walls
from core.access import Reach
from core.audit import AuditEntry
from core.cli import main
from core.db import Company, Customer, ScopeGrant
from core.network.inventory import Site
from core.testing.context import context_of, find, words
from core.testing.fixtures import PAGE, sign_in
from core.testing.world import NOW
from core.web import walls_form, walls_page
from core.web.app import create_app

STAFF = "staff@operator.example"
ASKED = {
    "name": "Salle NOC",
    "customer": "1",
    "companies": [],
    "sites": [],
    "scenes": ["supervision.voyants", "supervision.carte"],
    "seconds": 30,
    "expires": "",
    "alarms": ["flash", "sound"],
}


@pytest.fixture
def ctx(filled):
    with context_of(filled, STAFF) as ctx:
        yield ctx


def create(host, ctx, **changes):
    return walls_form.create(host, ctx, 1, *{**ASKED, **changes}.values())


def in_use(host):
    with Session(host.engine) as session:
        found = walls.in_use(session)
        for wall in found:
            assert wall.account.scope is not None
            assert wall.account.permissions is not None
        session.expunge_all()
        return found


def test_a_wall_is_made_as_asked_and_its_address_works(filled, ctx):
    said, number = create(filled, ctx)
    (wall,) = in_use(filled)
    assert (wall.id, wall.name, wall.seconds, wall.flash, wall.sound) == (
        number, "Salle NOC", 30, True, True)  # fmt: skip
    assert wall.scenes == ["supervision.voyants", "supervision.carte"]
    assert [p.key for p in wall.account.permissions] == ["supervision:read"]
    assert [(g.reach, g.target_id) for g in wall.account.scope] == [(Reach.CUSTOMER, 1)]
    (field,) = find(said, id="host-walls-address")
    path = field.value.removeprefix(filled.config.web.public_url)
    assert re.fullmatch(r"/mur/[\w-]{43}", path)
    assert create_app(filled).test_client().get(f"{path}/etat").status_code == 200


def test_a_wall_of_all_scenes_gets_those_to_come(filled, ctx):
    create(filled, ctx, scenes=list(walls.scenes_of(ctx)))
    assert in_use(filled)[0].scenes == []


def test_companies_and_sites_narrow_a_wall(filled, ctx):
    with Session(filled.engine) as session:
        company = session.scalars(sa.select(Company.id).where(Company.customer_id == 1)).first()
        site = session.scalars(sa.select(Site.id).where(Site.company_id == company)).first()
    create(filled, ctx, companies=[company], sites=[site])
    (wall,) = in_use(filled)
    assert {(g.reach, g.target_id) for g in wall.account.scope} == {
        (Reach.COMPANY, company), (Reach.SITE, site)}  # fmt: skip
    with Session(filled.engine) as session:
        said = walls.scope_words(session, session.get_one(walls.Wall, wall.id).account)
    assert said == "CANARI-A client : 1 société, 1 site"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "   "}, "Donnez un nom"),
        ({"name": "x" * 81}, "80 caractères"),
        ({"name": None}, "Donnez un nom"),
        ({"customer": ""}, "Choisissez un compte client"),
        ({"customer": "999"}, "n’existe plus"),
        ({"customer": {"a": 1}}, "Choisissez un compte client"),
        ({"customer": "*", "sites": [1]}, "Choisissez un compte client"),
        ({"companies": [999]}, "n’est pas de ce compte client"),
        ({"sites": [4]}, "n’est pas de ce compte client"),
        ({"scenes": []}, "au moins une scène"),
        ({"scenes": "supervision.voyants"}, "au moins une scène"),
        ({"scenes": ["inconnue.scene"]}, "au moins une scène"),
        ({"seconds": 2}, "de 5 à 600 secondes"),
        ({"seconds": None}, "de 5 à 600 secondes"),
        ({"seconds": True}, "de 5 à 600 secondes"),
        ({"expires": "hier"}, "ne se lit pas"),
        ({"expires": "2001-01-01"}, "déjà passée"),
        ({"expires": "9999-12-31"}, "ne se lit pas"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_makes_nothing(filled, ctx, changes, said):
    answer, number = create(filled, ctx, **changes)
    assert number is no_update
    assert said in words(answer)
    assert in_use(filled) == []


def test_the_last_day_is_whole_in_the_customers_zone(filled, ctx):
    day = (NOW.astimezone(ctx.zone) + timedelta(days=3)).date()
    create(filled, ctx, expires=day.isoformat())
    end = in_use(filled)[0].account.expires.astimezone(ctx.zone)
    assert (end.date(), end.hour) == (day + timedelta(days=1), 0)


def test_an_administrator_gives_no_more_than_it_has(filled):
    with Session(filled.engine) as session:
        grant = session.scalars(
            sa.select(ScopeGrant).where(ScopeGrant.reach == Reach.OPERATOR)
        ).one()
        grant.reach, grant.target_id = Reach.CUSTOMER, 1
        session.commit()
    with context_of(filled, STAFF) as ctx:
        answer, _number = create(filled, ctx, customer="*")
        assert "voir tous les clients" in words(answer)
    assert in_use(filled) == []


def test_the_choices_are_those_of_the_customer_and_what_is_ticked_stays(filled, ctx):
    companies, _c, sites, ticked, more = walls_form.choices(ctx, "1", "site 20", [], [1, 4])
    assert [option["label"] for option in companies] == ["CANARI-A société 1", "CANARI-A société 2"]
    assert ticked == [1]  # the other one is another customer's
    assert "CANARI-B" not in str(sites)
    assert [option["label"].partition(",")[0] for option in sites] == [
        "CANARI-A site 10", "CANARI-A site 20"]  # fmt: skip
    assert more == ""
    assert walls_form.choices(ctx, "", None, None, None) == ([], [], [], [], "")


def test_the_list_tells_who_when_and_what_and_revoking_ends_it(filled, ctx):
    _said, number = create(filled, ctx)
    page = words(walls_page.layout(ctx, filled))
    assert "Salle NOC" in page
    assert "CANARI-A client" in page
    assert "Jamais affiché" in page
    panel = walls_page.show(filled, ctx, f"?mur={number}", None, None, "/murs")
    assert "éclair, son" in words(panel)
    (button,) = find(panel, id="host-walls-revoke")
    assert walls_page.revoke(filled, ctx, 1, button.value) == number
    assert in_use(filled) == []
    gone = walls_page.show(filled, ctx, f"?mur={number}", None, None, "/murs")
    assert "révoqué" in words(gone)
    assert walls_page.revoke(filled, ctx, 1, button.value) is no_update


def test_making_and_revoking_are_in_the_audit_log(filled, monkeypatch):
    app = create_app(filled)
    client = sign_in(app, STAFF)
    form = [(f"host-walls-{name}", value) for name, value in ASKED.items()]

    def call(output, inputs, state):
        outputs = [o.rsplit(".", 1) for o in output.strip(".").split("...")]
        named = [{"id": id_, "property": prop} for id_, prop in outputs]
        body = {
            "output": output,
            "outputs": named if output.startswith("..") else named[0],
            "inputs": [{"id": i, "property": "n_clicks", "value": 1} for i in inputs],
            "state": [{"id": i, "property": "value", "value": v} for i, v in state],
            "changedPropIds": [f"{inputs[0]}.n_clicks"],
        }
        reply = client.post(
            "/_dash-update-component", json=body, headers={"Sec-Fetch-Site": "same-origin"}
        )
        assert reply.status_code == 200, reply.text

    made = "..host-walls-result.children...host-walls-made.data.."
    call(made, ["host-walls-create"], form)
    number = in_use(filled)[0].id
    call("host-walls-revoked.data", ["host-walls-revoke"], [("host-walls-revoke", str(number))])
    with Session(filled.engine) as session:
        lines = session.scalars(
            sa.select(AuditEntry).where(AuditEntry.action.like("wall %")).order_by(AuditEntry.id)
        ).all()
    assert [(line.actor, line.action, line.target) for line in lines] == [
        (STAFF, "wall created", "Salle NOC"),
        (STAFF, "wall revoked", "Salle NOC"),
    ]
    assert lines[0].facts["scope"] == "CANARI-A client"


def test_customers_have_no_page_of_walls(filled):
    client = sign_in(create_app(filled), "alice@a.example")
    assert client.get("/murs", headers=PAGE).status_code == 403


@pytest.fixture
def balise(filled):
    """``balise(*arguments)`` on the filled installation."""
    path = filled.config.data.parent / "config.yaml"
    environ = {"BALISE_STORAGE_DATA": str(filled.config.data)}

    def run(*arguments):
        return CliRunner().invoke(main, ["--config", str(path), *arguments], env=environ)

    return run


def test_the_command_makes_lists_and_revokes(filled, balise):
    made = balise("wall", "create", "--name", "Hall", "--customer", "canari-a client", "--json")
    assert made.exit_code == 0, made.output
    told = json.loads(made.stdout)
    assert (told["name"], told["scope"], told["expires"]) == ("Hall", "CANARI-A client", None)
    path = told["url"].removeprefix(filled.config.web.public_url)
    assert create_app(filled).test_client().get(f"{path}/etat").json["where"] == "3 sites"
    (row,) = json.loads(balise("wall", "list", "--json").stdout)
    assert (row["id"], row["created_by"]) == (told["id"], "system")
    assert "url" not in row
    assert "Hall" in balise("wall", "list").output
    assert "mur" not in balise("user", "list").output  # a wall is nobody
    assert balise("wall", "revoke", "Hall").exit_code == 0
    assert json.loads(balise("wall", "list", "--json").stdout) == []
    assert balise("wall", "revoke", "Hall").exit_code == 1


def test_the_command_narrows_and_refuses(filled, balise):
    narrow = balise("wall", "create", "--name", "Un site", "--customer", "CANARI-A client",
                    "--site", "CANARI-A site 20", "--scene", "supervision.carte", "--days", "7",
                    "--json")  # fmt: skip
    assert json.loads(narrow.stdout)["scope"] == "CANARI-A client : 1 site"
    assert json.loads(narrow.stdout)["expires"]
    for wrong, code, said in (
        (("--name", "x"), 2, "--customer"),
        (("--customer", "CANARI-A client"), 2, "--name"),
        (("--name", "x", "--customer", "nobody"), 1, "introuvable"),
        (("--name", "x", "--customer", "CANARI-A client", "--scene", "a.b"), 1, "Scène inconnue"),
        (("--name", "x", "--customer", "CANARI-A client", "--site", "CANARI-B site 20"), 1,
         "Introuvable chez ce client"),
        (("--name", "x", "--operator", "--seconds", "1"), 1, "de 5 à 600"),
    ):  # fmt: skip
        reply = balise("wall", "create", *wrong)
        assert reply.exit_code == code, wrong
        assert said in reply.output, wrong


def test_a_wall_outlives_its_customer_and_says_so(filled):
    with Session(filled.engine) as session:
        plan = walls.Plan("x", [(Reach.CUSTOMER, 999)], None, ["supervision:read"])
        wall, _token = walls.make(session, plan, by="x", now=NOW)
        assert walls.scope_words(session, wall.account) == "Compte client supprimé"
        assert session.get(Customer, 999) is None
