"""Is the installation in order? What ``balise check``, ``/readyz`` and the page « Santé » say."""

from __future__ import annotations

import difflib
import importlib.metadata
import os
import time
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from core import commands, migrate
from core.db import Base
from core.host import Host
from core.i18n import _, ngettext
from core.network.inventory import Device, Link, ProcessState
from core.registry import Registry
from core.rubric_states import RubricState, Standing, orphans, rubric_states

PACKAGES = ("core", "plugins", "collectors")
REMEMBERED = 2.0
"""Seconds for which an answer about the database serves ``/readyz``."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked: ``level`` is ok, warning or error; ``text`` says what to do."""

    subject: str
    level: str
    text: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


_remembered: WeakKeyDictionary[sa.Engine, tuple[float, Finding]] = WeakKeyDictionary()


def check_database(engine: sa.Engine) -> Finding:
    """Return what ``examine_database`` said of this engine within ``REMEMBERED``, else now.

    For ``/readyz``, that anybody may ask as often as they like.
    """
    now = time.monotonic()
    known = _remembered.get(engine)
    if known is None or now - known[0] >= REMEMBERED:
        known = _remembered[engine] = (now, examine_database(engine))
    return known[1]


def examine_database(engine: sa.Engine) -> Finding:
    """Tell whether the database answers and has the schema of this version."""
    try:
        state = migrate.state(engine)
    except sa.exc.SQLAlchemyError as error:
        return Finding("database", "error", _("La base de données ne répond pas : %(e)s", e=error))
    words = {
        migrate.State.CURRENT: ("ok", _("La base est au schéma de cette version.")),
        migrate.State.BEHIND: ("error", _("La base est en retard : lancez « balise migrate ».")),
        migrate.State.EMPTY: ("error", _("La base est vide : lancez « balise init ».")),
        migrate.State.NEWER: (
            "error",
            _("La base vient d'une version plus récente : mettez Balise à jour."),
        ),
    }
    return Finding("database", *words[state])


def check_rubrics(registry: Registry, states: Sequence[RubricState]) -> list[Finding]:
    """Name the rubrics in service and those that are not, with their distribution and reason."""
    found = []
    for one in states:
        level, text = "ok", registry.owners.get(one.id, one.name)
        if one.standing is Standing.SET_ASIDE:
            level, text = (
                "error",
                _(
                    "Mise à l'écart (distribution %(owner)s) : %(error)s",
                    owner=one.distribution,
                    error=" ".join(one.why),
                ),
            )
        elif one.standing is Standing.DISABLED:
            text = _("Désactivée (config.yaml, rubrics: disabled). Ses données restent.")
            if registry.safe_mode:
                text = _("Pas chargée : Balise tourne sans rubrique (--safe-mode).")
        elif one.why:
            level, text = "warning", " ".join(one.why)
        elif one.fault is not None and one.standing is Standing.PAUSED:
            level, text = (
                "warning",
                _(
                    "Une partie en est mise en pause, après %(n)s échecs. Le dernier, %(place)s : "
                    "%(error)s (référence %(reference)s).",
                    n=one.fault.failures,
                    place=one.fault.place,
                    error=one.fault.error,
                    reference=one.fault.reference,
                ),
            )
        name = one.name if one.standing is Standing.SET_ASIDE else one.id
        found.append(Finding(f"rubric:{name}", level, text))
    return found


def check_disabled(registry: Registry, disabled: Sequence[str]) -> list[Finding]:
    """Name what the configuration disables and that is no rubric."""
    known = [*registry.rubrics, *registry.disabled, *(one.id for one in registry.failures)]
    found = []
    for name in disabled:
        if name in known:
            continue
        close = difflib.get_close_matches(name, known, n=1)
        text = _("rubrics: disabled: aucune rubrique ne s’appelle « %(name)s ».", name=name)
        if close:
            text += " " + _("Vouliez-vous dire « %(close)s » ?", close=close[0])
        found.append(Finding(f"rubric:{name}", "error", text))
    return found


def check_orphans(host: Host) -> list[Finding]:
    """Name the rubrics whose data stay in the database while they are gone: they are kept."""
    text = _(
        "Ses données restent dans la base, mais elle n’est plus installée. Réinstallez-la pour "
        "les retrouver ; rien n’est effacé."
    )
    if host.safe_mode:
        return []
    return [Finding(f"rubric:{id}", "warning", text) for id in orphans(host.registry, host.engine)]


def check_schemas(host: Host) -> list[Finding]:
    """Name the rubrics whose tables are not those of their code."""
    findings = []
    for line in migrate.lines(host.registry)[1:]:
        try:
            state = migrate.state(host.engine, line)
        except Exception as error:  # noqa: BLE001 - a rubric's own code is read here
            text = _(
                "Ses migrations ne se lisent pas : %(e)s", e=f"{type(error).__name__}: {error}"
            )
            findings.append(Finding(f"rubric:{line.name}", "error", text))
            continue
        if state is migrate.State.NEWER:
            text = _("Ses tables viennent d'une version plus récente : mettez-la à jour.")
            findings.append(Finding(f"rubric:{line.name}", "error", text))
        elif state is not migrate.State.CURRENT:
            text = _("Ses tables sont en retard : lancez « balise migrate ».")
            findings.append(Finding(f"rubric:{line.name}", "error", text))
        elif missing := _missing_tables(host, line.name):
            text = _(
                "La base n’a pas %(tables)s : une migration a été changée après avoir servi. "
                "Écrivez-en une qui la suit.",
                tables=", ".join(missing),
            )
            findings.append(Finding(f"rubric:{line.name}", "error", text))
    return findings


def _missing_tables(host: Host, rubric: str) -> list[str]:
    """Return the tables of the models of a rubric that the database does not have."""
    loaded = host.registry.loaded.get(rubric)
    package = loaded[1].plugin.__name__.rpartition(".")[0] if loaded else ""
    there = set(sa.inspect(host.engine).get_table_names())
    models = (m.class_ for m in Base.registry.mappers)
    own = {m.__tablename__ for m in models if m.__module__.startswith(f"{package}.")}
    return sorted(own - there) if package else []


def check_packages() -> list[Finding]:
    """Fail when another distribution provides one of Balise's import names."""
    owners = importlib.metadata.packages_distributions()
    return [
        Finding(
            f"package:{name}",
            "error",
            _("« %(n)s » vient aussi de : %(o)s. Désinstallez-le.", n=name, o=", ".join(others)),
        )
        for name in PACKAGES
        if (others := sorted(set(owners.get(name, [])) - {"balise"}))
    ]


def check_commands(own: Collection[str]) -> list[Finding]:
    """Name the sub-commands that two distributions bring, or that take one of the host's names."""
    return [
        Finding(f"command:{name}", "error", text)
        for name, text in sorted(commands.refused(own).items())
    ]


def check_collector(host: Host, now: datetime) -> Finding:
    """Tell whether links are being read: the newest reading is younger than three intervals."""
    with host.engine.connect() as connection:
        polled = connection.scalar(
            sa.select(sa.func.count(Link.id))
            .join(Device, Device.id == Link.device_id)
            .where(Device.polled, Device.closed.is_(None), Link.closed.is_(None))
        )
    if not polled:
        return Finding("collector", "ok", _("Aucune liaison à mesurer pour l'instant."))
    read = host.metrics.freshness()
    newest = max(read.values(), default=0)
    age = int(now.timestamp()) - newest
    if not newest:
        return Finding("collector", "warning", _("Aucune liaison n'a encore été mesurée."))
    if age > host.stale_after:
        return Finding("collector", "error", _("Dernière mesure il y a %(n)s s.", n=age))
    return Finding("collector", "ok", _("Dernière mesure il y a %(n)s s.", n=age))


def check_processes(engine: sa.Engine, now: datetime) -> list[Finding]:
    """Tell what ``balise up`` last saw of its processes."""
    with engine.connect() as connection:
        rows = connection.execute(sa.select(ProcessState).order_by(ProcessState.name)).all()
    findings = []
    for row in rows:
        if row.pid is None:
            text = _("Arrêté (%(why)s)", why=row.last_exit or "?")
            findings.append(Finding(f"process:{row.name}", "error", text))
            continue
        text = _("En marche (pid %(pid)s)", pid=row.pid)
        if row.restarts:
            text += ngettext(", relancé %(n)s fois", ", relancé %(n)s fois", row.restarts)
        if row.last_exit:
            text += _(", dernier arrêt : %(why)s", why=row.last_exit)
        lost = (now - row.seen).total_seconds() > 60
        level = "error" if lost else "warning" if row.restarts else "ok"
        findings.append(Finding(f"process:{row.name}", level, text))
    return findings


def check_imports(host: Host) -> list[Finding]:
    """Tell which watched folders cannot serve."""
    found = []
    for folder in host.config.imports.folders:
        place = host.config.path.parent / folder.path
        subject = f"import {folder.path.name}"
        if folder.dataset not in host.registry.datasets():
            said = _("Le jeu de données « %(name)s » n’existe pas.", name=folder.dataset)
        elif not place.is_dir():
            said = _("Le dossier %(path)s n’existe pas.", path=place)
        elif not os.access(place, os.R_OK | os.W_OK | os.X_OK):
            said = _("Le dossier %(path)s ne se lit pas, ou ne s’écrit pas.", path=place)
        else:
            continue
        found.append(Finding(subject, "error", said))
    return found


def findings(host: Host, now: datetime) -> list[Finding]:
    """Return everything there is to say."""
    return examine(host, now)[0]


def examine(host: Host, now: datetime) -> tuple[list[Finding], Sequence[RubricState]]:
    """Return everything there is to say, and how each rubric fares."""
    database = examine_database(host.engine)
    sound = database.level == "ok"
    states = rubric_states(host.registry, host.engine if sound else None, now)
    found = [
        database,
        *check_packages(),
        *check_rubrics(host.registry, states),
        *check_disabled(host.registry, host.config.rubrics.disabled),
        *check_imports(host),
    ]
    if sound:
        found += [
            *check_schemas(host),
            *check_orphans(host),
            check_collector(host, now),
            *check_processes(host.engine, now),
        ]
    return found, states
