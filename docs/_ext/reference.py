"""The reference, generated from the code when the documentation is built.

A page asks for a part with a line such as « <!-- generated: hooks --> », or for a guide with
« <!-- guide: commandes fr --> ».
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa

ROOT = Path(__file__).parents[2]
ASKED = re.compile(r"^<!-- (generated|guide): ([\w -]+) -->$", re.MULTILINE)


def setup(app: Any) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("source-read", _fill)
    return {"parallel_read_safe": True}


def _fill(_app: Any, _name: str, source: list[str]) -> None:
    source[0] = ASKED.sub(_part, source[0])


def _part(asked: re.Match[str]) -> str:
    kind, words = asked.groups()
    return guide(*words.split()) if kind == "guide" else PARTS[words]()


def _docstring(thing: Any) -> str:
    """Return a docstring as Markdown: its ``code`` in one pair of backticks."""
    return re.sub(r"``(.+?)``", r"`\1`", inspect.getdoc(thing) or "", flags=re.DOTALL)


def _signature(function: Callable[..., Any]) -> str:
    """Return « (ctx: Context, links: Sequence[Link]) -> Sequence[Badge] », without ``self``."""
    text = re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(inspect.signature(function)))
    text = re.sub(r"<function [^>]*>|<factory>", "...", text)
    return re.sub(r"^\(self(, )?", "(", text)


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    told = [
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |"
        for line in lines
    ]
    return "\n".join(told) + "\n"


def _registry() -> Any:
    from core.config import Config
    from core.host import Host

    return Host(Config()).registry


def hooks() -> str:
    """Return every question of the host: what it is asked with, what it answers, when."""
    from core import hookspecs
    from core.registry import ANSWERS

    told = []
    for name, hook in vars(hookspecs).items():
        if hasattr(hook, "balise_spec"):
            answer = ANSWERS[name].__name__ if name in ANSWERS else "Rubric"
            told.append(
                f"## {name}\n\n```python\n{name}{_signature(hook)}\n```\n\n"
                f"{_docstring(hook)}\n\nAnswers: `{answer}`.\n"
            )
    return "\n".join(told)


def declarations() -> str:
    """Return every name of ``core.api``: classes with their fields, then functions and values."""
    from core import api

    names = sorted(api.__all__, key=str.casefold)
    things = {name: getattr(api, name) for name in names}
    classes = [_class(name, one) for name, one in things.items() if isinstance(one, type)]
    functions = [_function(name, one) for name, one in things.items() if inspect.isroutine(one)]
    functions += [
        _function(f"{name}.{inner}", function)
        for name, one in things.items() if inspect.ismodule(one)
        for inner, function in vars(one).items()
        if inspect.isfunction(function) and function.__module__ == one.__name__
        if not inner.startswith("_")
    ]  # fmt: skip
    values = [
        f"`{name}`" for name, one in things.items()
        if not (isinstance(one, type) or inspect.isroutine(one) or inspect.ismodule(one))
    ]  # fmt: skip
    return "\n".join(
        ["## Classes\n", *classes, "## Functions\n", *functions, "## Values\n", ", ".join(values)]
    )


def _class(name: str, one: type) -> str:
    parts = [f"### {name}\n", _docstring(one) or "See the [glossary](../glossary.md).", ""]
    if issubclass(one, Enum):
        parts.append(", ".join(f"`{name}.{member.name}`" for member in one) + "\n")
    elif dataclasses.is_dataclass(one):
        rows = [[f"`{f.name}`", f"`{_type(f.type)}`", _default(f)] for f in _fields(one)]
        parts.append(_table(["field", "type", "default"], rows) if rows else "")
    elif (model := sa.inspect(one, raiseerr=False)) is not None:
        columns = [[f"`{c.key}`", f"`{c.type!r}`", "yes" if c.nullable else "no"]
                   for c in model.columns]  # fmt: skip
        parts.append(_table(["column", "type", "may be empty"], columns))
    for method, function in vars(one).items():
        if inspect.isfunction(function) and not method.startswith("_"):
            told = _indented(_docstring(function))
            parts.append(f"`{name}.{method}{_signature(function)}`\n: {told}\n")
    return "\n".join(parts)


def _fields(one: Any) -> Iterator[dataclasses.Field[Any]]:
    yield from (f for f in dataclasses.fields(one) if not f.name.startswith("_"))


def _type(kind: Any) -> str:
    return kind if isinstance(kind, str) else getattr(kind, "__name__", str(kind))


def _default(field: dataclasses.Field[Any]) -> str:
    if field.default is not dataclasses.MISSING:
        return "a function" if inspect.isroutine(field.default) else f"`{field.default!r}`"
    return "an empty one" if field.default_factory is not dataclasses.MISSING else "required"


def _function(name: str, one: Callable[..., Any]) -> str:
    return f"### {name}\n\n```python\n{name}{_signature(one)}\n```\n\n{_docstring(one)}\n"


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")


def settings() -> str:
    """Return every setting of ``config.yaml``: its sentence, default and variable."""
    told: list[str] = []
    section, sentence = "", ""
    comment: list[str] = []
    for line in (ROOT / "config.yaml").read_text().splitlines():
        text = line.strip()
        if text.startswith("#"):
            comment.append(text.lstrip("# "))
        elif found := re.match(r"(  )?([a-z_]+):(.*)", line):
            inside, name, value = found.groups()
            sentence = " ".join(comment) or sentence  # a pair of settings shares one
            variable = f"BALISE_{section}_{name}" if inside else f"BALISE_{name}"
            default = f"`{value.strip() or '[…]'}`"
            if not inside:
                section = name
                told.append(f"## {name}\n")
            if inside or value.strip():
                told.append(f"`{name}`: {default}, `{variable.upper()}`\n: {sentence}\n")
            comment = []
        elif not text:
            comment = []
    return "\n".join(told)


def permissions() -> str:
    """Return every permission, in both languages, the host's own first."""
    from core import i18n
    from core.access import IMPORTS
    from core.web import router

    own = (router.HOME, router.HEALTH, router.WALLS, IMPORTS)
    registry = _registry()
    groups = {"The host’s own": own} | {
        i18n._(rubric.label): (rubric.read, *rubric.permissions)
        for rubric in registry.rubrics.values()
    }
    told = []
    for label, found in groups.items():
        rows = []
        for permission in found:
            with i18n.speaking("en"):
                english = i18n._(permission.label)
            who = "administrators" if permission.admin else "anybody it is granted to"
            who = "the operator’s staff" if permission.staff else who
            if permission in own:
                who = "everybody" if permission is router.HOME else "the operator’s administrators"
            rows.append([f"`{permission.key}`", permission.label, english, who])
        told.append(f"## {label}\n\n{_table(['permission', 'label', 'in English', 'for'], rows)}")
    return "\n".join(told)


def commands() -> str:
    """Return every command with its options, as ``--help`` tells them."""
    from core.cli import main

    return "\n".join(_command(main, "balise", None))


def _command(command: click.Command, path: str, parent: click.Context | None) -> Iterator[str]:
    ctx = click.Context(command, info_name=path.rsplit(" ", 1)[-1], parent=parent)
    usage = " ".join(["balise" if not parent else path, *command.collect_usage_pieces(ctx)])
    yield f"## {path}\n\n```text\n{usage}\n```\n\n{inspect.cleandoc(command.help or '')}\n"
    options = (option for option in command.params if isinstance(option, click.Option))
    records = (option.get_help_record(ctx) for option in options)
    rows = [[f"`{record[0]}`", record[1]] for record in records if record]
    if rows:
        yield _table(["option", "what it does"], rows)
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            if (inner := command.get_command(ctx, name)) and not inner.hidden:
                yield from _command(inner, f"{path} {name}", ctx)


def guide(id: str, language: str) -> str:
    """Return a guide of the portal, a level lower, without its links: they lead into the portal."""
    from core.web.guides import guides

    text = guides(_registry())[id].text(language) or ""
    text = re.sub(r"\[([^]]*)\]\(/[^)]*\)", r"\1", text)
    return re.sub(r"^(#+) ", r"#\1 ", text, flags=re.MULTILINE)


PARTS: dict[str, Callable[[], str]] = {
    "hooks": hooks,
    "declarations": declarations,
    "settings": settings,
    "permissions": permissions,
    "commands": commands,
}
