"""``balise user grant`` and ``revoke``: rights from the shell, for a rubric that came later."""

from __future__ import annotations

import difflib
from collections.abc import Callable

import click
from sqlalchemy.orm import Session

from core import audit, clock
from core.accounts import Account, AccountPermission, find
from core.host import Host


@click.command()
@click.argument("email")
@click.argument("rights", nargs=-1, required=True, metavar="DROIT…")
@click.pass_obj
def grant(host: Host, email: str, rights: tuple[str, ...]) -> None:
    """Donne des droits à un compte : « factures:read », ou « factures » pour tous les siens.

    Ils comptent dès sa prochaine demande, même s'il est connecté. Une rubrique installée après la
    création d'un compte, même d'administrateur, ne s'ouvre à lui qu'ainsi.
    """
    keys = _keys(host, rights)
    known = host.registry.permissions()

    def give(account: Account, held: dict[str, AccountPermission]) -> list[str]:
        if account.customer_id is not None and (
            staff := sorted(key for key in keys if known[key].staff)
        ):
            # Named whole, such a right would open nothing; with its rubric it is left out.
            if asked := sorted(set(staff) & set(rights)):
                raise click.ClickException(
                    f"Pour le personnel de l'opérateur seulement : {', '.join(asked)}."
                )
            keys.difference_update(staff)
        new = sorted(keys - set(held))
        account.permissions += [AccountPermission(key=key) for key in new]
        return new

    _change(host, email, "permissions granted", give)


@click.command()
@click.argument("email")
@click.argument("rights", nargs=-1, required=True, metavar="DROIT…")
@click.pass_obj
def revoke(host: Host, email: str, rights: tuple[str, ...]) -> None:
    """Retire des droits à un compte, dès sa prochaine demande."""
    keys = _keys(host, rights)

    def take(account: Account, held: dict[str, AccountPermission]) -> list[str]:
        gone = sorted(keys & set(held))
        for key in gone:
            account.permissions.remove(held[key])
        return gone

    _change(host, email, "permissions revoked", take)


def _keys(host: Host, rights: tuple[str, ...]) -> set[str]:
    """Return the permissions that are named, those of a rubric by its id."""
    known = host.registry.permissions()
    found: set[str] = set()
    for right in rights:
        of_rubric = {key for key in known if key.partition(":")[0] == right}
        if not of_rubric and right not in known:
            names = [*known, *host.registry.rubrics]
            close = difflib.get_close_matches(right, names, n=1)
            hint = f" Vouliez-vous dire « {close[0]} » ?" if close else ""
            raise click.UsageError(f"Droit inconnu : {right}.{hint}")
        found |= of_rubric or {right}
    return found


def _change(
    host: Host,
    email: str,
    action: str,
    change: Callable[[Account, dict[str, AccountPermission]], list[str]],
) -> None:
    """Change the permissions of an account, and say which; the audit log keeps the same."""
    with Session(host.engine) as session:
        account = find(session, email)
        if account is None:
            raise click.ClickException(f"« {email} » n'a pas de compte.")
        moved = change(account, {one.key: one for one in account.permissions})
        if moved:
            audit.note(
                session.connection(), now=clock.now(), actor="system", action=action,
                target=account.email, customer_id=account.customer_id, permissions=moved,
            )  # fmt: skip
        session.commit()
    said = "donné" if action == "permissions granted" else "retiré"
    told = f"{said} : {', '.join(moved)}" if moved else "rien à changer"
    click.echo(f"{email} : {told}.")
