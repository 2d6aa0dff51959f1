"""What a rubric is made of, and how it stands beside others: six of the checks of the contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from core import migrate, web
from core.access import Permission
from core.answering import ANSWERS
from core.db import Base
from core.hookspecs import hookimpl
from core.host import Host
from core.registry import Found, Registry
from core.rubric import Rubric
from core.testing import texts as words
from core.testing.context import context_of
from core.testing.fixtures import PAGE, sign_in
from core.testing.laws import offences, strangers
from core.testing.replay import concrete
from core.testing.subject import OWNER, STAFF, Subject, given

NEIGHBOUR = "failing-neighbour"
NOT_RUBRICS = ("tests", "migrations", "conftest.py")


def loads_alone(subject: Subject) -> list[str]:
    """It needs no other rubric: it loads first, and its tables name the host's and its own."""
    found = [*_alone(subject)]
    own = {model.__table__.name for model in _models(subject)}
    for model in _models(subject):
        for key in model.__table__.foreign_keys:
            target = key.target_fullname.partition(".")[0]
            if target not in own and not _of_the_host(target):
                found.append(f"{model.__name__}: names a table of another rubric, {target!r}")
    return found


def _alone(subject: Subject) -> Iterator[str]:
    registry = Registry([subject.host.registry.loaded[subject.id][0]])
    if subject.id not in registry.rubrics:
        yield f"does not load alone: {[one.error for one in registry.failures]}"
        return
    origin, loaded = registry.loaded[subject.id]
    first = subject.host.registry.loaded[subject.id][1]
    if effects := [*loaded.effects, *first.effects]:
        yield f"its import touches what is not its own: {', '.join(effects)}"
    drawn = (Path(web.__file__).parent / "assets" / "30-icons.css").read_text()
    if f"\n.i-{subject.rubric.icon} " not in drawn:
        yield f"its icon {subject.rubric.icon!r} is none of assets/30-icons.css"
    if origin.id and origin.id != subject.id:
        yield f"its id {subject.id!r} is not the name of its folder, {origin.id!r}"


def _models(subject: Subject) -> list[Any]:
    return sorted(
        (
            mapper.class_
            for mapper in Base.registry.mappers
            if f"{mapper.class_.__module__}.".startswith(f"{subject.package}.")
        ),
        key=lambda model: str(model.__name__),
    )


def _of_the_host(table: str) -> bool:
    return any(
        mapper.class_.__module__.startswith("core.")
        and getattr(mapper.local_table, "name", "") == table
        for mapper in Base.registry.mappers
    )


def texts(subject: Subject) -> list[str]:
    """Its labels say something, and each of its words is translated into every language."""
    rubric = subject.rubric
    labels = {"the rubric": rubric.label}
    labels |= {f"permission {one.key}": one.label for one in (rubric.read, *rubric.permissions)}
    labels |= {f"page {page.path}": page.title for page in rubric.pages}
    labels |= {f"data set {one.name}": one.label for one in rubric.datasets}
    found = [f"{what}: has no label" for what, label in labels.items() if not label.strip()]
    if rubric.locale is None:
        return [*found, "Rubric(locale=…) names no folder of translations"]
    found += words.faults(subject.folder, rubric.locale)
    known = words.sources(subject.folder)
    for what, label in labels.items():
        if label.strip() and label not in known and not words.of_the_host(label):
            found.append(f"{what}: « {label} » is not marked with N_()")
    return found


def laws(subject: Subject) -> list[str]:
    """It reaches rows, users and time through ``ctx``, and imports ``core.api`` alone."""
    found = []
    for path in sorted(subject.folder.rglob("*.py")):
        place = path.relative_to(subject.folder)
        if any(part in NOT_RUBRICS for part in place.parts):
            continue
        source = path.read_text(encoding="utf-8")
        said = [*offences(source), *strangers(source, subject.package)]
        found += [f"{place}: {one}" for one in said]
    return found


def migrations(subject: Subject) -> list[str]:
    """Its migrations make its models, from nothing, without those of other rubrics."""
    models = _models(subject)
    folder = subject.rubric.migrations
    if folder is None:
        return ["has models and Rubric(migrations=…) names no folder"] if models else []
    line = migrate.Line(subject.id, folder, f"{migrate.HOST.table}_{subject.id}")
    engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
    try:
        command.upgrade(migrate.config(migrate.HOST, engine), "heads")
        command.upgrade(migrate.config(line, engine), "heads")
        own = {model.__table__.name for model in models}
        with engine.connect() as connection:
            made = set(sa.inspect(connection).get_table_names())
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            return [
                f"its migrations and its models differ: {_short(one)}"
                for one in _flat(compare_metadata(context, Base.metadata))
                if _table(one) in own or (_table(one) in made and not _of_the_host(_table(one)))
                if _table(one) not in (migrate.HOST.table, line.table)
            ]
    except Exception as error:  # noqa: BLE001 - whatever a migration raises is what is told
        return [f"its migrations fail on an empty database: {type(error).__name__}: {error}"]
    finally:
        engine.dispose()


def _flat(differences: Any) -> Iterator[tuple[Any, ...]]:
    for one in differences:
        if isinstance(one, list):
            yield from one
        else:
            yield one


def _table(difference: tuple[Any, ...]) -> str:
    kind, *rest = difference
    if kind in ("add_table", "remove_table"):
        return str(rest[0].name)
    if kind.startswith(("modify_", "add_column", "remove_column")):
        return str(rest[1])
    table = getattr(rest[0], "table", None)
    return str(getattr(table, "name", ""))


def _short(difference: tuple[Any, ...]) -> str:
    """Return a difference in words: what the migrations make, or what the models have."""
    kind, *rest = difference
    what = kind.partition("_")[2] if isinstance(kind, str) else str(kind)
    thing = rest[-1]
    if isinstance(thing, sa.ForeignKeyConstraint | sa.UniqueConstraint | sa.Index):
        names = ", ".join(str(column.name) for column in thing.columns)
        thing = f"{thing.name} ({names}) of {getattr(thing.table, 'name', '')}"
    elif len(rest) > 1:
        thing = " ".join(str(part) for part in rest if part is not None and part != {})
    if str(kind).startswith("remove_"):
        return f"the migrations make {what} {thing}, which no model has"
    if str(kind).startswith("add_"):
        return f"the models have {what} {thing}, which no migration makes"
    return f"{kind} {thing}"


def failing_neighbour(subject: Subject) -> list[str]:
    """It answers the same beside a rubric all of whose hooks raise."""
    origin = subject.host.registry.loaded[subject.id][0]
    alone, beside = Registry([origin]), Registry([_neighbour(), origin])
    if subject.id not in beside.rubrics:
        return [f"does not load beside another: {[one.error for one in beside.failures]}"]
    found = []
    with context_of(subject.host, OWNER) as own:
        ctx = replace(own, granted=own.granted | {f"{NEIGHBOUR}:read"})
        for hook, arguments in subject.questions(ctx):
            said = [
                [id for id, _item in one.ask(hook, ctx, **arguments) if id == subject.id]
                for one in (alone, beside)
            ]
            if said[0] != said[1]:
                found.append(f"hook {hook}: answers otherwise beside a rubric that fails")
    return found


def _neighbour() -> Found:
    """Return a rubric that loads, and fails at whatever it is asked."""
    plugin = ModuleType("failing_neighbour")

    def fails(**_arguments: Any) -> Any:
        raise RuntimeError("a neighbour fails")

    def rubric() -> Rubric:
        return Rubric(NEIGHBOUR, "Voisine", read=Permission(f"{NEIGHBOUR}:read", "Lire"))

    setattr(plugin, "rubric", hookimpl(rubric))  # noqa: B010 - a module, for mypy
    found = Found("failing_neighbour", "core.testing", lambda: plugin, NEIGHBOUR)
    for hook in ANSWERS:
        names: dict[str, Any] = {"fails": fails}
        source = f"def {hook}({', '.join(['ctx', *given(hook)])}): fails()"
        exec(source, names)  # noqa: S102 - our own words: pluggy reads names of arguments
        setattr(plugin, hook, hookimpl(names[hook]))
    return found


def disabled(subject: Subject) -> list[str]:
    """Disabled it is not imported, the host goes on, and its addresses are no pages: only the
    operator's administrators are told why.
    """
    from core.web.app import create_app

    origin = subject.host.registry.loaded[subject.id][0]
    imported: list[str] = []

    def note() -> Any:
        imported.append(subject.id)
        return origin.load()

    with_id = Found(origin.name, origin.distribution, note, subject.id, origin.version)
    host = Host(subject.host.config)
    # Only the database is shared; what the host opens is its own.
    host.registry = Registry([with_id], disabled=[subject.id])
    try:
        app = create_app(host)
        clients = {who: sign_in(app, who) for who in (OWNER, STAFF)}
        found = ["is imported although it is disabled"] if imported else []
        for page in subject.rubric.pages:
            path = concrete(page.path, subject.arguments.parts)
            for who, expected in ((OWNER, 404), (STAFF, 200)):
                status = clients[who].get(path, headers=PAGE).status_code
                if status != expected:
                    found.append(f"page {page.path}: {who} gets {status} when it is disabled")
        return found
    finally:
        host.engine.dispose()
