"""The door: every request is decided here, before Dash sees it.

Absent from the table of rules means refused; nobody is told more than « not you ».
"""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn
from urllib.parse import parse_qsl, quote, urlsplit

import structlog
from flask import Flask, abort, g, redirect, request
from werkzeug.wrappers import Response

from core import acting as acted
from core import audit, clock, i18n, sessions
from core.access import Permission, Scope, opened
from core.db import Db
from core.host import Host
from core.journal import EVERYBODY
from core.people.model import Actor
from core.rubric import Context, Person
from core.web import bodies, preview
from core.web.places import place
from core.web.router import HEALTH, HOME, Pages, Refused
from core.web.signing import cookie_name

log = structlog.get_logger("balise.door")

CALLBACKS = "/_dash-update-component"
CATCH_ALL = {"/", "/<path:path>"}
SIGNED_IN = {"/_dash-layout", "/_dash-dependencies", *CATCH_ALL}
PREVIEWED = {"/_dash-layout", "/_dash-dependencies", CALLBACKS, *CATCH_ALL}
"""What a preview shows: pages, and no file, no form, no sign-in."""
SAFE = {"GET", "HEAD", "OPTIONS"}


class Rules:
    """What may be asked: endpoints open to all, the permission behind callbacks and files."""

    def __init__(self) -> None:
        self.public: set[str] = {
            "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>",
            "_dash_assets.static",
            "/_favicon.ico",
        }
        self.guards: dict[str, Callable[[], Response | None]] = {}
        """Endpoints that another key than a session opens: a guard refuses, or sets ``g.ctx``."""
        self.callbacks: dict[str, Permission] = {}
        self.owners: dict[str, str] = {}
        """The rubric of a callback, by output; those of the host have none."""
        self.downloads: dict[str, Permission] = {}
        self.uploads: dict[str, Permission] = {}
        self.rows: set[str] = set()
        """Endpoints for whoever signed in, that decide by the row which their address names."""
        self.personal: set[str] = set()
        """Those of ``rows`` that change one's own account: not while one acts for a customer."""
        self.shapes: dict[str, bodies.Shape] = {}


def install(server: Flask, host: Host, rules: Rules, pages: Pages) -> None:
    """Put the door in front of ``server``; must be called before Dash takes it."""

    @server.before_request
    def decide() -> Response | None:
        g.reference = secrets.token_hex(4)
        g.now = clock.now()
        i18n.speak(request.cookies.get("langue") or host.config.display.language)
        if request.method not in SAFE and not _same_site(host):
            _refuse(host, None, "cross-site")
        shown = preview.asked()
        if shown and request.endpoint is not None and request.endpoint not in PREVIEWED:
            abort(403)
        # Without an endpoint there is nothing behind: Flask answers 404 or 405 by itself.
        if request.endpoint is None or request.endpoint in rules.public:
            return None
        if guard := rules.guards.get(request.endpoint):
            return guard()
        token = request.cookies.get(cookie_name(host.config))
        person = sessions.who(host.engine, token, host.limits, g.now) if token else None
        if person is None:
            return _ask_to_sign_in()
        if person.language and "langue" not in request.cookies:
            i18n.speak(person.language)
        g.person = person
        if shown:
            return _preview(host, rules, pages, person, shown)
        g.granted = _granted(host, person) | pages.host_grants(person)
        _decide(host, rules, pages, person)
        user = Person(person.account_id, person.email, person.name)
        g.ctx = context(
            host, user, g.granted, person.timezone, partial(pages.leads, granted=g.granted), person
        )
        return None

    @server.teardown_request
    def close(_: BaseException | None) -> None:
        i18n.speak(i18n.SOURCE)  # the thread goes on to somebody else
        if "ctx" in g:
            g.ctx.db.close()
            host.registry.answering.faults.keep(host.engine, g.now)


def _journal_of(person: sessions.SignedIn | None) -> int | None:
    """Return whose lines of the audit log may be read: a customer's, or ``EVERYBODY``'s."""
    if person is None:
        return None
    return EVERYBODY if person.customer_id is None else person.customer_id


def _actor(person: sessions.SignedIn | None) -> Actor | None:
    """Return a person as an administrator of users, None when it is none."""
    if person is None or not person.admin:
        return None
    scope = Scope(person.account_id, person.acting.customer_id if person.acting else None)
    return Actor(
        person.account_id, person.email, person.customer_id, g.granted, scope,
        request.remote_addr, g.reference, acting=person.acting is not None,
    )  # fmt: skip


def _preview(
    host: Host, rules: Rules, pages: Pages, person: sessions.SignedIn, token: str
) -> Response | None:
    """Answer as the user of a preview would be answered, on connections that cannot write."""
    found = preview.find(host, person, token, g.now)
    if found is None:
        abort(404)
    known, staff = host.registry.permissions().values(), found.customer_id is None
    theirs = opened(found.granted, known, admin=found.admin, staff=staff)
    g.granted = theirs & _granted(host, person) | {HOME.key}
    _decide(host, rules, pages, person)
    user = Person(found.account_id, found.name, found.name)
    leads = partial(pages.leads, granted=g.granted)
    g.ctx = context(host.reader, user, g.granted, found.timezone, leads)
    return None


def _granted(host: Host, person: sessions.SignedIn) -> frozenset[str]:
    """Return what the grants of a person open: of whoever acts for a customer, all that it has."""
    known, staff = host.registry.permissions(), person.customer_id is None
    granted = acted.rights(known, person.off) if person.acting else person.granted
    return opened(granted, known.values(), admin=person.admin, staff=staff)


def _decide(host: Host, rules: Rules, pages: Pages, person: sessions.SignedIn) -> None:
    """Refuse what this person may not ask for: 403, 404 for a page that does not exist."""
    if person.acting is not None and request.endpoint in rules.personal:
        _refuse(host, person, "own account")
    if request.endpoint == CALLBACKS:
        _decide_callback(host, rules, person)
    elif request.endpoint in CATCH_ALL:
        try:
            if pages.find(request.path, g.granted) is None and not _told(host):
                abort(404)
        except Refused:
            _refuse(host, person, "page")
    elif request.endpoint in rules.downloads:
        if rules.downloads[request.endpoint].key not in g.granted:
            _refuse(host, person, "download")
    elif request.endpoint in rules.uploads:
        if rules.uploads[request.endpoint].key not in g.granted:
            _refuse(host, person, "upload")
    elif request.endpoint not in SIGNED_IN | rules.rows:
        _refuse(host, person, "endpoint")


def _told(host: Host) -> bool:
    """Tell whether an address that leads nowhere is that of a rubric which is not in service, and
    who asks may know why.
    """
    return HEALTH.key in g.granted and host.registry.absent(request.path) is not None


def _decide_callback(host: Host, rules: Rules, person: sessions.SignedIn) -> None:
    try:
        body = request.get_json(silent=True)
    except RecursionError:  # brackets within brackets, by the thousand
        abort(400)
    if not isinstance(body, dict) or not isinstance(output := body.get("output"), str):
        abort(400)
    permission = rules.callbacks.get(output)
    if permission is None or permission.key not in g.granted:
        _refuse(host, person, "callback")
    if not rules.shapes[output].fits(body) or bodies.has_broken_text(request.get_data()):
        abort(400)


def _same_site(host: Host) -> bool:
    """Tell whether an unsafe request comes from our own pages (Fetch Metadata, else Origin)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    public = urlsplit(host.config.web.public_url)
    return origin in (request.host_url.rstrip("/"), f"{public.scheme}://{public.netloc}")


def _ask_to_sign_in() -> Response:
    """Send a browser that asks for a page to the sign-in page; anything else gets 401."""
    wants_page = request.method == "GET" and "text/html" in request.headers.get("Accept", "")
    if request.endpoint in CATCH_ALL and wants_page:
        path = request.full_path.rstrip("?")
        # Dash's own addresses are not pages to come back to.
        back = "" if path == "/" or path.startswith("/_dash") else f"?next={quote(path, safe='')}"
        return redirect(f"/connexion{back}")
    return abort(401)


def _refuse(host: Host, person: sessions.SignedIn | None, what: str) -> NoReturn:
    actor = person.email if person else "nobody"
    log.warning("refused", what=what, actor=actor, path=place(), reference=g.reference)
    if person:
        audit.write(
            host.engine,
            now=g.now,
            actor=actor,
            action="refused",
            target=place(),
            address=request.remote_addr,
            reference=g.reference,
            customer_id=person.customer_id,
            acting=person.acting is not None,
            what=what,
        )
    abort(403)


def context(
    host: Host, user: Person, granted: frozenset[str], timezone: str | None,
    leads: Callable[[str], bool] = lambda _path: False, person: sessions.SignedIn | None = None,
) -> Context:  # fmt: skip
    """Return the context of the request in hand, for a person who signed in, or for a wall, which
    leads nowhere, or a preview: both without a ``person``. ``timezone`` is that of the customer.
    """
    address, reference, now = request.remote_addr, g.reference, g.now
    acting = person.acting if person else None
    shown_in = person.own_timezone if person and not acting else None
    staff = person is not None and person.admin and person.customer_id is None
    theirs = clock.zone(timezone, host.config.display.timezone)
    customer_id = acting.customer_id if acting else None
    scope = Scope(user.id, customer_id)
    whose = {"customer_id": customer_id, "acting": True} if acting else {}
    db = Db(host.engine, scope)

    def note(action: str, target: str = "", **facts: Any) -> None:
        write = partial(
            audit.write,
            host.engine,
            now=now,
            actor=user.email,
            action=action,
            target=target,
            address=address,
            reference=reference,
            **{**whose, **facts},
        )
        db.when_kept(write)

    return Context(
        user=user,
        granted=granted,
        scope=scope,
        db=db,
        metrics=host.metrics,
        now=now,
        zone=clock.zone(shown_in, theirs.key),
        customer_zone=theirs,
        reference=reference,
        query=request.args.to_dict(),
        stale_after=host.stale_after,
        refresh_seconds=host.config.display.refresh_seconds,
        audit=note,
        inquire=host.registry.ask,
        journal=host.journal(_journal_of(person)),
        customers=host.customers(user.email, now, address, reference) if staff else None,
        jobs=host.desk(user.id, granted, now, customer_id),
        post=host.post(now, db),
        vault=lambda: host.vault,
        files=host.files,
        people=host.people(_actor(person), now),
        signed_in=person.since if person else None,
        acting=acting,
        kept=host.kept,
        leads=leads,
        settings=host.config.rubrics.settings,
        operator=host.config.operator.name,
        tiles=(host.config.map.tiles, host.config.map.attribution),
    )


def bound(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``function`` with the request's ``Context`` put first: what Dash calls."""

    def call(*values: Any) -> Any:
        try:
            return function(g.ctx, *values)
        except SystemExit as error:  # a callback ends its own answer, never the process
            raise RuntimeError("the callback called sys.exit()") from error

    return call


def with_query(ctx: Context, search: object) -> Context:
    """Return the context with the parameters of the page's address, as the browser tells them."""
    text = search.removeprefix("?") if isinstance(search, str) else ""
    return dataclasses.replace(ctx, query=dict(parse_qsl(text[:2000])))
