"""``balise user``: accounts from the shell."""

from __future__ import annotations

import json
import os
import sys

import click
from sqlalchemy.orm import Session

from core import audit, clock, password_links, security_mails, sessions, two_factor
from core.access import Reach
from core.accounts import Account, AccountError, create_account, find, find_customer, people
from core.host import Host


@click.group()
def user() -> None:
    """Les comptes des utilisateurs."""


@user.command("create")
@click.argument("email")
@click.option("--name", default="", help="Nom affiché.")
@click.option("--customer", "customer", help="Compte client (numéro ou nom) : toutes ses sociétés.")
@click.option("--operator", is_flag=True, help="Personnel de l'opérateur : tous les clients.")
@click.option("--admin", is_flag=True, help="Administrateur : toutes les rubriques.")
@click.option(
    "--permission", "permissions", multiple=True, help="Ex. supervision:read ; répétable."
)
@click.option("--ask-password", is_flag=True, help="Demander le mot de passe au clavier.")
@click.option("--json", "as_json", is_flag=True, help="Pour un script.")
@click.pass_obj
def create(
    host: Host,
    email: str,
    name: str,
    customer: str | None,
    operator: bool,
    admin: bool,
    permissions: tuple[str, ...],
    ask_password: bool,
    as_json: bool,
) -> None:
    """Crée un compte.

    Sans mot de passe (BALISE_PASSWORD ou --ask-password), donne un lien d'invitation.
    """
    if bool(customer) == operator:
        raise click.UsageError("Donnez --customer COMPTE, ou --operator pour le personnel.")
    known = host.registry.permissions()
    unknown = sorted(set(permissions) - set(known))
    if unknown:
        raise click.UsageError(
            f"Permission inconnue : {', '.join(unknown)}. Connues : {', '.join(sorted(known))}."
        )
    password = os.environ.get("BALISE_PASSWORD")
    if ask_password:
        password = click.prompt("Mot de passe", hide_input=True, confirmation_prompt=True)
    now = clock.now()
    with Session(host.engine) as session:
        try:
            owner = find_customer(session, customer) if customer else None
            account = create_account(
                session,
                email=email,
                name=name,
                password=password,
                permissions=known if admin else permissions,
                scope=[(Reach.CUSTOMER, owner.id) if owner else (Reach.OPERATOR, None)],
                now=now,
                admin=admin,
                customer_id=owner.id if owner else None,
            )
        except AccountError as error:
            raise click.ClickException(str(error)) from error
        session.commit()
        invitation = None
        if password is None:
            token = password_links.make_link(
                session, account, password_links.LinkKind.INVITATION, now
            )
            invitation = password_links.address(host.config.web.public_url, token)
        audit.write(
            host.engine,
            now=now,
            actor="system",
            action="account created",
            target=account.email,
            admin=admin,
            customer=owner.number if owner else None,
            permissions=sorted(p.key for p in account.permissions),
        )
        if as_json:
            click.echo(json.dumps({"email": account.email, "invitation": invitation}))
        elif invitation:
            click.echo(f"{account.email} : lien d'invitation, valable 7 jours, une seule fois :")
            click.echo(invitation)
        else:
            click.echo(f"{account.email} : compte créé.")


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="Pour un script.")
@click.pass_obj
def list_users(host: Host, as_json: bool) -> None:
    """Liste les comptes."""
    with Session(host.engine) as session:
        rows = [
            {
                "email": account.email,
                "name": account.name,
                "admin": account.admin,
                "active": account.active(clock.now()),
                "two_factor": two_factor.enabled(session, account.id),
                "permissions": sorted(p.key for p in account.permissions),
                "scope": [
                    {"reach": grant.reach.value, "target": grant.target_id}
                    for grant in account.scope
                ],
            }
            for account in session.scalars(people().order_by(Account.email))
        ]
    if as_json:
        click.echo(json.dumps(rows))
        return
    for row in rows:
        told = (
            ("admin", row["admin"]),
            ("désactivé", not row["active"]),
            ("2FA", row["two_factor"]),
        )
        marks = [word for word, on in told if on]
        click.echo(f"{row['email']}  {row['name']}  {' '.join(marks)}".rstrip())
    if not rows:
        click.echo("Aucun compte. Créez-en un : balise user create ADRESSE …", file=sys.stderr)


@user.command("disable")
@click.argument("email")
@click.pass_obj
def disable(host: Host, email: str) -> None:
    """Désactive un compte : ses sessions finissent aussitôt."""
    now = clock.now()
    with Session(host.engine) as session:
        account = find(session, email)
        if account is None:
            raise click.ClickException(f"« {email} » n'a pas de compte.")
        account.disabled = now
        sessions.end_all(session, account.id, now)
        session.commit()
    audit.write(host.engine, now=now, actor="system", action="account disabled", target=email)
    click.echo(f"{email} : compte désactivé.")


@user.command("reset-2fa")
@click.argument("email")
@click.pass_obj
def reset_2fa(host: Host, email: str) -> None:
    """Retire la double authentification d'un compte (téléphone perdu), et ferme ses sessions.

    Vérifiez d'abord, autrement que par e-mail, que la demande vient bien de la personne.
    """
    now = clock.now()
    with Session(host.engine) as session:
        account = find(session, email)
        if account is None:
            raise click.ClickException(f"« {email} » n'a pas de compte.")
        if not security_mails.reset_two_factor(session, host, account, by="system", now=now):
            raise click.ClickException(f"{account.email} : pas de double authentification.")
        session.commit()
        click.echo(f"{account.email} : double authentification retirée, sessions fermées.")


@user.command("require-2fa")
@click.argument("customer")
@click.option("--off", is_flag=True, help="Ne plus l'exiger.")
@click.option("--json", "as_json", is_flag=True, help="Pour un script.")
@click.pass_obj
def require_2fa(host: Host, customer: str, off: bool, as_json: bool) -> None:
    """Exige la double authentification des comptes d'un client (numéro ou nom).

    Ceux qui ne l'ont pas sont déconnectés, et la configurent à leur prochaine connexion.
    """
    now = clock.now()
    with Session(host.engine) as session:
        try:
            owner = find_customer(session, customer)
        except AccountError as error:
            raise click.ClickException(str(error)) from error
        without = two_factor.require(session, owner, not off, now)
        audit.note(
            session.connection(), now=now, actor="system", action="two-factor required",
            target=owner.number, customer_id=owner.id, required=not off, without=without,
        )  # fmt: skip
        session.commit()
        name = f"{owner.name} ({owner.number})"
    if as_json:
        click.echo(json.dumps({"customer": name, "required": not off, "without": without}))
    elif off:
        click.echo(f"{name} : la double authentification n'est plus exigée.")
    else:
        click.echo(
            f"{name} : double authentification exigée ; {without} compte(s) la configureront "
            "à la prochaine connexion."
        )
