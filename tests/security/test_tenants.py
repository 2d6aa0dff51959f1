"""Nobody, a user without the rubric, another customer and a user of one site, at every door.

The test finds routes, pages and callbacks by itself and asks each with customer A's arguments.
One that has no arguments here fails: add them to ``PARTS`` or ``VALUES``. See TRUST.md 1.
"""

from __future__ import annotations

import json
import re

import pytest

from core import clock
from core.testing.files import text_inside
from core.testing.fixtures import PAGE, SAME_SITE, sign_in
from core.testing.world import NOW
from core.web.app import create_app
from core.web.collection_page import PARTS as PARTS_OF_COLLECTION
from tests.security import administration, commandes, consommations, factures, incidents
from tests.security.declared import OF_ADMINS, OF_STAFF, REGISTRY, RUBRICS
from tests.security.imports import CALLBACKS_OF_IMPORTS, OF_IMPORTS, PARTS_OF_IMPORTS
from tests.security.walls import OF_WALLS

OF_RUBRICS = [*commandes.PATHS, *factures.PATHS, *incidents.PATHS]
A_LINK, A_OTHER_LINK = "CANARI-A-10-000", "CANARI-A-20-000"
UNKNOWN = "CANARI-Z-10-000"

PARTS = {
    "path": "supervision/etat",
    "token": "x" * 43,
    "code": "en",
    "package_name": "dash",
    "fingerprinted_path": "none.js",
    "filename": "none.css",
    "number": "1",
    "reference": A_LINK,
    "guide": "supervision",
    **PARTS_OF_IMPORTS,
    **incidents.PARTS,
}
"""Parts of routes and of pages' addresses."""

VALUES = {
    "host-url.pathname": ["/supervision/etat", "/", "/compte", "/aide/supervision", *OF_RUBRICS],
    "host-url.search": [
        "?service=@&onglet=trafic&liaison=@",
        *(commandes.SEARCHES + factures.SEARCHES + incidents.SEARCHES),
        "?service=@&onglet=historique",
        f"?service=@&onglet=historique&historique=main&jour={NOW:%Y-%m-%d}",
        "?service=@&onglet=qos&sens=out",
        "?q=@",
        "",
        "?placer=@",
        *consommations.SEARCHES,
        *administration.SEARCHES,
    ],
    "host-home-tick.n_intervals": [1],
    "host-home-version.data": [None],
    **{key: [1] for key in ("host-collect-tick.n_intervals", "supervision-tick.n_intervals")},
    "supervision-version.data": [None],
    "supervision-rows.data": [None, ["@"]],
    "supervision-chosen.data": [None],
    "supervision-gone.data": ["@", None],
    "supervision-panel-version.data": [None],
    "map-tick.n_intervals": [1],
    "map-version.data": [None, {"key": "@", "t": 0, "at": 0, "sum": 0, "runs": []}],
    "supervision-placed.data": [None],
    "supervision-placing.data": [None],
    "supervision-town.value": ["@", "limoges"],
    "supervision-place.n_clicks": [1],
    "supervision-choice.value": ["nowhere"],
    **consommations.VALUES,
    **commandes.VALUES,
    **factures.VALUES,
    **OF_IMPORTS,
    **OF_WALLS,
    **incidents.VALUES,
    **administration.VALUES,
}
"""What to send for each input and state; « @ » stands for a reference of customer A."""


@pytest.fixture(scope="module")
def app(shared_world):
    """The application, its clock stopped so that two answers can be compared to the letter."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: NOW)
        yield create_app(shared_world)


@pytest.fixture(scope="module")
def client_of(app):
    clients = {}

    def of(name):
        if name not in clients:
            clients[name] = app.test_client() if name == "nobody" else sign_in(app, name)
        return clients[name]

    return of


def callbacks(app):
    rules, _pages, dash = app.extensions["balise"]
    return {output: dash.callback_map[output] for output in rules.callbacks}


def bodies(app, output, reference):
    """Yield every body that ``VALUES`` makes for a callback."""
    entry = callbacks(app)[output]
    names = [f"{d['id']}.{d['property']}" for d in (*entry["inputs"], *entry["state"])]
    missing = [name for name in names if name not in VALUES]
    assert not missing, f"say in VALUES what {missing} of {output} may hold"
    inner = output.removeprefix("..").removesuffix("..").split("...")
    outputs = [dict(zip(("id", "property"), o.rsplit(".", 1), strict=True)) for o in inner]
    for n in range(max(len(VALUES[name]) for name in names)):
        filled = []
        for d in (*entry["inputs"], *entry["state"]):
            options = VALUES[f"{d['id']}.{d['property']}"]
            value = options[n % len(options)]
            value = json.loads(json.dumps(value).replace("@", reference))
            filled.append({"id": d["id"], "property": d["property"], "value": value})
        cut = len(entry["inputs"])
        yield {
            "output": output,
            "outputs": outputs if output.startswith("..") else outputs[0],
            "inputs": filled[:cut],
            "state": filled[cut:],
            "changedPropIds": [f"{i['id']}.{i['property']}" for i in filled[:cut]],
        }


def call(client, body):
    return client.post("/_dash-update-component", json=body, headers=SAME_SITE)


HOST_CALLBACKS = [
    "..host-page.children...host-menu.children...host-title.data..",
    "..host-home-cards.children...host-home-version.data..",
]
STAFF_CALLBACKS = [
    f"..{'...'.join(f'host-collect-{part}.children' for part in PARTS_OF_COLLECTION)}..",
    "..host-walls-size.children...host-walls-list.children..",
    "host-walls-panel.children",
    "host-walls-revoked.data",
    (
        "..host-walls-companies.options...host-walls-companies.value...host-walls-sites.options..."
        "host-walls-sites.value...host-walls-more.children.."
    ),
    "..host-walls-result.children...host-walls-made.data..",
    *CALLBACKS_OF_IMPORTS,
    *OF_STAFF,
]


def test_no_callback_is_left_out_of_this_test(app):
    known = [*RUBRICS, *OF_ADMINS, *HOST_CALLBACKS, *STAFF_CALLBACKS]
    assert sorted(callbacks(app)) == sorted(known)


def test_no_server_callback_lacks_a_permission(app):
    rules, _pages, dash = app.extensions["balise"]
    served = {output for output, entry in dash.callback_map.items() if "callback" in entry}
    assert served == set(rules.callbacks)


@pytest.mark.parametrize("output", [*RUBRICS, *OF_ADMINS, *HOST_CALLBACKS, *STAFF_CALLBACKS])
def test_nobody_calls_nothing(app, client_of, output):
    for body in bodies(app, output, A_LINK):
        assert call(client_of("nobody"), body).status_code == 401


@pytest.mark.parametrize("output", [*RUBRICS, *OF_ADMINS])
def test_without_the_rubric_its_callbacks_are_refused(app, client_of, output):
    for body in bodies(app, output, A_LINK):
        reply = call(client_of("norights@a.example"), body)
        assert reply.status_code == 403
        assert "CANARI" not in reply.text


@pytest.mark.parametrize("output", OF_ADMINS)
@pytest.mark.parametrize("name", ["alice@a.example", "bob@b.example"])
def test_every_right_does_not_make_an_administrator(app, client_of, output, name):
    for body in bodies(app, output, A_LINK):
        assert call(client_of(name), body).status_code == 403


@pytest.mark.parametrize("output", STAFF_CALLBACKS)
@pytest.mark.parametrize("name", ["alice@a.example", "bob@b.example", "admin@a.example"])
def test_no_customer_calls_what_is_for_staff(app, client_of, output, name):
    for body in bodies(app, output, A_LINK):
        reply = call(client_of(name), body)
        assert reply.status_code == 403
        assert "CANARI" not in reply.text


@pytest.mark.parametrize("output", [*RUBRICS, *OF_ADMINS, *HOST_CALLBACKS])
def test_a_row_of_another_customer_answers_like_one_that_does_not_exist(app, client_of, output):
    theirs, unknown = bodies(app, output, A_LINK), bodies(app, output, UNKNOWN)
    client = client_of("admin@b.example" if output in OF_ADMINS else "bob@b.example")
    for one, other in zip(theirs, unknown, strict=True):
        reply = call(client, one)
        assert reply.status_code in (200, 204)
        said = said_of(reply, A_LINK)
        assert "CANARI-A" not in said
        assert "@a.example" not in said
        assert said == said_of(call(client, other), UNKNOWN)


def said_of(reply, asked):
    """Return an answer without what it repeats of what was asked: its words, and their digest."""
    return re.sub(r"(\d\.\d+\.)[\w-]{4}(?=(\.[\w-]{4}){3})", r"\1@", reply.text.replace(asked, "@"))


@pytest.mark.parametrize("output", [*RUBRICS, *HOST_CALLBACKS])
def test_a_user_of_one_site_sees_no_other_site(app, client_of, output):
    for body in bodies(app, output, A_OTHER_LINK):
        text = call(client_of("onesite@a.example"), body).text.replace(A_OTHER_LINK, "@")
        for secret in ("CANARI-B", "site 11", "site 20", "société 2", "CANARI-A-20", "CANARI-A-11"):
            assert secret not in text


def test_the_owner_does_see_all_of_it(app, client_of):
    """The control: the arguments above do reach rows, for whom they belong to."""
    said = " ".join(
        call(client_of("alice@a.example"), body).text
        for output in [*RUBRICS, *HOST_CALLBACKS]
        for body in bodies(app, output, A_LINK)
    )
    for word in ("CANARI-A site 10", "CANARI-A-10-001", "CANARI-A 1921", "CANARI-A commune 20"):
        assert word in said


def concrete(rule):
    """Return a path of a route or page, its parts filled from ``PARTS``."""
    path = str(rule)
    for name in rule.arguments:
        assert name in PARTS, f"say in PARTS what <{name}> of {rule} may be"
    for name, value in PARTS.items():
        path = re.sub(rf"<(?:[^<>]*:)?{name}>", value, path)
    return path


ANYONE = {
    "/connexion", "/connexion/code", "/connexion/double-authentification", "/deconnexion",
    "/mot-de-passe", "/mot-de-passe/<token>", "/langue/<code>",
    "/mur/<token>", "/mur/<token>/etat", "/healthz", "/readyz", "/_favicon.ico",
    "/assets/<path:filename>", "/assets/balise.js", "/assets/balise.css",
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>",
}  # fmt: skip
"""Routes open to all. A new one is a decision: it is written here."""


def test_every_other_route_asks_who_one_is(app, client_of):
    asked = 0
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            reply = client_of("nobody").open(concrete(rule), method=method, headers=SAME_SITE)
            reply.close()
            if str(rule) not in ANYONE:
                asked += 1
                assert reply.status_code == 401, (rule, method)
    assert asked >= 5


@pytest.mark.parametrize("name", ["bob@b.example", "norights@a.example", "onesite@a.example"])
def test_no_route_tells_another_customers_rows(app, client_of, name):
    for rule in app.url_map.iter_rules():
        path = concrete(rule)
        if path == "/deconnexion" or rule in downloads(app):  # they have a test of their own
            continue
        with client_of(name).get(f"{path}?service={A_OTHER_LINK}", headers=PAGE) as reply:
            said = text_inside(reply.get_data()).replace(A_OTHER_LINK, "@")
            assert "CANARI-A" not in said, rule
            assert reply.status_code < 500, rule


def downloads(app):
    rules, _pages, _dash = app.extensions["balise"]
    found = (rule for rule in app.url_map.iter_rules() if rule.endpoint in rules.downloads)
    allowed = ((rule, rules.downloads[rule.endpoint]) for rule in found)
    return [rule for rule, permission in allowed if not permission.staff and not permission.admin]


def test_every_download_of_a_rubric_is_known_to_the_door(app):
    declared = [
        d.path
        for rubric in REGISTRY.rubrics.values()
        for d in rubric.downloads
        if not d.permission.admin
    ]
    assert {str(rule).partition(".")[0] for rule in downloads(app)} == set(declared)
    assert declared


def test_a_download_holds_ones_own_rows_and_no_others(app, client_of):
    for rule in downloads(app):
        path = concrete(rule)
        asked = (f"?{name}={A_OTHER_LINK}" for name in ("q", "service", "liaison"))
        for query in ("", *asked, "?site=1", "?societe=1"):
            theirs = client_of("bob@b.example").get(path + query)
            assert theirs.status_code in (200, 404), path
            assert "CANARI-A" not in text_inside(theirs.data).replace(A_OTHER_LINK, "@"), path
            one = text_inside(client_of("onesite@a.example").get(path + query).data)
            for secret in ("CANARI-B", "site 11", "site 20", "société 2", "CANARI-A-20"):
                assert secret not in one.replace(A_OTHER_LINK, "@"), path
        assert client_of("norights@a.example").get(path).status_code == 403, path
        assert client_of("nobody").get(path).status_code == 401, path
        own = client_of("alice@a.example").get(
            f"{path}?service={A_LINK}&liaison={A_LINK}&vue=toutes"
        )
        assert "CANARI-A" in text_inside(own.data), f"the control: {path} reaches rows"


def test_pages_are_refused_without_their_permission_and_missing_for_nobody(app, client_of):
    _rules, pages, _dash = app.extensions["balise"]
    for page in pages:
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda part: PARTS[part[1]], page.path)
        alice = client_of("alice@a.example").get(path, headers=PAGE).status_code
        staff = client_of("staff@operator.example").get(path, headers=PAGE).status_code
        assert (alice, staff) in ((200, 200), (403, 200)), page.path
        nobody = client_of("nobody").get(path, headers=PAGE)
        assert nobody.location.startswith("/connexion"), page.path
        if not page.permission.key.startswith("balise:"):
            refused = client_of("norights@a.example").get(path, headers=PAGE)
            assert refused.status_code == 403, page.path


def test_one_is_told_only_of_the_callbacks_one_may_call(app, client_of):
    told = {
        entry["output"] for entry in client_of("norights@a.example").get("/_dash-dependencies").json
    }
    assert not told & set(RUBRICS)
    assert set(HOST_CALLBACKS) <= told


def test_a_callback_and_a_route_nobody_declared_are_refused(app, client_of):
    reply = call(client_of("alice@a.example"), {"output": "rogue.children"})
    assert reply.status_code == 403
    assert client_of("alice@a.example").get("/_reload-hash").status_code == 403
