"""Nobody, a user without the rubric, another customer and a user of one site, at every door.

Rubrics are tried by their contract (``core.testing.contract``), each with what its own
``tests/arguments.py`` says; here are the doors of the host, and that none is left out. A new one
that has no arguments here fails: add them to ``PARTS`` or ``VALUES``. See TRUST.md 1.
"""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from core import clock
from core.registry import Registry, discover
from core.testing.contract import RubricContract
from core.testing.files import text_inside
from core.testing.fixtures import PAGE, SAME_SITE, sign_in
from core.testing.replay import (
    A_LINK,
    A_OTHER_LINK,
    OF_OTHER_SITES,
    ROUTE,
    UNKNOWN,
    call,
    called,
    entries,
    said_of,
)
from core.testing.replay import concrete as of
from core.testing.world import NOW
from core.web.app import create_app
from core.web.collection_page import PARTS as PARTS_OF_COLLECTION
from tests.security.imports import CALLBACKS_OF_IMPORTS, OF_IMPORTS, PARTS_OF_IMPORTS
from tests.security.walls import OF_WALLS

RUBRICS = sorted(Registry(discover()).rubrics)
ARGUMENTS = [importlib.import_module(f"plugins.{id}.tests.arguments") for id in RUBRICS]

CONTRACTS: dict[str, Any] = {
    str(getattr(test, "rubric", "")): test
    for id in RUBRICS
    for test in vars(importlib.import_module(f"plugins.{id}.tests.test_contract")).values()
    if isinstance(test, type) and test is not RubricContract
}
"""The contract of each rubric."""
PARTS = {
    **{name: value for one in ARGUMENTS for name, value in one.PARTS.items()},
    "path": "supervision/etat",
    "token": "x" * 43,
    "customer_id": "1",
    "code": "en",
    "package_name": "dash",
    "fingerprinted_path": "none.js",
    "filename": "none.css",
    "number": "1",
    "guide": "supervision",
    **PARTS_OF_IMPORTS,
}
"""Parts of routes and of pages' addresses."""

VALUES = {
    "host-url.pathname": ["/aide/supervision", "/supervision/etat", "/", "/compte"],
    "host-url.search": ["", "?service=@&onglet=trafic&liaison=@", "?q=@", ""],
    "host-home-tick.n_intervals": [1],
    "host-home-version.data": [None],
    "host-collect-tick.n_intervals": [1],
    **OF_IMPORTS,
    **OF_WALLS,
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


def bodies(app, output, reference):
    """Yield every body that ``VALUES`` makes for a callback."""
    return called(entries(app)[output], output, VALUES, reference)


HOST_CALLBACKS = [
    ROUTE,
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
]


def test_no_callback_is_left_out(app):
    """Each is the host's, and tried here, or a rubric's, and tried by its contract."""
    rules, _pages, _dash = app.extensions["balise"]
    ours = {output for output in rules.callbacks if rules.owners.get(output) not in CONTRACTS}
    assert sorted(ours) == sorted([*HOST_CALLBACKS, *STAFF_CALLBACKS])


@pytest.mark.parametrize("id", RUBRICS)
def test_every_rubric_of_the_product_keeps_the_contract_and_nothing_less(id):
    test = CONTRACTS[id]
    assert issubclass(test, RubricContract)
    assert test.rubric == id
    own = {name for name in vars(test) if name.startswith("test_") or name == "subject"}
    assert own == set(), "the contract is the same for all: state more facts elsewhere"


def test_no_server_callback_lacks_a_permission(app):
    rules, _pages, dash = app.extensions["balise"]
    served = {output for output, entry in dash.callback_map.items() if "callback" in entry}
    assert served == set(rules.callbacks)


@pytest.mark.parametrize("output", [*HOST_CALLBACKS, *STAFF_CALLBACKS])
def test_nobody_calls_nothing(app, client_of, output):
    for body in bodies(app, output, A_LINK):
        assert call(client_of("nobody"), body).status_code == 401


@pytest.mark.parametrize("output", STAFF_CALLBACKS)
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


@pytest.mark.parametrize("output", HOST_CALLBACKS)
def test_a_row_of_another_customer_answers_like_one_that_does_not_exist(app, client_of, output):
    theirs, unknown = bodies(app, output, A_LINK), bodies(app, output, UNKNOWN)
    bob = client_of("bob@b.example")
    for one, other in zip(theirs, unknown, strict=True):
        reply = call(bob, one)
        assert reply.status_code in (200, 204)
        said = said_of(reply.text, A_LINK)
        assert "CANARI-A" not in said
        assert said == said_of(call(bob, other).text, UNKNOWN)


@pytest.mark.parametrize("output", HOST_CALLBACKS)
def test_a_user_of_one_site_sees_no_other_site(app, client_of, output):
    for body in bodies(app, output, A_OTHER_LINK):
        text = call(client_of("onesite@a.example"), body).text.replace(A_OTHER_LINK, "@")
        for secret in OF_OTHER_SITES:
            assert secret not in text


def test_the_owner_does_see_all_of_it(app, client_of):
    """The control: the arguments above do reach rows, for whom they belong to."""
    said = " ".join(
        call(client_of("alice@a.example"), body).text
        for output in HOST_CALLBACKS
        for body in bodies(app, output, A_LINK)
    )
    for word in ("CANARI-A site 10", "CANARI-A-10-001", "CANARI-A 1921", "CANARI-A commune 20"):
        assert word in said


def concrete(rule):
    """Return a path of a route or page, its parts filled from ``PARTS``."""
    return of(rule, PARTS)


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
        if path == "/deconnexion" or rule in downloads(app):  # contracts try them
            continue
        with client_of(name).get(f"{path}?service={A_OTHER_LINK}", headers=PAGE) as reply:
            said = text_inside(reply.get_data()).replace(A_OTHER_LINK, "@")
            assert "CANARI-A" not in said, rule
            assert reply.status_code < 500, rule


def downloads(app):
    """Return the addresses of files that rubrics give."""
    rules, _pages, _dash = app.extensions["balise"]
    found = (rule for rule in app.url_map.iter_rules() if rule.endpoint in rules.downloads)
    return [rule for rule in found if not str(rule).startswith("/imports/")]


def test_every_download_of_a_rubric_is_known_to_the_door(app):
    declared = [d.path for r in Registry(discover()).rubrics.values() for d in r.downloads]
    assert {str(rule).partition(".")[0] for rule in downloads(app)} == set(declared)
    assert declared


def test_pages_of_the_host_are_for_who_may_open_them_and_missing_for_nobody(app, client_of):
    _rules, pages, _dash = app.extensions["balise"]
    for page in (page for page in pages if page.permission.key.startswith("balise:")):
        path = concrete(page.path)
        alice = client_of("alice@a.example").get(path, headers=PAGE).status_code
        staff = client_of("staff@operator.example").get(path, headers=PAGE).status_code
        assert (alice, staff) in ((200, 200), (403, 200)), page.path
        nobody = client_of("nobody").get(path, headers=PAGE)
        assert nobody.location.startswith("/connexion"), page.path


def test_one_is_told_only_of_the_callbacks_one_may_call(app, client_of):
    rules, _pages, _dash = app.extensions["balise"]
    told = {
        entry["output"] for entry in client_of("norights@a.example").get("/_dash-dependencies").json
    }
    assert not told & set(rules.owners)
    assert set(HOST_CALLBACKS) <= told


def test_a_callback_and_a_route_nobody_declared_are_refused(app, client_of):
    reply = call(client_of("alice@a.example"), {"output": "rogue.children"})
    assert reply.status_code == 403
    assert client_of("alice@a.example").get("/_reload-hash").status_code == 403
