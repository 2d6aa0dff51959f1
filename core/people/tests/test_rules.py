"""What administrators may do to users, and what nobody may."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from core import password_links, sessions
from core.access import Reach
from core.accounts import Account, AccountKind
from core.db_grants import Holding
from core.mail import Mail
from core.people.desk import nobody
from core.people.model import UserQuery, UserScope, UserState
from core.people.names import UserError
from core.testing.world import NOW
from core.two_factor import SecondFactor

ADMIN, OTHER, STAFF = "admin@a.example", "admin@b.example", "staff@operator.example"
SITE = 1


def test_a_user_has_what_the_form_said_and_no_more(world, draft):
    made = world.desk(ADMIN).create(draft())
    account = world.account("claire@a.example")
    assert account.name == "Claire Vidal"
    assert {one.key for one in account.permissions} == {"supervision:read", "factures:read"}
    assert [(one.reach, one.target_id) for one in account.scope] == [(Reach.CUSTOMER, world.a)]
    assert (account.admin, account.customer_id, account.made_by) == (False, world.a, ADMIN)
    assert account.password_hash is None
    (line,) = world.told("user created")
    assert (line.actor, line.target) == (ADMIN, "claire@a.example")
    assert line.facts["after"]["permissions"] == ["factures:read", "supervision:read"]
    token = made.link.rsplit("/", 1)[1]
    with Session(world.host.engine) as session:
        assert password_links.open_link(session, token, NOW)[1].id == made.id


@pytest.mark.parametrize("keys", [
    {"commandes:read"}, {"supervision:place"}, {"administration:users"}, {"balise:imports"},
    {"incidents:manage", "incidents:read"}, {"inconnu:read"},
])  # fmt: skip
def test_one_grants_only_what_one_has(world, draft, keys):
    """Not another rubric, not what is for the staff or administrators, not what is unknown."""
    with pytest.raises(UserError, match="vos propres rubriques"):
        world.desk(ADMIN).create(draft(permissions=frozenset(keys)))
    assert world.account("claire@a.example") is None


def test_a_right_goes_with_its_rubric(world, draft):
    with pytest.raises(UserError, match="demande d’accorder aussi"):
        world.desk(ADMIN).create(draft(permissions=frozenset({"incidents:write"})))


def test_one_grants_only_rows_that_one_sees(world, draft):
    world.give(ADMIN, ["supervision:read"], [(Reach.SITE, SITE)])
    desk, keys = world.desk(ADMIN), frozenset({"supervision:read"})
    for scope in (
        UserScope(whole=True), UserScope(companies=frozenset({1})), UserScope(sites=frozenset({2})),
        UserScope(sites=frozenset({SITE, 99})), UserScope(companies=frozenset({3})),
    ):  # fmt: skip
        with pytest.raises(UserError, match="votre périmètre"):
            desk.create(draft(permissions=keys, scope=scope))
    desk.create(draft(permissions=keys, scope=UserScope(sites=frozenset({SITE}))))
    account = world.account("claire@a.example")
    assert [(one.reach, one.target_id) for one in account.scope] == [(Reach.SITE, SITE)]


def test_rows_of_another_customer_are_nobodys_to_give(world, draft):
    for email in (ADMIN, STAFF):
        with pytest.raises(UserError, match="votre périmètre"):
            world.desk(email).create(draft(scope=UserScope(sites=frozenset({4}))), world.a)
        with pytest.raises(UserError, match="votre périmètre"):
            world.desk(email).create(draft(scope=UserScope(companies=frozenset({3}))), world.a)


def test_a_user_of_another_customer_does_not_exist(world, draft):
    desk, theirs = world.desk(ADMIN), world.id("bob@b.example")
    assert desk.find(theirs) is None
    assert desk.find(10**9) is None
    assert desk.find(world.id(STAFF)) is None
    for act in (
        lambda: desk.change(theirs, draft(), 1), lambda: desk.disable(theirs, 1),
        lambda: desk.delete(theirs, 1), lambda: desk.invite(theirs),
        lambda: desk.preview(draft(), theirs),
    ):  # fmt: skip
        with pytest.raises(UserError, match="introuvable"):
            act()
    for customer in (world.b, 10**9):
        with pytest.raises(UserError, match="introuvable"):
            desk.page(UserQuery(), customer)
        with pytest.raises(UserError, match="introuvable"):
            desk.create(draft(), customer)
    assert [id_ for id_, _name in desk.customers()] == [world.a]


def test_nobody_changes_their_own_account(world, draft):
    desk, me = world.desk(ADMIN), world.id(ADMIN)
    for act in (
        lambda: desk.change(me, draft(), 1), lambda: desk.disable(me, 1),
        lambda: desk.delete(me, 1), lambda: desk.preview(draft(), me),
    ):  # fmt: skip
        with pytest.raises(UserError, match="votre propre compte"):
            act()
    assert desk.find(me).myself


def test_who_is_no_administrator_is_refused_everything(world, draft):
    for desk in (nobody(), world.desk("alice@a.example")):
        for act in (
            lambda d=desk: d.page(UserQuery()), lambda d=desk: d.create(draft()),
            lambda d=desk: d.find(1), lambda d=desk: d.customers(), lambda d=desk: d.delete(1, 1),
            lambda d=desk: d.preview(draft()), lambda d=desk: list(d.lines(UserQuery())),
        ):  # fmt: skip
            with pytest.raises(UserError, match="administrateur"):
                act()
        assert desk.grantable() == frozenset()
        assert list(desk.offers()) == []


def test_what_one_has_not_one_does_not_take_away(world, draft):
    """An administrator of one site leaves the other rows and rights of a user as they are."""
    world.give("alice@a.example", ["supervision:read", "commandes:read"],
               [(Reach.COMPANY, 2), (Reach.SITE, SITE)])  # fmt: skip
    world.give(ADMIN, ["supervision:read", "factures:read"], [(Reach.COMPANY, 1)])
    desk, alice = world.desk(ADMIN), world.id("alice@a.example")
    shown = desk.find(alice)
    assert (shown.beyond, shown.rights_beyond) == (1, {"commandes:read"})
    assert shown.scope == UserScope(sites=frozenset({SITE}))
    new = draft(permissions=frozenset({"factures:read"}), scope=UserScope(companies=frozenset({1})))
    desk.change(alice, new, shown.version)
    account = world.account("alice@a.example")
    assert {one.key for one in account.permissions} == {"factures:read", "commandes:read"}
    assert {(one.reach, one.target_id) for one in account.scope} == {
        (Reach.COMPANY, 1), (Reach.COMPANY, 2)
    }  # fmt: skip


def test_the_identifier_never_changes(world, draft):
    desk, alice = world.desk(ADMIN), world.id("alice@a.example")
    desk.change(alice, draft(email="autre@a.example"), 1)
    assert world.account("autre@a.example") is None
    assert world.account("alice@a.example").family_name == "Vidal"


def test_of_two_changes_at_once_the_second_is_told(world, draft):
    desk, alice = world.desk(ADMIN), world.id("alice@a.example")
    desk.change(alice, draft(given_name="Alice"), 1)
    with pytest.raises(UserError, match=r"admin@a\.example a modifié"):
        desk.change(alice, draft(given_name="Autre"), 1)
    (line,) = world.told("user changed")
    assert (line.facts["before"]["name"], line.facts["after"]["name"]) == ("Alice", "Alice Vidal")


def test_deleting_ends_the_sessions_and_keeps_the_history(world, draft):
    desk, alice = world.desk(ADMIN), world.id("alice@a.example")
    with Session(world.host.engine) as session:
        account = session.get_one(Account, alice)
        token = sessions.open_session(session, account, "::1", "test", NOW)
    desk.delete(alice, 1)
    assert sessions.who(world.host.engine, token, world.host.limits, NOW) is None
    account = world.account("alice@a.example")
    assert (account.deleted, account.deleted_by) == (NOW, ADMIN)
    assert account.permissions == account.scope == []
    assert world.told("user deleted")[0].facts["before"]["permissions"]
    states = {line.email for line in desk.page(UserQuery(state=UserState.DELETED)).lines}
    assert states == {"alice@a.example"}
    assert "alice@a.example" not in {line.email for line in desk.page(UserQuery()).lines}
    with pytest.raises(UserError, match="supprimé"):
        desk.change(alice, draft(), 2)
    # Who comes back has the rights of today's form, and a password of their own to choose.
    desk.create(draft(email="alice@a.example", permissions=frozenset({"factures:read"})))
    account = world.account("alice@a.example")
    assert (account.id, account.deleted, account.disabled) == (alice, None, None)
    assert [one.key for one in account.permissions] == ["factures:read"]
    assert account.password_hash is None


def test_an_administrator_is_never_deleted_and_the_last_never_disabled(world, draft):
    staff, admin = world.desk(STAFF), world.id(ADMIN)
    with pytest.raises(UserError, match="ne se supprime pas"):
        staff.delete(admin, 1)
    for act in (
        lambda: staff.disable(admin, 1), lambda: staff.appoint(admin, admin=False),
        lambda: staff.change(admin, draft(expires=NOW + timedelta(days=9)), 1),
    ):  # fmt: skip
        with pytest.raises(UserError, match="dernier administrateur"):
            act()
    staff.appoint(world.id("alice@a.example"), admin=True)
    staff.disable(admin, 1)
    assert world.account(ADMIN).disabled == NOW
    assert [line.target for line in world.told("administrator appointed")] == ["alice@a.example"]


def test_only_the_operator_names_administrators(world):
    with pytest.raises(UserError, match="L’opérateur nomme"):
        world.desk(ADMIN).appoint(world.id("alice@a.example"), admin=True)


def test_an_address_of_another_customer_answers_like_a_new_one(world, draft, smtp_set):
    """No enumeration: same answer, same list; its owner is told by mail, and nothing changes."""
    desk = world.desk(ADMIN)
    new = desk.create(draft(email="neuve@a.example"))
    taken = desk.create(draft(email="bob@b.example"))
    assert (new.mailed, new.link) == (taken.mailed, taken.link) == (True, None)
    lines = {line.email: line for line in desk.page(UserQuery()).lines}
    one, other = lines["neuve@a.example"], lines["bob@b.example"]
    for name in ("name", "state", "permissions", "whole", "last_sign_in", "admin", "profile"):
        assert getattr(one, name) == getattr(other, name)
    assert desk.find(taken.id).email == "bob@b.example"
    with pytest.raises(UserError, match="a déjà un compte"):
        desk.create(draft(email="bob@b.example"))
    bob = world.account("bob@b.example")
    assert (bob.customer_id, bob.kind) == (world.b, AccountKind.PERSON)
    with Session(world.host.engine) as session:
        mails = {m.recipient: world.host.vault.open(m.body) for m in session.query(Mail)}
    assert "/mot-de-passe/" in mails["neuve@a.example"]
    assert "/mot-de-passe/" not in mails["bob@b.example"]
    assert "déjà un compte" in mails["bob@b.example"]
    desk.change(taken.id, draft(given_name="Robert"), 1)
    desk.delete(taken.id, 2)
    assert world.account("bob@b.example").active(NOW)


def test_the_operator_is_told_where_an_address_has_its_account(world, draft):
    with pytest.raises(UserError, match="CANARI-B client"):
        world.desk(STAFF).create(draft(email="bob@b.example"), world.a)


def test_a_guest_has_an_end_and_one_site(world, draft):
    desk, end, site = world.desk(ADMIN), NOW + timedelta(days=3), UserScope(sites=frozenset({SITE}))
    for changes, why in (
        ({"scope": site}, "la fin"), ({"expires": end}, "un seul"),
        ({"expires": end, "scope": UserScope(sites=frozenset({1, 2}))}, "un seul"),
        ({"expires": NOW, "scope": site}, "passée"),
    ):  # fmt: skip
        with pytest.raises(UserError, match=why):
            desk.create(draft(guest=True, **changes))
    made = desk.create(draft(guest=True, expires=end, scope=site))
    shown = world.host.people(None, NOW)
    assert shown is not None
    assert desk.find(made.id).guest
    assert world.account("claire@a.example").active(NOW)
    assert not world.account("claire@a.example").active(end)


@pytest.mark.parametrize(("field", "text", "why"), [
    ("family_name", "Vidal\r\nBcc: x@y.example", "invisible"),
    ("given_name", "Cla\u202eire", "invisible"),
    ("given_name", "Cla\u200bire", "invisible"),
    ("family_name", "Vid\u0430l", "alphabets"),
    ("family_name", " ", "Donnez le nom"),
    ("family_name", "x" * 61, "60 caractères"),
    ("email", "cl\u0430ire@a.example", "U\\+0430"),
    ("email", " ", "Donnez son adresse e-mail"),
    ("email", "claire@a", "adresse e-mail"),
    ("email", "claire@a.example\nBcc: x@y.example", "adresse e-mail|admis"),
    ("email", "cla\x07ire@a.example", "adresse e-mail|invisible"),
])  # fmt: skip
def test_what_deceives_a_reader_or_breaks_a_mail_is_refused(world, draft, field, text, why):
    with pytest.raises(UserError, match=why) as wrong:
        world.desk(ADMIN).create(draft(**{field: text}))
    assert wrong.value.field == field


def test_names_of_every_alphabet_are_names(world, draft):
    for n, name in enumerate(("O’Connor-Łukasz", "Дмитрий", "山田", "Nguyễn")):
        world.desk(ADMIN).create(draft(email=f"n{n}@a.example", family_name=name, given_name=""))
        assert world.account(f"n{n}@a.example").name == name


def test_a_password_is_chosen_by_its_user_unless_the_operator_allows_otherwise(world, draft):
    with pytest.raises(UserError, match="lui-même") as wrong:
        world.desk(ADMIN).create(draft(password="sept chevaux verts"))
    assert wrong.value.field == "password"
    allowed = world.host.config.accounts.model_copy(update={"direct_passwords": True})
    world.host.config = world.host.config.model_copy(update={"accounts": allowed})
    desk = world.desk(ADMIN)
    with pytest.raises(UserError):
        desk.create(draft(password="court"))
    desk.create(draft(password="sept chevaux verts"))
    assert world.account("claire@a.example").password_hash is not None


def test_an_invitation_sent_again_ends_the_one_before(world, draft):
    desk = world.desk(ADMIN)
    made = desk.create(draft())
    again = desk.invite(made.id)
    with Session(world.host.engine) as session:
        opened = [password_links.open_link(session, link.rsplit("/", 1)[1], NOW)
                  for link in (made.link, again.link)]  # fmt: skip
    assert opened[0] is None
    assert opened[1] is not None
    with pytest.raises(UserError, match="n’attend pas"):
        desk.invite(world.id("alice@a.example"))


def test_a_link_is_not_shown_to_who_has_less_than_its_user(world, draft):
    """Whoever holds the link signs in as that user: without mail it would give more rights."""
    made = world.desk(ADMIN).create(draft())
    world.give(ADMIN, ["supervision:read"], [(Reach.SITE, SITE)])
    with pytest.raises(UserError, match="plus de droits"):
        world.desk(ADMIN).invite(made.id)


def test_who_lost_the_phone_signs_in_without_it(world):
    desk, alice = world.desk(ADMIN), world.id("alice@a.example")
    assert not desk.find(alice).second_step
    with pytest.raises(UserError, match="pas de double"):
        desk.reset_second_step(alice)
    with Session(world.host.engine) as session:
        session.add(SecondFactor(account_id=alice, secret=world.host.vault.seal("x"), last_step=0))
        session.commit()
    assert desk.find(alice).second_step
    desk.reset_second_step(alice)
    assert not desk.find(alice).second_step
    assert [line.actor for line in world.told("two-factor reset")] == [ADMIN]
    with pytest.raises(UserError, match="introuvable"):
        world.desk(OTHER).reset_second_step(alice)


def test_invitations_are_counted(world, draft):
    desk = world.desk(ADMIN)
    made = desk.create(draft())
    for _again in range(5):
        desk.invite(made.id)
    with pytest.raises(UserError, match="Trop d’invitations"):
        desk.invite(made.id)


def test_what_a_scope_holds_is_asked_of_the_database(world):
    with Session(world.host.engine) as session:
        alice = session.get_one(Account, world.id("alice@a.example"))
        scope = world.desk(ADMIN)._actor.scope
        held = Holding.of(session, scope, world.a)
        assert alice.customer_id == world.a
        assert (held.whole, held.companies, held.sites) == (True, {1, 2}, {1, 2, 3})
        assert Holding.of(session, scope, world.b) == Holding(
            world.b, whole=False, companies=frozenset(), sites=frozenset()
        )
