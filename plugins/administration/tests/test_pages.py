"""What administrators read and do on the pages of users, and what attackers try, at the door."""

from __future__ import annotations

import pytest

from core.access import Reach
from core.testing.files import csv_rows
from core.testing.fixtures import PAGE, SAME_SITE, sign_in
from core.testing.world import PASSWORD

ADMIN, OTHER, STAFF = "admin@a.example", "admin@b.example", "staff@operator.example"
RIGHTS = ("supervision:read", "factures:read", "incidents:read", "incidents:write")
LIST = "/administration/utilisateurs"
PAGES = (LIST, f"{LIST}/nouveau", f"{LIST}/1", f"{LIST}/matrice")


def test_an_administrator_reads_its_users_and_no_others(portal):
    alice = portal.account("alice@a.example")
    for path in PAGES:
        page = portal.page(ADMIN, path)
        assert page.status_code == 200
        assert "ne répond pas" not in page.text, path
        assert "@b.example" not in page.text
    said = portal.page(ADMIN, LIST).text
    assert all(f"{name}@a.example" in said for name in ("alice", "onesite", "admin"))
    assert "alice@a.example" in portal.page(ADMIN, f"{LIST}/{alice.id}").text
    theirs = portal.page(OTHER, f"{LIST}/{alice.id}").text
    unknown = portal.page(OTHER, f"{LIST}/99999").text
    assert "introuvable" in theirs
    assert theirs == unknown


def test_the_pages_are_for_administrators_alone(portal):
    """Alice was granted every key there is: it does not make her one."""
    portal.give("alice@a.example", ["administration:users"])
    for path in PAGES:
        assert portal.browser("alice@a.example").get(path, headers=PAGE).status_code == 403
        assert portal.page("alice@a.example", path).status_code == 403
    for kind in ("csv", "xlsx"):
        assert portal.browser("alice@a.example").get(f"{LIST}/export.{kind}").status_code == 403
    menu = portal.page("alice@a.example", "/").text
    assert "Gestion des utilisateurs" not in menu
    assert "Gestion des utilisateurs" in portal.page(ADMIN, "/").text


def test_a_user_is_created_invited_and_signs_in(portal):
    """An invitation opens once: a second use of the same link finds nothing."""
    said = portal.save(ADMIN).text
    link = said.split("/mot-de-passe/")[1].split('"')[0]
    nobody = portal.app.test_client()
    form = {"password": "neuf poules vertes", "again": "neuf poules vertes"}
    first = nobody.post(f"/mot-de-passe/{link}", data=form, headers=SAME_SITE)
    assert first.location.startswith("/connexion")
    again = nobody.post(f"/mot-de-passe/{link}", data=form, headers=SAME_SITE)
    assert again.status_code == 410
    claire = sign_in(portal.app, "claire@a.example", "neuf poules vertes")
    assert claire.get("/supervision/etat", headers=PAGE).status_code == 200
    assert claire.get("/factures", headers=PAGE).status_code == 403
    assert portal.account("claire@a.example").last_sign_in is not None


@pytest.mark.parametrize(("changes", "why"), [
    ({"permissions": ["commandes:read"]}, "vos propres rubriques"),
    ({"permissions": ["administration:users"]}, "vos propres rubriques"),
    ({"permissions": ["balise:walls"]}, "vos propres rubriques"),
    ({"permissions": ["supervision:read", "supervision:place"]}, "vos propres rubriques"),
    ({"scope": {"companies": [3]}}, "votre périmètre"),
    ({"scope": {"sites": [1, 4]}}, "votre périmètre"),
    ({"scope": {"sites": ["4"]}}, "votre périmètre"),
    ({"scope": {"whole": "yes"}}, "au moins une société"),
    ({"scope": "tout"}, "au moins une société"),
    ({"customer": 2}, "introuvable"),
    ({"email": "alice@a.example"}, "déjà un compte"),
    ({"password": "sept chevaux verts"}, "lui-même"),
    ({"expires": "hier"}, "ne se lit pas"),
    ({"expires": "2226-12-31"}, "lointaine"),
    ({"family_name": "Vidal\r\nBcc: tous@b.example"}, "invisible"),
])  # fmt: skip
def test_a_forged_form_gives_nothing(portal, changes, why):
    reply = portal.save(ADMIN, **changes)
    assert reply.status_code == 200
    assert why in reply.text
    assert portal.account("claire@a.example") is None


def test_fields_that_no_form_has_change_nothing(portal):
    """Mass assignment: an account is what the desk writes, whatever else was sent."""
    portal.save(
        ADMIN, admin=True, customer_id=2, kind="admin", password_hash="x", deleted=None,
        disabled=None, made_by="x", version=99, reach="operator", guest=True,
    )  # fmt: skip
    made = portal.account("claire@a.example")
    assert (made.admin, made.guest, made.password_hash, made.version) == (False, False, None, 1)
    assert made.customer_id == portal.account(ADMIN).customer_id
    assert made.grants == {(Reach.CUSTOMER, made.customer_id)}
    assert made.made_by == ADMIN


def test_nobody_promotes_themselves(portal):
    me = portal.account(ADMIN)
    reply = portal.save(ADMIN, id=me.id, version=me.version, permissions=["supervision:read"])
    assert "votre propre compte" in reply.text
    assert portal.account(ADMIN).keys == me.keys
    for do in ("disable", "delete"):
        assert "votre propre compte" in portal.act(ADMIN, do=do, id=me.id, version=1).text
    assert portal.account(ADMIN).disabled is None


def test_a_user_of_another_customer_cannot_be_touched_by_its_number(portal):
    alice = portal.account("alice@a.example")

    def tried(id_):
        return [
            portal.save(OTHER, id=id_, version=1, customer=alice.customer_id).text,
            portal.save(OTHER, id=id_, version=1, do="see").text,
            *(portal.act(OTHER, do=do, id=id_, version=1).text
              for do in ("disable", "delete", "invite")),
        ]  # fmt: skip

    replies = [tried(alice.id), tried(99999)]
    assert replies[0] == replies[1]
    assert all("introuvable" in text for text in replies[0])
    after = portal.account("alice@a.example")
    assert (after.keys, after.grants, after.version) == (alice.keys, alice.grants, 1)


def test_an_administrator_cannot_be_deleted(portal):
    other = portal.account(OTHER)
    assert "ne se supprime pas" in portal.act(STAFF, do="delete", id=other.id, version=1).text
    assert portal.account(OTHER).deleted is None


def test_rights_taken_away_are_gone_at_the_next_request(portal):
    alice, browser = portal.account("alice@a.example"), portal.browser("alice@a.example")
    assert browser.get("/factures", headers=PAGE).status_code == 200
    portal.save(ADMIN, id=alice.id, version=1, permissions=["supervision:read"])
    assert browser.get("/factures", headers=PAGE).status_code == 403
    portal.act(ADMIN, do="disable", id=alice.id, version=2)
    gone = browser.get("/supervision/etat", headers=PAGE)
    assert gone.location.startswith("/connexion")
    reply = portal.app.test_client().post(
        "/connexion", data={"email": "alice@a.example", "password": PASSWORD}, headers=SAME_SITE
    )
    assert reply.status_code == 401


def test_a_change_made_in_between_is_not_written_over(portal):
    alice = portal.account("alice@a.example")
    portal.save(ADMIN, id=alice.id, version=1, given_name="Alice")
    reply = portal.save(ADMIN, id=alice.id, version=1, given_name="Autre")
    assert "entre-temps" in reply.text
    assert portal.account("alice@a.example").given_name == "Alice"


def test_the_operator_names_the_customer_first(portal):
    assert "Choisir un compte client" in portal.page(STAFF, LIST).text
    assert "@a.example" not in portal.page(STAFF, LIST).text
    customer = portal.account("alice@a.example").customer_id
    assert "alice@a.example" in portal.page(STAFF, LIST, f"?client={customer}").text
    assert "introuvable" in portal.page(STAFF, LIST, "?client=999").text
    assert "introuvable" in portal.page(OTHER, LIST, f"?client={customer}").text


def test_the_files_hold_what_is_filtered(portal):
    rows = csv_rows(portal.browser(ADMIN).get(f"{LIST}/export.csv?q=alice").data)
    assert [row[2] for row in rows] == ["Identifiant", "alice@a.example"]
    matrix = csv_rows(portal.browser(ADMIN).get(f"{LIST}/export-matrice.csv").data)
    alice = next(row for row in matrix if "alice@a.example" in row)
    told = dict(zip(matrix[0], alice, strict=True))
    assert told["Factures : Consulter et télécharger les factures"] == "oui"
    assert told["Périmètre"] == "Tout le compte client"
    theirs = portal.browser(OTHER).get(f"{LIST}/export.csv").data
    assert b"@a.example" not in theirs
    hidden = portal.browser(OTHER).get(f"{LIST}/export.csv?client=1")
    assert hidden.status_code == 404


def seen(portal, **changes):
    """Return what stands before the addresses of a preview of this form."""
    reply = portal.save(ADMIN, do="see", email="", **changes)
    assert "/apercu/" in reply.text, reply.text
    return "/apercu/" + reply.text.split("/apercu/")[1][:43]


def test_a_preview_shows_what_its_user_would_see_and_keeps_nothing(portal):
    below = seen(portal, scope={"sites": [1]})
    home = portal.page(ADMIN, "/", below=below).text
    assert "Claire Vidal" in home
    assert "Supervision" in home
    assert "Factures" not in home
    services = portal.page(ADMIN, "/supervision/etat", below=below).text
    assert "CANARI-A site 10" in services
    assert "CANARI-A site 11" not in services
    assert portal.page(ADMIN, "/factures", below=below).status_code == 403
    assert portal.page(ADMIN, LIST, below=below).status_code == 403
    assert portal.account("claire@a.example") is None
    frame = portal.browser(ADMIN).get(f"{below}/", headers=PAGE)
    assert "data-preview" in frame.text
    assert "requests_pathname_prefix" in frame.text, frame.text
    assert "frame-ancestors 'self'" in frame.headers["Content-Security-Policy"]
    own = portal.browser(ADMIN).get("/", headers=PAGE)
    assert "frame-ancestors 'none'" in own.headers["Content-Security-Policy"]


def test_a_preview_is_for_who_made_it_and_only_pages(portal):
    below = seen(portal)
    for email in (OTHER, STAFF, "alice@a.example"):
        assert portal.page(email, "/", below=below).status_code == 404
    unknown = "/apercu/" + "x" * 43
    assert portal.page(ADMIN, "/", below=unknown).status_code == 404
    assert portal.app.test_client().get(f"{below}/").status_code == 401
    browser = portal.browser(ADMIN)
    for path in ("/supervision/etat/export.csv", "/langue/en", "/deconnexion", "/connexion"):
        assert browser.get(below + path).status_code == 403, path
    newer = seen(portal)
    assert portal.page(ADMIN, "/", below=below).status_code == 404
    assert portal.page(ADMIN, "/", below=newer).status_code == 200


def test_a_preview_cannot_write(portal):
    portal.give(ADMIN, [*RIGHTS, "commandes:read", "commandes:write"])
    below = seen(portal, permissions=["incidents:read", "incidents:write"])
    form = {
        "link": "CANARI-A-10-000", "impact": "coupure", "users": "tous", "title": "Essai",
        "description": "Rien", "since": "", "again": True, "press": 1,
    }  # fmt: skip
    outputs = ["incidents-open-said.children"]
    reply = portal.call(ADMIN, outputs, {}, below, **{"incidents-open.data": form})
    assert (reply.status_code, reply.headers["X-Balise-Preview"]) == (204, "read-only")
    assert "Essai" not in portal.page("alice@a.example", "/incidents").text
    real = portal.call(ADMIN, outputs, {}, **{"incidents-open.data": form})
    assert real.status_code == 200
    assert "Essai" in portal.page("alice@a.example", "/incidents").text


def test_a_preview_shows_nothing_that_its_administrator_does_not_see(portal):
    """Of a user with more rows and rights, it shows those that both have."""
    portal.give(ADMIN, ["supervision:read"], [(Reach.SITE, 1)])
    alice = portal.account("alice@a.example")
    below = seen(portal, id=alice.id, scope={"sites": [1]})
    assert "CANARI-A site 20" not in portal.page(ADMIN, "/supervision/etat", below=below).text
    assert portal.page(ADMIN, "/factures", below=below).status_code == 403
