"""``balise discover``: what routers have, kept in the inventory or only shown."""

from __future__ import annotations

import difflib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collectors.snmp import Target
    from core.host import Host

PROTOCOLS = ["MD5", "SHA", "SHA224", "SHA256", "SHA384", "SHA512"]
CIPHERS = ["DES", "AES", "AES192", "AES256"]


@click.command()
@click.argument("device", required=False)
@click.option("--all", "everything", is_flag=True, help="Tous les routeurs relevés.")
@click.option("--host", "address", metavar="HÔTE[:PORT]", help="Un agent, sans base de données.")
@click.option("--community", help="Communauté SNMP (ou BALISE_COMMUNITY), avec --host.")
@click.option(
    "--version", type=click.Choice(["1", "2c", "3"]), help="Avec --host ; 2c, ou 3 avec --user."
)
@click.option("--user", help="Utilisateur SNMPv3, avec --host.")
@click.option("--auth-protocol", type=click.Choice(PROTOCOLS, case_sensitive=False), default="SHA")
@click.option("--priv-protocol", type=click.Choice(CIPHERS, case_sensitive=False), default="AES")
@click.option("--json", "as_json", is_flag=True, help="Pour un script.")
@click.pass_obj
def discover(
    host: Host,
    device: str | None,
    everything: bool,
    address: str | None,
    community: str | None,
    version: str | None,
    user: str | None,
    auth_protocol: str,
    priv_protocol: str,
    as_json: bool,
) -> None:
    """Découvre un routeur : interfaces, classes de service, sondes IP SLA.

    « balise discover ROUTEUR » (nom ou numéro) et « --all » rattachent ce qu'ils trouvent aux
    liaisons, par la référence écrite dans la description de l'interface (ifAlias), sinon par
    l'interface déclarée, et le gardent. « --host » montre seulement, avec les compteurs.

    Les mots de passe SNMPv3 viennent de BALISE_AUTH_PASSWORD et BALISE_PRIV_PASSWORD (ou d'un
    fichier : BALISE_AUTH_PASSWORD_FILE…), sinon du clavier.

    Avec --json, les clés sont les noms des MIB : ifIndex, ifName, ifAlias, ifOperStatus,
    ifHCInOctets (ifInOctets quand bits vaut 32), cbQosCMName, cbQosCMPrePolicyByte64,
    rttMonCtrlAdminIndex…

    Statut 1 si un routeur n'a pas pu être découvert.
    """
    if sum([device is not None, everything, address is not None]) != 1:
        raise click.UsageError("Donnez un ROUTEUR, --all, ou --host HÔTE:PORT.")
    if address is None and (community or user or version):
        raise click.UsageError("--community, --user et --version vont avec --host.")
    if address is not None:
        version = version or ("3" if user else "2c")
        given = (
            _secrets(user, auth_protocol, priv_protocol)
            if version == "3"
            else {"community": community or _given("COMMUNITY") or ""}
        )
        _show(host, _target(host, address, version, given), as_json)
    else:
        _keep(host, device, as_json)


def _target(host: Host, address: str, version: str, given: dict[str, str]) -> Target:
    from collectors.snmp import Target

    name, _, written = address.partition(":")
    port = int(written) if written.isascii() and written.isdecimal() else 0 if written else 161
    if not name or not 0 < port < 65_536:
        raise click.UsageError(
            f"« {address} » : une adresse IPv4 ou un nom, puis son port (10.0.0.1:161)."
        )
    if version != "3" and not given["community"]:
        raise click.UsageError("Donnez la communauté : --community, ou BALISE_COMMUNITY.")
    settings = host.config.collector
    return Target(1, name, port, version, given, settings.timeout, settings.retries)


def _secrets(user: str | None, auth_protocol: str, priv_protocol: str) -> dict[str, str]:
    if not user:
        raise click.UsageError("La version 3 demande --user.")
    auth = _given("AUTH_PASSWORD")
    priv = _given("PRIV_PASSWORD")
    if auth is None and sys.stdin.isatty():
        auth = _asked("Mot de passe d'authentification (vide : aucun)")
        if auth and priv is None:
            priv = _asked("Mot de passe de chiffrement (vide : aucun)")
    return {
        "user": user,
        "auth_protocol": auth_protocol,
        "auth_password": auth or "",
        "priv_protocol": priv_protocol,
        "priv_password": priv or "",
    }


def _asked(what: str) -> str:
    answer: str = click.prompt(what, default="", hide_input=True, show_default=False, err=True)
    return answer


def _given(name: str) -> str | None:
    """Return a secret from the environment, or from the file that the environment names."""
    path = os.environ.get(f"BALISE_{name}_FILE")
    if path is None:
        return os.environ.get(f"BALISE_{name}")
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"BALISE_{name}_FILE : {path} ne se lit pas.") from error


def _show(host: Host, target: Target, as_json: bool) -> None:
    from collectors import listing
    from collectors.looking import look_at
    from collectors.snmp import Failed
    from collectors.transports import make

    transport = make(host.config.collector)
    try:
        transport.open([target])
        found, read = look_at(transport, target.key, read=True)
    except Failed as failure:
        raise click.ClickException(f"{_where(target)} : {listing.why(failure)}") from failure
    finally:
        transport.close()
    if as_json:
        where = {"host": target.host, "port": target.port}
        click.echo(json.dumps(where | listing.as_json(found, read), ensure_ascii=False))
    else:
        click.echo("\n".join(listing.lines(found, read)))


def _keep(host: Host, device: str | None, as_json: bool) -> None:
    from sqlalchemy.exc import SQLAlchemyError

    from collectors import listing
    from collectors.keeping import keep
    from collectors.looking import look_at_all, roll, subjects
    from collectors.snmp import Failed
    from collectors.transports import make
    from core import clock
    from core.cli_links import ready

    ready(host)
    told: list[dict[str, Any]] = []
    failed = 0
    transport = make(host.config.collector)
    try:
        only = None if device is None else _chosen(roll(host.engine), device)
        routers = subjects(host.engine, host.vault.open, host.config.collector, only)
        for router, found in look_at_all(transport, routers):
            line: dict[str, Any] = {"id": router.device_id, "name": router.name}
            if isinstance(found, Failed):
                failed += 1
                words = [f"✗ {router.name} ({_where(router.target)}) : {listing.why(found)}"]
                line |= {"outcome": found.outcome.value, "detail": found.detail}
            else:
                kept = keep(host.engine, router.device_id, found, clock.now())
                if kept is None:  # it left the inventory meanwhile
                    continue
                words = listing.kept_lines(router.name, found, kept)
                line |= {"outcome": "ok"} | listing.kept_as_json(found, kept)
            if as_json:
                told.append(line)
            else:
                click.echo("\n".join(words), err=isinstance(found, Failed))
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        raise click.ClickException(f"La base ne se lit ou ne s'écrit pas : {cause}") from error
    finally:
        transport.close()
    if as_json:
        told.sort(key=lambda line: (line["name"], line["id"]))
        click.echo(json.dumps({"devices": told, "failed": failed}, ensure_ascii=False))
    elif device is None:
        click.echo(f"Routeurs découverts : {len(routers) - failed} sur {len(routers)}")
    if failed:
        sys.exit(1)


def _chosen(routers: Sequence[tuple[int, str, str]], wanted: str) -> int:
    """Return the id of the router of this name, whatever its case, or of this number."""
    for same in (
        lambda key, name: name == wanted,
        lambda key, name: name.casefold() == wanted.casefold(),
        lambda key, name: str(key) == wanted,
    ):
        found = [(key, where) for key, name, where in routers if same(key, name)]
        if len(found) > 1:
            numbers = ", ".join(f"{key} ({where})" for key, where in found)
            raise click.ClickException(
                f"Plusieurs routeurs s'appellent « {wanted} » ; donnez un numéro : {numbers}."
            )
        if found:
            return found[0][0]
    close = difflib.get_close_matches(wanted, [name for _, name, _ in routers], n=3, cutoff=0.5)
    hint = f" Proches : {', '.join(close)}." if close else ""
    raise click.ClickException(f"Aucun routeur « {wanted} » dans l'inventaire.{hint}")


def _where(target: Target) -> str:
    return f"{target.host}:{target.port}"
