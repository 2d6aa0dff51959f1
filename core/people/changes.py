"""What an administrator does to users, each change with its line of the audit log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import audit, sessions, two_factor
from core.access import Permission, Reach
from core.accounts import Account, AccountError, AccountKind, AccountPermission, set_password
from core.accounts import find as find_by_email
from core.db import Customer, ScopeGrant
from core.db_grants import Grant, Holding
from core.i18n import _
from core.people import invitations
from core.people.listing import members, state_of
from core.people.model import Actor, Invited, User, UserDraft, UserScope, UserState
from core.people.names import UserError
from core.people.rules import (
    Work,
    checked_email,
    checked_end,
    checked_grants,
    checked_names,
    checked_permissions,
    customer_needed,
    grantable,
    keep_an_admin,
    to_change,
)


def shown(
    session: Session, actor: Actor, account: Account, known: Mapping[str, Permission], now: datetime
) -> User:
    """Return a user as its form shows it; ``known`` are the permissions of all rubrics."""
    assert account.customer_id is not None  # noqa: S101 - find() gives no other
    held = Holding.of(session, actor.scope, account.customer_id)
    targets: dict[Reach, frozenset[Any]] = {
        reach: frozenset(
            session.connection().scalars(  # ten thousand sites, perhaps
                sa.select(ScopeGrant.target_id).where(
                    ScopeGrant.user_id == account.id, ScopeGrant.reach == reach
                )
            )
        )
        for reach in Reach
    }
    scope = UserScope(
        held.whole and account.customer_id in targets[Reach.CUSTOMER],
        targets[Reach.COMPANY] & held.companies,
        targets[Reach.SITE] & held.sites,
    )
    told = scope.whole + len(scope.companies) + len(scope.sites)
    mine = grantable(known, actor)
    # Keys of the staff, of administrators, of rubrics that are gone open nothing: not told.
    plain = {key for key, one in known.items() if not one.staff and not one.admin}
    keys = frozenset(one.key for one in account.permissions) & plain
    family, given = account.family_name, account.given_name
    if not family and not given:  # an account of the command line has one name
        given, _space, family = account.name.rpartition(" ")
    return User(
        id=account.id, customer_id=account.customer_id, email=account.sought or account.email,
        name=account.name, family_name=family, given_name=given, admin=account.admin,
        guest=account.guest, state=state_of(account, now), created=account.created,
        last_sign_in=account.last_sign_in, expires=account.expires, profile=account.profile,
        made_by=account.made_by, changed_by=account.changed_by, version=account.version,
        permissions=keys & mine,
        scope=scope, beyond=sum(len(some) for some in targets.values()) - told,
        rights_beyond=keys - mine, myself=account.id == actor.id,
        second_step=two_factor.enabled(session, account.id),
    )  # fmt: skip


def create(work: Work, draft: UserDraft, customer_id: int | None) -> Invited:
    """Add a user, or let one who was deleted stand again."""
    customer = customer_needed(work.session, work.actor, customer_id)
    email = checked_email(draft.email)
    checked_names(draft)
    direct = work.config.accounts.direct_passwords and not work.actor.acting
    if draft.password is not None and not direct:
        raise UserError(_("L’utilisateur choisit lui-même son mot de passe."), "password")
    account = _standing(work, email, customer)
    if account is not None and account.deleted is None:
        raise UserError(_("« %(email)s » a déjà un compte.", email=email), "email")
    again = account is not None
    if account is None:
        account = _new(work, email, customer)
    else:
        account.deleted = account.deleted_by = account.disabled = None
        account.password_hash, account.admin = None, False
        two_factor.turn_off(work.session, account.id)  # who comes back begins anew
        invitations.may_send(work, account)
        _grant(work, account, (), ())
    _fill(work, account, draft, customer)
    if draft.password is not None:
        try:
            set_password(account, draft.password)
        except AccountError as error:
            raise UserError(str(error), "password") from error
    work.session.flush()
    _note(work, account, "user restored" if again else "user created", after=_told(account))
    if draft.password is not None:
        return Invited(account.id, email)
    return invitations.invite(work, account)


def change(work: Work, id_: int, draft: UserDraft, version: int) -> None:
    """Give a user what a draft says; its address stays whatever the draft says of it."""
    account = to_change(work, id_, version)
    assert account.customer_id is not None  # noqa: S101 - find() gives no other
    before = _told(account)
    _fill(work, account, draft, account.customer_id)
    after = _told(account)
    moved = {name for name in after if after[name] != before[name]}
    if not moved:
        return
    account.version += 1
    _note(
        work, account, "user changed",
        before={name: before[name] for name in sorted(moved)},
        after={name: after[name] for name in sorted(moved)},
    )  # fmt: skip


def switch(work: Work, id_: int, version: int, *, on: bool) -> None:
    """Disable an account, whose sessions end, or enable it again."""
    account = to_change(work, id_, version)
    if on is (account.disabled is None):
        return
    if not on:
        keep_an_admin(work, account)
        sessions.end_all(work.session, account.id, work.now)
    account.disabled = None if on else work.now
    account.version += 1
    _note(work, account, "user enabled" if on else "user disabled")


def delete(work: Work, id_: int, version: int) -> None:
    """Delete a user: what it was granted goes, the rest stays with who did it and when."""
    account = to_change(work, id_, version)
    if account.admin:
        raise UserError(
            _("Un administrateur ne se supprime pas : l’opérateur lui retire d’abord ce rôle.")
        )
    before = _told(account)
    account.deleted = account.disabled = work.now
    account.deleted_by = work.actor.email
    account.version += 1
    _grant(work, account, (), ())
    invitations.withdraw(work, account)
    sessions.end_all(work.session, account.id, work.now)
    _note(work, account, "user deleted", before=before)


def invite_again(work: Work, id_: int) -> Invited:
    """Send an invitation once more, to whoever has no password yet."""
    account = to_change(work, id_, None)
    if state_of(account, work.now) is not UserState.INVITED:
        raise UserError(_("Cet utilisateur n’attend pas d’invitation."))
    invitations.may_send(work, account)
    held = Holding.of(work.session, work.actor.scope, account.customer_id or 0)
    keys = {one.key for one in account.permissions}
    grants = [(one.reach, one.target_id) for one in account.scope]
    covered = keys <= work.grantable and not held.beyond(grants) and not account.admin
    _note(work, account, "user invited")
    return invitations.invite(work, account, shown=covered)


def reset_second_step(work: Work, id_: int) -> None:
    """Take the second step of an account away, for who lost the phone and the codes."""
    from core.security_mails import reset_two_factor  # it works with all of the host

    account = to_change(work, id_, None)
    had = reset_two_factor(
        work.session, work.host, account, by=work.actor.email, now=work.now,
        address=work.actor.address, reference=work.actor.reference, acting=work.actor.acting,
    )  # fmt: skip
    if not had:
        raise UserError(_("Cet utilisateur n’a pas de double authentification."))


def appoint(work: Work, id_: int, *, admin: bool) -> None:
    """Make a user an administrator, or no longer."""
    if work.actor.customer_id is not None:
        raise UserError(_("L’opérateur nomme les administrateurs d’un compte client."))
    account = to_change(work, id_, None)
    if account.admin is admin:
        return
    if admin and (account.guest or account.kind is not AccountKind.PERSON):
        raise UserError(_("Ce compte ne peut pas devenir administrateur."))
    if not admin:
        keep_an_admin(work, account)
    account.admin = admin
    account.version += 1
    _note(work, account, "administrator appointed" if admin else "administrator dismissed")


def _standing(work: Work, email: str, customer_id: int) -> Account | None:
    """Return the account that an address has at a customer, None when it has none there."""
    query = sa.select(Account).where(
        *members(customer_id), sa.or_(Account.email == email, Account.sought == email)
    )
    return work.session.scalar(query.order_by(Account.id))


def _new(work: Work, email: str, customer_id: int) -> Account:
    """Return a new account for an address, one that is held when it has another elsewhere."""
    other = find_by_email(work.session, email)
    if other is not None and work.actor.customer_id is None:
        owner = work.session.get(Customer, other.customer_id) if other.customer_id else None
        where = owner.name if owner else _("l’opérateur")
        raise UserError(
            _("« %(email)s » a déjà un compte : %(where)s.", email=email, where=where), "email"
        )
    account = Account(
        kind=AccountKind.PERSON if other is None else AccountKind.HELD,
        email=email if other is None else invitations.held_name(),
        sought=None if other is None else email,
        name=email, admin=False, customer_id=customer_id, created=work.now,
        made_by=work.actor.email, version=1,
    )  # fmt: skip
    work.session.add(account)
    work.session.flush()
    return account


def _fill(work: Work, account: Account, draft: UserDraft, customer_id: int) -> None:
    """Write what a draft says, once all of it was checked."""
    family, given = checked_names(draft)
    end = checked_end(work, draft, account)
    permissions = checked_permissions(work, draft, account)
    grants = checked_grants(work, draft, customer_id, account)
    if draft.guest and account.admin:
        raise UserError(_("Un administrateur n’est pas un invité."))
    known = {profile.name for profile in work.config.accounts.profiles}
    account.family_name, account.given_name = family, given
    account.name = f"{given} {family}".strip()
    account.expires, account.guest = end, draft.guest
    account.profile = draft.profile if draft.profile in known else None
    account.changed_by = work.actor.email
    _grant(work, account, permissions, grants)


def _grant(work: Work, account: Account, keys: Iterable[str], grants: Iterable[Grant]) -> None:
    """Leave an account with these permissions and grants; those that stay are not written anew."""
    wanted, had = set(keys), {one.key: one for one in account.permissions}
    for key in had.keys() - wanted:
        account.permissions.remove(had[key])
    account.permissions += [AccountPermission(key=key) for key in sorted(wanted - had.keys())]
    asked, stood = set(grants), {(one.reach, one.target_id): one for one in account.scope}
    gone = {id(stood[grant]) for grant in stood.keys() - asked}
    new = sorted(asked - stood.keys(), key=lambda grant: (grant[0], grant[1] or 0))
    account.scope = [
        *(one for one in account.scope if id(one) not in gone),
        *(ScopeGrant(reach=reach, target_id=target) for reach, target in new),
    ]
    work.session.flush()


def _told(account: Account) -> dict[str, Any]:
    """Return what the audit log says of an account: plain values, no secret."""
    scope: dict[str, list[int | None]] = {}
    for one in sorted(account.scope, key=lambda one: (one.reach, one.target_id or 0)):
        scope.setdefault(one.reach.value, []).append(one.target_id)
    return {
        "name": account.name,
        "expires": account.expires.isoformat() if account.expires else None,
        "guest": account.guest,
        "profile": account.profile,
        "permissions": sorted(one.key for one in account.permissions),
        "scope": scope,
    }


def _note(work: Work, account: Account, action: str, **facts: Any) -> None:
    audit.note(
        work.session.connection(), now=work.now, actor=work.actor.email, action=action,
        target=account.sought or account.email, address=work.actor.address,
        reference=work.actor.reference, customer_id=account.customer_id,
        acting=work.actor.acting, **facts,
    )  # fmt: skip
