"""``balise snmp``: recording a real device, and answering as it did."""

from __future__ import annotations

import re
import signal
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collectors.simulator.control import Control
    from collectors.simulator.record import Walked
    from collectors.simulator.replay import Recorded

Oid = tuple[int, ...]


@click.group()
def snmp() -> None:
    """Enregistre un routeur réel, le rejoue, le fait mal se conduire."""


@snmp.command()
def behaviours() -> None:
    """Liste ce qu'un routeur simulé ou rejoué sait faire de travers."""
    from collectors.simulator.behaviours import listing

    click.echo(listing())


def _address(text: str) -> tuple[str, int]:
    """Return host and port of « host », « host:port » or « [2001:db8::1]:port »."""
    found = re.fullmatch(
        r"\[(?P<six>[^]]+)\](:(?P<p6>\d+))?|(?P<host>[^:]+)(:(?P<port>\d+))?", text
    )
    if found is None:
        return text, 161
    port = int(found["p6"] or found["port"] or 161)
    if not 0 < port < 65_536:
        raise click.BadParameter(f"« {text} » : le port va de 1 à 65535.")
    return found["six"] or found["host"], port


def _oid(_: click.Context, __: click.Parameter, texts: Sequence[str]) -> list[Oid]:
    oids = []
    for text in texts:
        parts = text.strip(".").split(".")
        if len(parts) < 2 or not all(part.isascii() and part.isdecimal() for part in parts):
            raise click.BadParameter(f"« {text} » n'est pas un OID en chiffres.")
        oids.append(tuple(int(part) for part in parts))
    return oids


@snmp.command()
@click.argument("host")
@click.option("--community", required=True, envvar="BALISE_COMMUNITY", show_envvar=True,
              help="La communauté SNMP de lecture.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False),
              help="Le fichier à écrire ; par défaut HOST.snmprec.")  # fmt: skip
@click.option("--root", "roots", multiple=True, callback=_oid, metavar="OID",
              help="Ce qui est lu ; par défaut mib-2 et les MIB des constructeurs.")  # fmt: skip
@click.option("--v1", is_flag=True, help="SNMPv1 au lieu de v2c.")
@click.option("--rows", default=100_000, show_default=True, type=click.IntRange(1, 400_000),
              help="Au plus tant de valeurs.")  # fmt: skip
@click.option("--seconds", default=300.0, show_default=True, type=click.FloatRange(1, 3_600),
              help="Au plus tant de temps.")  # fmt: skip
@click.option("--timeout", default=2.0, show_default=True, type=click.FloatRange(0.1, 30),
              help="Secondes d'attente d'une réponse, trois fois.")  # fmt: skip
@click.option("--anonymise", is_flag=True,
              help="Remplace noms et adresses ; ôte les tables qui en sont faites.")  # fmt: skip
def record(
    host: str,
    community: str,
    output: Path | None,
    roots: list[Oid],
    v1: bool,
    rows: int,
    seconds: float,
    timeout: float,
    anonymise: bool,
) -> None:
    """Enregistre le routeur HOST[:PORT] dans un fichier .snmprec, que vous seul pouvez lire.

    Sans --anonymise, tout y est tel que le routeur le dit : noms, descriptions, adresses, voisins.
    """
    from collectors.simulator import snmprec
    from collectors.simulator.record import ROOTS, Device, Unreachable, walk

    address, port = _address(host)
    path = output or Path(f"{re.sub(r'[^A-Za-z0-9.-]', '_', address)}.snmprec")
    if path.exists():
        raise click.ClickException(f"{path} existe déjà : donnez un autre nom avec -o.")
    device = Device(address, port, community, 0 if v1 else 1, timeout)
    try:
        walked = walk(device, roots or ROOTS, rows, seconds)
    except Unreachable as error:
        raise click.ClickException(f"{host} ne s'enregistre pas : {error}.") from error
    values = walked.values
    if anonymise:
        values = _anonymise(walked)
    if not values:
        why = " ; ".join(walked.problems) or "il n'a rien sous ces OID"
        raise click.ClickException(f"{host} ne s'enregistre pas : {why}.")
    try:
        snmprec.write(path, values.items())
    except OSError as error:
        raise click.ClickException(f"{path} ne s'écrit pas : {error.strerror}.") from error
    click.echo(f"{len(values)} valeurs dans {path}")
    for problem in walked.problems:
        click.echo(f"Incomplet : {problem}", err=True)
    if not anonymise:
        click.echo(
            "Le fichier contient noms, descriptions et adresses tels quels ; --anonymise les ôte."
        )


def _anonymise(walked: Walked) -> dict[Oid, bytes]:
    from collectors.simulator.anonymise import anonymise

    done = anonymise(walked.values)
    click.echo(f"Anonymisé : {done.replaced} valeurs remplacées, {done.dropped} ôtées.")
    return done.values


@snmp.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--host", default="127.0.0.1", show_default=True, help="L'adresse où répondre.")
@click.option("--port", default=0, type=click.IntRange(0, 65_535),
              help="Le port où répondre ; par défaut un port libre, affiché.")  # fmt: skip
@click.option("--community", default="public", show_default=True)
@click.option("--seconds", default=3_600.0, show_default=True, type=click.FloatRange(0.1, 604_800),
              help="S'arrête après tant de temps.")  # fmt: skip
@click.option("--behave", multiple=True, metavar="NOM[=QUANTITÉ][@INTERFACE]",
              help="Ce qu'il fait de travers (balise snmp behaviours) ; répétable.")  # fmt: skip
def replay(
    file: Path, host: str, port: int, community: str, seconds: float, behave: Sequence[str]
) -> None:
    """Répond comme le routeur de FILE (.snmprec) : mêmes OID, compteurs et temps qui avancent."""
    from collectors.simulator import snmprec
    from collectors.simulator.control import Control
    from collectors.simulator.replay import Recorded

    try:
        recording = snmprec.read(file)
    except (snmprec.RecordingError, OSError) as error:
        raise click.ClickException(f"{file} : {error}") from error
    if recording.skipped:
        first, why = next(iter(recording.skipped.items()))
        click.echo(f"{len(recording.skipped)} lignes laissées (ligne {first} : {why}).", err=True)
    now = time.time()
    agent = Recorded(recording, community, now)
    with tempfile.TemporaryDirectory(prefix="balise-replay-") as folder:
        control = Control(Path(folder) / "control.json")
        for wanted in behave:
            _behave(control, agent, wanted, now)
        _run(agent, control, (host, port, file.name), seconds)


def _behave(control: Control, agent: Recorded, wanted: str, now: float) -> None:
    """Give the replayed device one behaviour, on one interface or on all."""
    from collectors.simulator.behaviours import BEHAVIOURS
    from collectors.simulator.replay import DEVICE, NOT_HERE

    what, _, interface = wanted.partition("@")
    name, _, quantity = what.partition("=")
    behaviour = BEHAVIOURS.get(name)
    if behaviour is None or name in NOT_HERE:
        raise click.BadParameter(f"« {name} » : voyez « balise snmp behaviours ».")
    try:
        amount = float(quantity) if quantity else None
    except ValueError:
        raise click.BadParameter(f"« {quantity} » n'est pas un nombre.") from None
    targets = [DEVICE]
    if behaviour.on == "link":
        index = agent.named(interface) if interface else None
        if interface and index is None:
            raise click.BadParameter(f"Aucune interface « {interface} » dans l'enregistrement.")
        targets = [str(i) for i in agent.interfaces] if index is None else [str(index)]
    control.behave(name, targets, now, amount=amount)


def _run(agent: Recorded, control: Control, place: tuple[str, int, str], seconds: float) -> None:
    from collectors.simulator.serving import PortTaken, Server

    host, port, name = place
    stopped: list[int] = []
    former = {
        number: signal.signal(number, lambda received, _: stopped.append(received))
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    end = time.monotonic() + seconds
    try:
        server = Server([(host, port, name, agent)])
    except PortTaken as error:
        raise click.ClickException(
            f"Le port est pris, ou l'adresse n'est pas d'ici : {error}"
        ) from error
    try:
        where = ":".join(map(str, server.addresses()[0]))
        server.run(
            lambda: bool(stopped) or time.monotonic() >= end,
            lambda now: agent.tick(control.read(), now),
            lambda: click.echo(f"{name} répond sur {where}, pendant {seconds:g} s au plus."),
        )
    finally:
        server.close()
        for number, handler in former.items():
            signal.signal(number, handler)
