"""A rubric under test: in an application with two customers, asked as people of both."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from inspect import signature
from itertools import chain
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from dash.development.base_component import Component
from flask import Flask
from flask.testing import FlaskClient
from plotly.utils import PlotlyJSONEncoder

from core import hookspecs
from core.access import Permission
from core.answering import ANSWERS
from core.host import Host
from core.network.inventory import Link
from core.rubric import Context, Page, Rubric
from core.testing.context import context_of
from core.testing.fixtures import sign_in
from core.testing.replay import (
    A_LINK,
    Arguments,
    call,
    called,
    concrete,
    entries,
    ids_in,
    routed,
)
from core.testing.world import NOW

OWNER, OTHER, STAFF = "alice@a.example", "bob@b.example", "staff@operator.example"
NOBODY, WITHOUT, ONE_SITE, EMPTY = (
    "nobody", "norights@a.example", "onesite@a.example", "noscope@a.example",
)  # fmt: skip
ADMINS = {OWNER: "admin@a.example", OTHER: "admin@b.example"}
"""Who asks in their place for what comes with being an administrator."""


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: what was asked, the status, every word in it."""

    what: str
    status: int
    text: str
    reference: str = ""
    cost: int = 0
    """Statements that it took."""

    @property
    def failed(self) -> bool:
        """Whether it is an error, or shows one in its place."""
        shown = self.status == 200 and bool(self.reference)
        return self.status >= 500 or (shown and f'"{self.reference}"' in self.text)


@dataclass
class Subject:
    """A rubric in service in ``host`` and ``app``, and what it may be sent."""

    host: Host
    app: Flask
    id: str
    arguments: Arguments
    clients: dict[str, FlaskClient] = field(default_factory=dict)
    known: dict[tuple[str, ...], Sequence[Said]] = field(default_factory=dict)
    """What was asked before: the world does not change, its clock stands."""

    @cached_property
    def rubric(self) -> Rubric:
        found = self.host.registry.rubrics.get(self.id)
        why = [f.error for f in self.host.registry.failures if f.id == self.id]
        assert found is not None, f"{self.id!r} is not in service: {why or 'no such rubric'}"
        return found

    @property
    def plugin(self) -> Any:
        return self.host.registry.loaded[self.id][1].plugin

    @property
    def package(self) -> str:
        """The import package of the rubric."""
        name: str = self.plugin.__name__
        return name.rpartition(".")[0] or name

    @cached_property
    def folder(self) -> Path:
        return Path(str(sys.modules[self.plugin.__name__].__file__)).parent

    def client(self, email: str) -> FlaskClient:
        """Return a browser of somebody: signed in once, « nobody » never."""
        if email not in self.clients:
            nobody = email == NOBODY
            self.clients[email] = self.app.test_client() if nobody else sign_in(self.app, email)
        return self.clients[email]

    @cached_property
    def values(self) -> Mapping[str, Any]:
        """What inputs and states may hold: those of the rubric, and the address of its pages."""
        paths = [*self.arguments.paths, *(concrete(p.path, self._open) for p in self.rubric.pages)]
        address = {
            "host-url.pathname": [*dict.fromkeys(paths), "/"],
            "host-url.search": [*self.arguments.searches, ""],
        }
        return address | dict(self.arguments.values)

    @property
    def _open(self) -> Mapping[str, str]:
        return {name: value.replace(A_LINK, "@") for name, value in self.arguments.parts.items()}

    def asker(self, email: str, permission: Permission) -> FlaskClient:
        """Return a browser of somebody, or of the administrator of the same customer."""
        return self.client(ADMINS.get(email, email) if permission.admin else email)

    def callbacks(self) -> Iterator[tuple[str, Permission]]:
        """Yield the rubric's callbacks: (output, permission)."""
        rules, _pages, _dash = self.app.extensions["balise"]
        for output, owner in rules.owners.items():
            if owner == self.id:
                yield output, rules.callbacks[output]

    def called(
        self, email: str, output: str, reference: str = A_LINK, by: str | None = None
    ) -> Iterator[Said]:
        """Yield what a callback answers to each thing that it may be sent, to ``by`` as it is."""
        client = self.client(by) if by else self.asker(email, dict(self.callbacks())[output])
        for body in called(entries(self.app)[output], output, self.values, reference):
            sent = json.dumps([body["inputs"], body["state"]], ensure_ascii=False)
            reply = call(client, body)
            yield Said(f"callback {output} {sent}", reply.status_code, reply.text)

    def shown(self, email: str, page: Page, reference: str = A_LINK) -> Iterator[Said]:
        """Yield what a page shows at each address that it may have."""
        path = concrete(page.path, self.arguments.parts, reference)
        for search in dict.fromkeys(("", *self.arguments.searches)):
            asked = search.replace("@", reference)
            reply = routed(self.asker(email, page.permission), path, asked)
            said = f"page {page.path}{search}"
            yield Said(said, reply.status_code, reply.text, reply.headers.get("X-Request-Id", ""))

    @contextmanager
    def context(self, email: str) -> Iterator[Context]:
        """Give what a request of somebody has who was granted what accounts of the world are."""
        with context_of(self.host, email) as ctx:
            yield ctx if email != WITHOUT else replace(ctx, granted=frozenset())

    def answers(self, email: str, now: Any = NOW) -> Iterator[Said]:
        """Yield what the rubric's hooks answer somebody, as text, each asked once."""
        with self.context(email) as own:
            ctx = replace(own, now=now)
            for hook, arguments in self.questions(ctx):
                failed: list[str] = []
                own_id = [self.id] if ctx.may(self.rubric.read) else []
                answering = self.host.registry.answering
                found = [item for _id, item in answering.ask(own_id, hook, ctx, arguments, failed)]
                if failed:
                    yield Said(f"hook {hook}", 500, "")
                for item in found:
                    name = getattr(item, "id", "") or getattr(item, "title", "")
                    yield Said(f"hook {hook}: {name}", 200, as_text(item))

    def ids_of_others(self, email: str) -> Iterator[str]:
        """Yield the ids in the cards and tabs that other rubrics answer somebody."""
        with self.context(email) as ctx:
            links = ctx.db.all(sa.select(Link).order_by(Link.id))
            asked: list[tuple[str, dict[str, Any]]] = [("home_cards", {})]
            asked += [("link_tabs", {"link": link}) for link in links]
            for hook, arguments in asked:
                for id, item in self.host.registry.ask(hook, ctx, **arguments):
                    if id != self.id:
                        yield from ids_in(json.loads(as_text(item)))

    def questions(self, ctx: Context) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield (hook, arguments) of what the rubric can be asked about the links of somebody."""
        links, now = ctx.db.all(sa.select(Link).order_by(Link.id)), ctx.now
        hooks = self.host.registry.answering.hooks.get(self.id, {})
        period = {"links": links, "start": now.replace(hour=0, minute=0), "end": now}
        for hook in ANSWERS:
            if hook not in hooks:
                continue
            asked = given(hook)
            for link in links if "link" in asked else [None]:
                yield hook, {name: (period | {"link": link})[name] for name in asked}

    def everything(self, email: str, reference: str = A_LINK) -> Sequence[Said]:
        """Return what pages, callbacks and files answer somebody, staff's left out."""
        return self._kept(
            ("everything", self.id, email, reference),
            lambda: chain(
                self.pages(email, reference),
                *(self.called(email, o, reference) for o, p in self.callbacks() if _for(email, p)),
                self.files(email, reference),
            ),
        )

    def pages(self, email: str, reference: str = A_LINK) -> Sequence[Said]:
        """Return what pages show somebody, staff's left out."""
        own = [page for page in self.rubric.pages if _for(email, page.permission)]
        return self._kept(
            ("pages", self.id, email, reference),
            lambda: chain(*(self.shown(email, page, reference) for page in own)),
        )

    def answered(self, email: str) -> Sequence[Said]:
        """Return what the rubric's hooks answer somebody."""
        return self._kept(("answers", self.id, email), lambda: self.answers(email))

    def _kept(self, key: tuple[str, ...], ask: Callable[[], Iterator[Said]]) -> Sequence[Said]:
        if key not in self.known:
            found, several = [], iter(ask())
            while True:
                with self._counted() as count:
                    said = next(several, None)
                if said is None:
                    break
                found.append(replace(said, cost=said.cost or count()))
            self.known[key] = found
        return self.known[key]

    def files(self, email: str, reference: str = A_LINK) -> Iterator[Said]:
        """Yield what the rubric's downloads hold."""
        from core.exports import KINDS
        from core.testing.files import text_inside

        for one in self.rubric.downloads:
            if not _for(email, one.permission):
                continue
            path = concrete(one.path, self.arguments.parts, reference)
            asked = ("", *(f"?{name}={reference}" for name in ("q", "service", "liaison", "link")))
            for kind in one.kinds or KINDS:
                for query in (*asked, *self.arguments.searches):
                    where = f"{path}.{kind}{query.replace('@', reference)}"
                    with self.asker(email, one.permission).get(where) as reply:
                        text = text_inside(reply.get_data())
                    yield Said(f"file {one.path}.{kind}{query}", reply.status_code, text)

    @contextmanager
    def _counted(self) -> Iterator[Callable[[], int]]:
        """Count the statements that the database runs in the block."""
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            seen.append(statement)

        sa.event.listen(self.host.engine, "before_cursor_execute", note)
        try:
            yield lambda: len(seen)
        finally:
            sa.event.remove(self.host.engine, "before_cursor_execute", note)


def _for(email: str, permission: Permission) -> bool:
    """Tell whether somebody is asked what this opens: not what only others may have."""
    return not permission.staff and (not permission.admin or email in ADMINS)


def given(hook: str) -> list[str]:
    """Return what a hook is asked about, besides ``ctx``: the names of its arguments."""
    return [name for name in signature(getattr(hookspecs, hook)).parameters if name != "ctx"]


def as_text(item: Any) -> str:
    """Return an answer of a hook as it is sent, what it draws later too."""
    parts: dict[str, Any] = {}
    for name in item.__dataclass_fields__:
        value = getattr(item, name)
        if callable(value) and not isinstance(value, Component):
            value = value()
        parts[name] = value
    text: str = PlotlyJSONEncoder().encode(plain(parts))
    return text


def plain(value: Any) -> Any:
    """Return values without what JSON does not know: data classes as tables, the rest as text."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, str | int | float | bool | Component) or value is None:
        return value
    if hasattr(value, "to_plotly_json"):
        return value
    return str(value)
