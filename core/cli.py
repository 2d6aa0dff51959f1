"""The command ``balise``. Exit status: 0 done, 1 failed, 2 wrong use."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import click
import structlog

from core import clock, commands, config, logs
from core.host import Host

log = structlog.get_logger("balise.cli")


class _Group(click.Group):
    """The commands below, plus those that other packages bring by entry point."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except config.ConfigError as error:
            fail(str(error))

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *commands.points()})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        own = super().get_command(ctx, name)
        brought = commands.points().get(name)
        if own is not None or brought is None:
            return own
        if refused := commands.refused(self.commands).get(name):
            return click.Command(name, callback=lambda: fail(refused), short_help=refused)
        try:
            loaded: click.Command = brought[0].load()
        except Exception as error:  # noqa: BLE001 - a broken command leaves the others
            why = f"« balise {name} » ne se charge pas ({type(error).__name__} : {error})."
            return click.Command(name, callback=lambda: fail(why), short_help=why)
        return loaded


def fail(message: str) -> None:
    """Say what is wrong and end with status 1."""
    raise click.ClickException(message)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=lambda: os.environ.get("BALISE_CONFIG", "config.yaml"),
    help="Fichier de configuration (config.yaml, ou BALISE_CONFIG).",
)
@click.option(
    "--safe-mode",
    is_flag=True,
    envvar="BALISE_SAFE_MODE",
    help="Sans aucune rubrique : l'hôte seul, pour réparer.",
)
@click.version_option(package_name="balise")
@click.pass_context
def main(ctx: click.Context, path: Path, safe_mode: bool) -> None:
    """Balise : l'extranet client d'un opérateur de réseau."""
    if safe_mode:
        os.environ["BALISE_SAFE_MODE"] = "1"  # the processes of « balise up » too
    logs.setup()
    for stream in (sys.stdout, sys.stderr):  # a terminal that lacks a character shows « ? »
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        ctx.obj = Host(config.load(path), safe_mode=safe_mode)
    except config.ConfigError as error:
        fail(str(error))


def _ready(host: Host) -> None:
    """Stop here unless the installation can run."""
    from core import health, secrets

    finding = health.examine_database(host.engine)
    if finding.level != "ok":
        fail(finding.text)
    try:
        secrets.secret_key(host.config)
    except config.ConfigError as error:
        fail(str(error))


@main.command()
@click.pass_obj
def init(host: Host) -> None:
    """Prépare une installation : dossier, clé secrète, base de données. Peut être répété."""
    from core import secrets

    host.config.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    if host.config.secret_key is None:
        secrets.make_key(host.config.data)
    _migrate(host)
    click.echo(f"Prêt : {host.config.data}")
    click.echo("Ensuite : balise user create ADRESSE --operator --admin, puis balise up")


@main.command()
@click.pass_obj
def migrate(host: Host) -> None:
    """Met la base de données au schéma de cette version. Peut être répété."""
    done = _migrate(host)
    click.echo("Base mise à jour." if done else "Rien à faire : la base est à jour.")


def _migrate(host: Host) -> bool:
    from core import migrate as schema

    changed = False
    for line in schema.lines(host.registry):
        try:
            changed |= schema.upgrade(host.engine, line)
        except schema.NewerSchema:
            fail(
                f"La base ({line.name}) vient d'une version plus récente : mettez à jour. "
                "Rien n'est changé."
            )
        except Exception as error:
            if line is schema.HOST:
                raise
            why = f"{type(error).__name__} : {error}"
            click.echo(f"Rubrique {line.name} : ses migrations échouent ({why}).", err=True)
    return changed


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Pour un script.")
@click.pass_obj
def check(host: Host, as_json: bool) -> None:
    """Vérifie base, rubriques, mesures et processus. Statut 1 s'il y a une erreur."""
    from core import health, secrets

    found = [*health.findings(host, clock.now()), *health.check_commands(main.commands)]
    try:
        secrets.secret_key(host.config)
    except config.ConfigError as error:
        found.insert(0, health.Finding("secret key", "error", str(error)))
    bad = any(finding.level == "error" for finding in found)
    if as_json:
        click.echo(json.dumps({"ok": not bad, "findings": [f.as_json() for f in found]}))
    else:
        for finding in found:
            mark = {"ok": "✓", "warning": "!", "error": "✗"}[finding.level]
            click.echo(f"{mark} {finding.subject} : {finding.text}")
    sys.exit(1 if bad else 0)


@main.command()
@click.pass_obj
def serve(host: Host) -> None:
    """Sert les pages (gunicorn)."""
    from core.web import serve as web

    _ready(host)
    try:
        web.run(host)
    except web.PortTaken as error:
        fail(
            f"Rien ne peut être servi sur {error}. Arrêtez le programme qui y écoute, "
            "ou changez « web: port: » dans config.yaml."
        )


@main.command()
@click.pass_obj
def work(host: Host) -> None:
    """Fait les tâches de fond : mails, agrégats des mesures, durées de conservation."""
    from core import work as worker

    _ready(host)
    worker.run(host)


@main.command()
@click.pass_obj
def up(host: Host) -> None:
    """Lance et surveille tout sur une machine : pages, collecte, tâches de fond."""
    from core import processes
    from core.supervisor import Supervisor, database_report
    from core.web import serve as web

    _ready(host)
    try:
        web.check_port(host.config.web.host, host.config.web.port)
    except web.PortTaken as error:
        fail(
            f"Le port est déjà pris : {error}. Arrêtez le programme qui y écoute, "
            "ou changez « web: port: » dans config.yaml."
        )
    here = f"http://{host.config.web.host}:{host.config.web.port}"
    known = host.config.web.public_url
    outside = "" if known == here else f", pour les navigateurs {known}"
    click.echo(f"Balise : {here}{outside}  (Ctrl+C pour arrêter)")
    Supervisor(processes.children(host.config.path), database_report(host.engine)).run()


@main.group("config")
def config_group() -> None:
    """La configuration en vigueur."""


@config_group.command("show")
@click.pass_obj
def config_show(host: Host) -> None:
    """Affiche la configuration en vigueur, sans les secrets."""
    import yaml

    values = host.config.model_dump(mode="json")
    if values["storage"]["database"]:
        import sqlalchemy as sa

        values["storage"]["database"] = sa.make_url(host.config.database_url).render_as_string()
    click.echo(yaml.safe_dump(values, allow_unicode=True, sort_keys=False), nl=False)


def _add_groups() -> None:
    from core.cli_audit import audit
    from core.cli_import import import_
    from core.cli_metrics import metrics
    from core.cli_new_rubric import new_rubric
    from core.cli_report import report
    from core.cli_rights import grant, revoke
    from core.cli_sla import sla
    from core.cli_users import user
    from core.cli_wall import wall
    from core.cli_works import works

    main.add_command(audit)
    main.add_command(import_)
    main.add_command(user)
    user.add_command(grant)
    user.add_command(revoke)
    main.add_command(wall)
    main.add_command(metrics)
    main.add_command(report)
    main.add_command(new_rubric)
    main.add_command(sla)
    main.add_command(works)


_add_groups()

if __name__ == "__main__":
    main()
